#include "sched/foresight.h"

#include <functional>

namespace dayu::sched {

std::uint32_t number_of(std::string_view name) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(name)) | 1U;
}

Likeness likeness_of(const JobSpec& spec) {
    const Variant* first = spec.variants.empty() ? nullptr : &spec.variants.front();
    const Resources& needs = first != nullptr ? *first : spec.resources;
    const std::int64_t nodes = first != nullptr ? first->nodes.value_or(spec.nodes) : spec.nodes;
    return {.kind = needs.chip.empty() ? 0 : number_of(needs.chip),
            .size = nodes * (needs.chips_milli > 0 ? needs.chips_milli : needs.cpus),
            .requested =
                first != nullptr ? first->time_limit.value_or(spec.time_limit) : spec.time_limit};
}

Duration Foresight::handicap(const Likeness& job, Time now) const {
    const Duration foreseen = times_.predict(job, order_.quantile, now);
    return {static_cast<std::int64_t>(static_cast<double>(foreseen.ms) * order_.patience)};
}

void Foresight::start(const Likeness& job, Time at) { times_.start(job, at); }

void Foresight::end(const Likeness& job, Time started, Time ended) {
    times_.end(job, started, ended);
}

void Foresight::forget(const Likeness& job, Time started) { times_.forget(job, started); }

}  // namespace dayu::sched
