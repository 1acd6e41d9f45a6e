#include "sched/foresight.h"

#include <functional>

namespace dayu::sched {

std::uint32_t number_of(std::string_view name) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(name)) | 1U;
}

Likeness likeness_of(const JobSpec& spec) {
    const JobSpec asked = spec_of(spec, spec.variants.empty() ? VariantIndex() : 0);
    const Resources& needs = asked.resources;
    return {.kind = needs.chip.empty() ? 0 : number_of(needs.chip),
            .size = asked.nodes * (needs.chips_milli > 0 ? needs.chips_milli : needs.cpus),
            .requested = asked.time_limit};
}

Duration Foresight::handicap(const Likeness& job, Time now) const {
    const Duration foreseen = times_.predict(job, order_.quantile, now);
    return {static_cast<std::int64_t>(static_cast<double>(foreseen.ms) * order_.patience)};
}

void Foresight::start(const Likeness& job, Time at) { times_.start(job, at); }

void Foresight::end(const Likeness& job, Time started, Time ended, EndCause cause) {
    if (is_own_doing(cause)) {
        times_.end(job, started, ended);
    } else {
        times_.forget(job, started);
    }
}

void Foresight::forget(const Likeness& job, Time started) { times_.forget(job, started); }

}  // namespace dayu::sched
