#include "trainer.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "score.h"

namespace tang {
namespace {

constexpr float kMomentum = 0.9F, kVariance = 0.99F, kTiny = 1e-8F;
constexpr double kWarmup = 0.03;     // share of the steps in which the rate rises
constexpr double kSmoothing = 0.98;  // of the printed train bits

// Up in a line, then down along a half cosine to a hundredth.
double rate_at(double progress, double peak) {
    if (progress < kWarmup) return peak * progress / kWarmup;
    const double fallen = (progress - kWarmup) / (1 - kWarmup);
    return peak * (0.01 + 0.99 * (1 + std::cos(std::numbers::pi * fallen)) / 2);
}

}  // namespace

std::uint64_t TrainOptions::fingerprint(const Corpus& corpus) const {
    const double all[] = {double(epochs), double(batch), double(dim),   double(hidden), rate, decay,
                          averaging,      dropout.slot,  dropout.input, dropout.hidden};
    const std::uint64_t base = fnv1a(&corpus.fingerprint, sizeof corpus.fingerprint);
    return fnv1a(all, sizeof all, fnv1a(&seed, sizeof seed, base));
}

Trainer::Trainer(const Corpus& corpus, const TrainOptions& options)
    : corpus_(corpus),
      options_(options),
      shape_{corpus.vocabulary.size(), options.dim, options.hidden},
      background_(corpus.train, corpus.vocabulary) {
    for (const Poem& poem : corpus.train) {
        const std::vector<Example> more = examples_of(poem, corpus.vocabulary);
        examples_.insert(examples_.end(), more.begin(), more.end());
    }
}

TrainState Trainer::fresh() const {
    TrainState state;
    state.parameters = initial_parameters<float>(shape_, corpus_.train, options_.seed);
    state.momentum = state.variance = Vector<float>::Zero(state.parameters.size());
    state.mean = state.best = state.parameters;
    return state;
}

std::int64_t Trainer::steps_per_epoch() const {
    return (tokens() + options_.batch - 1) / options_.batch;
}

void Trainer::advance(TrainState& state) {
    const std::int64_t epoch = state.step / steps_per_epoch();
    const auto index = static_cast<std::uint64_t>(epoch);
    if (epoch != ordered_epoch_) {
        order_ =
            Random(options_.seed, Random::Purpose::shuffle, index).permutation(examples_.size());
        ordered_epoch_ = epoch;
    }
    Random random(options_.seed, Random::Purpose::step, static_cast<std::uint64_t>(state.step));
    const std::vector<Example> batch = batch_at(state.step);
    Vector<float> gradient;
    const double nats = loss_and_gradient(shape_, state.parameters, std::span(batch),
                                          options_.dropout, random, gradient);
    const double bits = nats / std::numbers::ln2;
    state.train_bits =
        state.step == 0 ? bits : kSmoothing * state.train_bits + (1 - kSmoothing) * bits;
    update(state, gradient);
    if (state.step % steps_per_epoch() == 0) evaluate(state);
}

std::vector<Example> Trainer::batch_at(std::int64_t step) const {
    const std::int64_t first = step % steps_per_epoch() * options_.batch;
    const std::int64_t last = std::min(first + options_.batch, tokens());
    std::vector<Example> batch;
    for (std::int64_t i = first; i < last; ++i) {
        batch.push_back(examples_[static_cast<std::size_t>(order_[static_cast<std::size_t>(i)])]);
    }
    return batch;
}

// Adam with decoupled weight decay, and the running mean of the weights that predicts.
void Trainer::update(TrainState& state, const Vector<float>& gradient) const {
    const auto step = static_cast<double>(++state.step);
    const double rate = rate_at(step / static_cast<double>(last_step()), options_.rate);
    const auto unbias_momentum = static_cast<float>(1 / (1 - std::pow(kMomentum, step)));
    const auto unbias_variance = static_cast<float>(1 / (1 - std::pow(kVariance, step)));
    const auto shrink = static_cast<float>(1 - rate * options_.decay);
    const auto move = static_cast<float>(rate);

    state.momentum = kMomentum * state.momentum + (1 - kMomentum) * gradient;
    state.variance.array() =
        kVariance * state.variance.array() + (1 - kVariance) * gradient.array().square();
    // The output bias holds how often characters occur; to shrink it would be to forget that.
    state.parameters.head(state.parameters.size() - shape_.vocabulary) *= shrink;
    state.parameters.array() -= move * unbias_momentum * state.momentum.array() /
                                ((unbias_variance * state.variance.array()).sqrt() + kTiny);
    const auto keep = static_cast<float>(std::min(options_.averaging, step / (step + 10)));
    state.mean = keep * state.mean + (1 - keep) * state.parameters;
}

void Trainer::evaluate(TrainState& state) const {
    std::vector<std::vector<Guess>> dev;
    std::vector<Guess> all;
    for (const Poem& poem : corpus_.dev) {
        dev.push_back(guess(state.mean, poem));
        all.insert(all.end(), dev.back().begin(), dev.back().end());
    }
    const Mixture mixture = fit_mixture(all);
    auto next = dev.begin();
    const auto mix = [&](const Poem&) { return mixture(*next++); };
    state.dev_bits = mean_bits(score(corpus_.dev, corpus_.vocabulary, mix)).every;
    if (state.best_dev_bits == 0 || state.dev_bits < state.best_dev_bits) {
        state.best_dev_bits = state.dev_bits;
        state.best = state.mean;
        state.mixture = mixture;
    }
}

double Trainer::han_mass(const Matrix<float>& log_p, Eigen::Index row) const {
    double mass = 0;
    for (int token = 0; token < shape_.vocabulary; ++token) {
        if (corpus_.vocabulary.is_han(token)) mass += std::exp(log_p(row, token));
    }
    return mass;
}

std::vector<Guess> Trainer::guess(const Vector<float>& parameters, const Poem& poem) const {
    const std::vector<Example> examples = examples_of(poem, corpus_.vocabulary);
    const Matrix<float> log_p = log_probabilities(shape_, parameters, std::span(examples));
    std::vector<Guess> guesses;
    for (Eigen::Index at = 0; at < log_p.rows(); ++at) {
        const int token = examples[static_cast<std::size_t>(at)].target;
        guesses.push_back(
            background_.guess(std::exp(log_p(at, token)), han_mass(log_p, at), token));
    }
    return guesses;
}

std::vector<double> Trainer::predict(const TrainState& state, const Poem& poem) const {
    return state.mixture(guess(state.best, poem));
}

std::vector<double> Trainer::predict_next(const TrainState& state, const Poem& poem) const {
    const Example next{features_at(poem, poem.size(), corpus_.vocabulary), kEnd};
    const Matrix<float> log_p = log_probabilities(shape_, state.best, std::span(&next, 1));
    const double han = han_mass(log_p, 0);
    std::vector<Guess> guesses;
    for (int token = 0; token < shape_.vocabulary; ++token) {
        guesses.push_back(background_.guess(std::exp(log_p(0, token)), han, token));
    }
    return state.mixture(guesses);
}

}  // namespace tang
