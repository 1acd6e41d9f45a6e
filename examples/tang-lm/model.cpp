#include "model.h"

#include <cmath>

namespace tang {
namespace {

template <class T>
struct Activations {
    Matrix<T> input_mask, hidden_mask;
    Matrix<T> x, h, z, log_p;
};

// Kept values are scaled up so that the expected sum stays; no dropout gives a mask of ones.
template <class T>
Matrix<T> mask(Eigen::Index rows, Eigen::Index cols, double dropped, Random& random) {
    if (dropped == 0) return Matrix<T>::Ones(rows, cols);
    const T kept = static_cast<T>(1 / (1 - dropped));
    return Matrix<T>::NullaryExpr(rows, cols,
                                  [&] { return random.uniform() < dropped ? T{0} : kept; });
}

// Single values are dropped, and whole slots: the model must not lean on one of them.
template <class T>
Matrix<T> input_mask(const Shape& shape, Eigen::Index rows, Dropout dropout, Random& random) {
    Matrix<T> values = mask<T>(rows, shape.input(), dropout.input, random);
    const Matrix<T> slots = mask<T>(rows, kSlots, dropout.slot, random);
    for (int slot = 0; slot < kSlots; ++slot) {
        values.middleCols(slot * shape.dim, shape.dim).array().colwise() *= slots.col(slot).array();
    }
    return values;
}

template <class T>
void log_softmax_rows(Matrix<T>& logits) {
    for (Eigen::Index row = 0; row < logits.rows(); ++row) {
        auto line = logits.row(row).array();
        const T highest = line.maxCoeff();
        line -= highest + std::log((line - highest).exp().sum());
    }
}

template <class T>
Activations<T> forward(const Shape& shape, const Vector<T>& parameters,
                       std::span<const Example> batch, Dropout dropout, Random random) {
    const Layers layers(parameters, shape);
    const auto rows = static_cast<Eigen::Index>(batch.size());
    Activations<T> a;
    a.x = Matrix<T>::Zero(rows, shape.input());
    for (Eigen::Index row = 0; row < rows; ++row) {
        for (const Feature& f : batch[static_cast<std::size_t>(row)].features) {
            a.x.row(row).segment(static_cast<int>(f.slot) * shape.dim, shape.dim) +=
                static_cast<T>(f.weight) * layers.embedding.row(f.row);
        }
    }
    a.input_mask = input_mask<T>(shape, rows, dropout, random);
    a.hidden_mask = mask<T>(rows, shape.hidden, dropout.hidden, random);
    a.x.array() *= a.input_mask.array();
    a.h.noalias() = a.x * layers.inward;
    a.h = (a.h.rowwise() + layers.hidden_bias.transpose()).array().tanh();
    a.z.noalias() = (a.h.array() * a.hidden_mask.array()).matrix() * layers.outward;
    a.log_p.noalias() = a.z * layers.embedding.topRows(shape.vocabulary).transpose();
    a.log_p.rowwise() += layers.output_bias.transpose();
    log_softmax_rows(a.log_p);
    return a;
}

template <class T>
void backward(const Shape& shape, const Vector<T>& parameters, std::span<const Example> batch,
              const Activations<T>& a, Vector<T>& gradient) {
    const Layers layers(parameters, shape);
    const auto characters = layers.embedding.topRows(shape.vocabulary);
    gradient.setZero(parameters.size());
    Layers into(gradient, shape);

    Matrix<T> d_logits = a.log_p.array().exp();
    for (std::size_t row = 0; row < batch.size(); ++row) {
        d_logits(static_cast<Eigen::Index>(row), batch[row].target) -= 1;
    }
    d_logits /= static_cast<T>(batch.size());
    into.output_bias = d_logits.colwise().sum().transpose();
    into.embedding.topRows(shape.vocabulary).noalias() += d_logits.transpose() * a.z;

    const Matrix<T> d_z = d_logits * characters;
    const Matrix<T> dropped_h = a.h.array() * a.hidden_mask.array();
    into.outward.noalias() += dropped_h.transpose() * d_z;
    Matrix<T> d_h = d_z * layers.outward.transpose();
    d_h.array() *= a.hidden_mask.array() * (1 - a.h.array().square());
    into.hidden_bias = d_h.colwise().sum().transpose();
    into.inward.noalias() += a.x.transpose() * d_h;

    Matrix<T> d_x = d_h * layers.inward.transpose();
    d_x.array() *= a.input_mask.array();
    for (std::size_t row = 0; row < batch.size(); ++row) {
        for (const Feature& f : batch[row].features) {
            into.embedding.row(f.row) +=
                static_cast<T>(f.weight) *
                d_x.row(static_cast<Eigen::Index>(row))
                    .segment(static_cast<int>(f.slot) * shape.dim, shape.dim);
        }
    }
}

}  // namespace

template <class T>
Vector<T> initial_parameters(const Shape& shape, const std::vector<Poem>& training,
                             std::uint64_t seed) {
    Random random(seed, Random::Purpose::init);
    Vector<T> parameters = Vector<T>::Zero(shape.parameters());
    Layers layers(parameters, shape);
    const auto fill = [&](auto& layer, double scale) {
        layer =
            layer.unaryExpr([&](T) { return static_cast<T>(scale * (random.uniform() * 2 - 1)); });
    };
    fill(layers.embedding, std::sqrt(1.0 / shape.dim));
    fill(layers.inward, std::sqrt(3.0 / static_cast<double>(shape.input())));
    fill(layers.outward, 0.1 * std::sqrt(3.0 / shape.hidden));
    // Starting from how often each character occurs leaves only the context to be learned.
    Vector<T> counts = Vector<T>::Constant(shape.vocabulary, T{0.5});
    for (const Poem& poem : training) {
        for (int token : poem) counts[token] += 1;
    }
    layers.output_bias = (counts / counts.sum()).array().log();
    return parameters;
}

template <class T>
T loss_and_gradient(const Shape& shape, const Vector<T>& parameters, std::span<const Example> batch,
                    Dropout dropout, Random random, Vector<T>& gradient) {
    const Activations<T> a = forward(shape, parameters, batch, dropout, random);
    backward(shape, parameters, batch, a, gradient);
    T loss = 0;
    for (std::size_t row = 0; row < batch.size(); ++row) {
        loss -= a.log_p(static_cast<Eigen::Index>(row), batch[row].target);
    }
    return loss / static_cast<T>(batch.size());
}

template <class T>
Matrix<T> log_probabilities(const Shape& shape, const Vector<T>& parameters,
                            std::span<const Example> batch) {
    const Random unused(0, Random::Purpose::step);
    return forward(shape, parameters, batch, Dropout{}, unused).log_p;
}

#define TANG_INSTANTIATE(T)                                                                       \
    template Vector<T> initial_parameters(const Shape&, const std::vector<Poem>&, std::uint64_t); \
    template T loss_and_gradient(const Shape&, const Vector<T>&, std::span<const Example>,        \
                                 Dropout, Random, Vector<T>&);                                    \
    template Matrix<T> log_probabilities(const Shape&, const Vector<T>&, std::span<const Example>);
TANG_INSTANTIATE(float)
TANG_INSTANTIATE(double)
#undef TANG_INSTANTIATE

}  // namespace tang
