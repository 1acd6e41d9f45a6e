#include "runtime/attempt_place.h"

namespace dayu::runtime {

Result<AttemptPlace> find_attempt(const Core& core, JobId job, std::int64_t wanted,
                                  const std::string& what) {
    const control::State& state = core.state();
    const auto place = [&](std::int64_t number, CenterId center) -> Result<AttemptPlace> {
        const control::CenterRow& row = state.centers.at(center);
        if (row.contact_lost) {
            return unavailable("center_unreachable", "there is no contact to centre \"" +
                                                         row.center.name + "\", where " + what +
                                                         " lies; try again");
        }
        const AttemptKey attempt{.job = job, .number = number};
        return AttemptPlace{attempt, make_token(state.header.cluster, attempt), row.center.name,
                            row.installation};
    };
    const control::AttemptRow* live = state.attempts.find(job);
    if (live != nullptr && (wanted == 0 || wanted == live->number)) {
        return place(live->number, live->center);
    }
    const auto attempts = TRY(core.store().attempts(job));
    for (auto attempt = attempts.rbegin(); attempt != attempts.rend(); ++attempt) {
        if (wanted == 0 || wanted == attempt->attempt.number) {
            return place(attempt->attempt.number, attempt->center);
        }
    }
    const std::string id = std::to_string(job.value);
    if (!control::was_accepted(state, job)) {
        return not_found("job_unknown", "there is no job " + id);
    }
    if (wanted == 0) return not_found("no_attempt_yet", "job " + id + " has not been placed yet");
    return not_found("attempt_unknown", "job " + id + " has no attempt " + std::to_string(wanted));
}

}  // namespace dayu::runtime
