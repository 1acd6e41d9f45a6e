#include "model/work.h"

#include <algorithm>
#include <cmath>

#include "model/check_fields.h"

namespace dayu {
namespace {

constexpr std::size_t max_model_bytes = 128;
constexpr std::int64_t max_config_entries = 1000;
constexpr Range tokens{1, 1'000'000'000'000'000};
constexpr Range sequence_tokens{1, 16'777'216};
constexpr Range batch_sequences{1, 1'000'000};
constexpr Range planned_chips{0, 1'000'000};

constexpr double ppm = 1e6;
constexpr double deviations_90 = 1.645;  // of a normal distribution, on either side
constexpr double attempts_before = 2;    // that a forecast weighs as

}  // namespace

// The mean and the variance of a normal distribution with a conjugate prior (Gelman et al., Bayesian Data Analysis, 3.3), which
// has the same weight for both.
StepCorrection correction_of(const StepRatios& ratios, double residual_90) {
    const double before = residual_90 / deviations_90;
    const auto attempts = static_cast<double>(ratios.attempts);
    const double weight = attempts + attempts_before;
    const double sum = static_cast<double>(ratios.sum_ppm) / ppm;
    const double squares = static_cast<double>(ratios.squares_ppm) / ppm;
    const double mean = sum / weight;
    const double scatter = attempts_before * before * before + squares - weight * mean * mean;
    const double variance = std::max(scatter, 0.0) / weight;
    const double half = deviations_90 * std::sqrt(variance / weight);
    return {.factor = std::exp(mean),
            .low = std::exp(mean - half),
            .high = std::exp(mean + half),
            .residual_90 = deviations_90 * std::sqrt(variance * (1 + 1 / weight))};
}

Result<void> validate(const Training& training) {
    if (training.model.empty() == training.config.empty()) {
        return invalid("value_malformed",
                       "model: names a known model (`name`), or has its config.json (`config`): "
                       "one of the two");
    }
    if (!training.model.empty()) TRY(check_label("model.name", training.model, max_model_bytes));
    TRY(check_range("model.config", std::ssize(training.config), {0, max_config_entries}));
    TRY(check_range("tokens", training.tokens, tokens));
    TRY(check_range("model.seq", training.sequence, sequence_tokens));
    TRY(check_range("model.gbs", training.global_batch, batch_sequences));
    return check_range("model.count", training.count, planned_chips);
}

}  // namespace dayu
