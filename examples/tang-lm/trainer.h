// Training as a pure sequence of steps: what a step does depends on the state and the options
// alone, so a run that is stopped, saved and resumed ends in the same bytes as one that is not.
#pragma once

#include <cstdint>
#include <vector>

#include "corpus.h"
#include "model.h"
#include "smoothing.h"

namespace tang {

struct TrainOptions {
    std::uint64_t seed = 1;
    int epochs = 24;
    int batch = 128;
    int dim = 96;
    int hidden = 192;
    double rate = 1e-3;
    double decay = 0.5;        // of the weights, a step, times the rate
    double averaging = 0.995;  // of the running mean that predicts
    Dropout dropout = {.slot = 0.4, .input = 0.4, .hidden = 0.4};

    // Of everything that a checkpoint must agree with.
    std::uint64_t fingerprint(const Corpus& corpus) const;
};

// All that a checkpoint holds. `step` is also the state of the random numbers, which are drawn from
// streams named by the step.
struct TrainState {
    std::int64_t step = 0;
    double seconds = 0;                            // of training, over all runs
    double train_bits = 0;                         // smoothed, a token
    double dev_bits = 0;                           // a character, at the last finished epoch
    double best_dev_bits = 0;                      // 0: none yet
    Vector<float> parameters, momentum, variance;  // of Adam
    Vector<float> mean;                            // of the parameters, over the last steps
    Vector<float> best;                            // the mean of the epoch that did best on dev
    Mixture mixture;                               // fitted with it
};

class Trainer {
   public:
    Trainer(const Corpus& corpus, const TrainOptions& options);

    TrainState fresh() const;
    // One batch; at an epoch's last one also the dev poems.
    void advance(TrainState& state);
    // Measures the mean parameters on dev and keeps them if they are the best so far.
    void evaluate(TrainState& state) const;

    std::int64_t steps_per_epoch() const;
    std::int64_t last_step() const { return options_.epochs * steps_per_epoch(); }
    std::int64_t tokens() const { return static_cast<std::int64_t>(examples_.size()); }

    // What each token of a poem gets, given those before it.
    std::vector<Guess> guess(const Vector<float>& parameters, const Poem& poem) const;
    // p of each token of a poem, by the best parameters and mixture.
    std::vector<double> predict(const TrainState& state, const Poem& poem) const;
    // p of every token after the given ones.
    std::vector<double> predict_next(const TrainState& state, const Poem& poem) const;

   private:
    std::vector<Example> batch_at(std::int64_t step) const;
    void update(TrainState& state, const Vector<float>& gradient) const;
    double han_mass(const Matrix<float>& log_p, Eigen::Index row) const;

    const Corpus& corpus_;
    TrainOptions options_;
    Shape shape_;
    Background background_;
    std::vector<Example> examples_;
    std::vector<int> order_;  // of the examples in the epoch `ordered_epoch_`
    std::int64_t ordered_epoch_ = -1;
};

}  // namespace tang
