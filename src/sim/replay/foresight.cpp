#include "sim/replay/foresight.h"

#include <algorithm>

namespace dayu::sim {

Duration Foresight::handicap(const TraceJob& job, const JobSpec& spec, Time now) const {
    const Duration foreseen = times_.predict(likeness(job, spec), order_.quantile, now);
    return {static_cast<std::int64_t>(static_cast<double>(foreseen.ms) * order_.patience)};
}

void Foresight::start(const TraceJob& job, const JobSpec& spec, Time at) {
    times_.start(likeness(job, spec), at);
}

void Foresight::end(const TraceJob& job, const JobSpec& spec, Time started, Time ended,
                    EndCause cause) {
    if (cause == EndCause::exited) {
        times_.end(likeness(job, spec), started, ended);
    } else {
        times_.forget(likeness(job, spec), started);
    }
}

sched::Likeness Foresight::likeness(const TraceJob& job, const JobSpec& spec) const {
    const Resources& needs = spec.resources;
    const auto chip = std::ranges::find(world_.chips, needs.chip, &Chip::name);
    return {.user = job.user,
            .project = job.project,
            .name = job.name,
            .kind = static_cast<std::uint32_t>(chip - world_.chips.begin()),
            .size = spec.nodes * (needs.chips_milli > 0 ? needs.chips_milli : needs.cpus),
            .requested = spec.time_limit};
}

}  // namespace dayu::sim
