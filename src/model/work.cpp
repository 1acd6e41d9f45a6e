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
constexpr Range rate_milli{1, 1'000'000'000, " requests in 1000 s"};
constexpr Range request_tokens{1, 10'000'000};
constexpr Range answer_tokens{2, 10'000'000};  // of one there is no time to the next
constexpr Range promised_us{0, 3'600'000'000, " us"};
constexpr Range quantile_milli{10, 999, " of 1000 requests"};

constexpr double ppm = 1e6;
constexpr double deviations_90 = 1.645;  // of a normal distribution, on either side
constexpr double attempts_before = 2;    // that a forecast weighs as

Result<void> validate(const WorkModel& model) {
    if (model.name.empty() == model.config.empty()) {
        return invalid("value_malformed",
                       "model: names a known model (`name`), or has its config.json (`config`): "
                       "one of the two");
    }
    if (!model.name.empty()) TRY(check_label("model.name", model.name, max_model_bytes));
    return check_range("model.config", std::ssize(model.config), {0, max_config_entries});
}

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
    TRY(validate(training.model));
    TRY(check_range("tokens", training.tokens, tokens));
    TRY(check_range("model.seq", training.sequence, sequence_tokens));
    TRY(check_range("model.gbs", training.global_batch, batch_sequences));
    return check_range("model.count", training.count, planned_chips);
}

Result<void> validate(const Serving& serving) {
    TRY(validate(serving.model));
    TRY(check_range("slo.rate", serving.rate_milli, rate_milli));
    TRY(check_range("slo.isl", serving.prompt, request_tokens));
    TRY(check_range("slo.osl", serving.answer, answer_tokens));
    TRY(check_range("slo.ttft_ms", serving.ttft_us, promised_us));
    TRY(check_range("slo.tpot_ms", serving.tpot_us, promised_us));
    return check_range("slo.quantile", serving.quantile_milli, quantile_milli);
}

}  // namespace dayu
