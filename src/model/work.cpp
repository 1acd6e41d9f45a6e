#include "model/work.h"

#include "model/check_fields.h"

namespace dayu {
namespace {

constexpr std::size_t max_model_bytes = 128;
constexpr std::int64_t max_config_entries = 1000;
constexpr Range tokens{1, 1'000'000'000'000'000};
constexpr Range sequence_tokens{1, 16'777'216};
constexpr Range batch_sequences{1, 1'000'000};
constexpr Range planned_chips{0, 1'000'000};

}  // namespace

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
