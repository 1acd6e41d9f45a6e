// The neural model: embeddings of what the context shows, one hidden layer, and an output that
// shares the embeddings of the characters.
//
//   x = concat over slots of sum(weight * E[row])      dropped out
//   h = tanh(W1 x + b1)                                dropped out
//   p = softmax(E[characters] (W2 h) + b2)
//
// All parameters are one flat vector, so that the optimiser, the running mean, the checkpoint and
// the numeric gradient check need not know the layers. T is float; the check uses double.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <Eigen/Core>

#include "context.h"
#include "random.h"

namespace tang {

template <class T>
using Vector = Eigen::Matrix<T, Eigen::Dynamic, 1>;
template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Shape {
    int vocabulary = 0;
    int dim = 0;
    int hidden = 0;

    Eigen::Index rows() const { return vocabulary + kPlaces; }
    Eigen::Index input() const { return Eigen::Index{kSlots} * dim; }
    Eigen::Index parameters() const {
        return rows() * dim + input() * hidden + hidden + hidden * dim + vocabulary;
    }
};

// Views of the layers within a flat vector: of the parameters, or of their gradient.
template <class Flat>
struct Layers {
    using Scalar = std::remove_const_t<typename Flat::Scalar>;
    template <class Dense>
    using Map = Eigen::Map<std::conditional_t<std::is_const_v<Flat>, const Dense, Dense>>;

    Map<Matrix<Scalar>> embedding, inward, outward;
    Map<Vector<Scalar>> hidden_bias, output_bias;

    Layers(Flat& flat, const Shape& s)
        : embedding(flat.data(), s.rows(), s.dim),
          inward(embedding.data() + embedding.size(), s.input(), s.hidden),
          outward(inward.data() + inward.size(), s.hidden, s.dim),
          hidden_bias(outward.data() + outward.size(), s.hidden),
          output_bias(hidden_bias.data() + s.hidden, s.vocabulary) {}
};

// The shares of what is dropped in training: whole slots, and single values; 0 when predicting.
struct Dropout {
    double slot = 0;
    double input = 0;
    double hidden = 0;
};

template <class T>
Vector<T> initial_parameters(const Shape& shape, const std::vector<Poem>& training,
                             std::uint64_t seed);

// The mean loss in nats of a batch and its gradient. Every draw comes from `random`.
template <class T>
T loss_and_gradient(const Shape& shape, const Vector<T>& parameters, std::span<const Example> batch,
                    Dropout dropout, Random random, Vector<T>& gradient);

// Natural logarithms of the probabilities: one row an example, one column a token.
template <class T>
Matrix<T> log_probabilities(const Shape& shape, const Vector<T>& parameters,
                            std::span<const Example> batch);

}  // namespace tang
