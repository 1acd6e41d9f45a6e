// After a restore: which numbers the lost time may have given.
#include <algorithm>

#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

// More than any server accepts or places in that time. The fixed part is for clocks that are a little apart.
constexpr std::int64_t jobs_per_second = 10'000;
constexpr std::int64_t jobs_at_least = 1'000'000;
constexpr std::int64_t attempts_per_second = 10;  // of one job
constexpr std::int64_t attempts_at_least = 1'000;
constexpr Duration longest_loss = seconds(std::int64_t{100} * 366 * 24 * 3600);

}  // namespace

// The lost time reaches from the backup to now, for the server that was lost may have run until this moment. So does
// that of an earlier restore of the same backup: the later one skips what the earlier one has given.
Result<Events> note_restore(const State& state, const NoteRestore& command, Time now) {
    if (command.backup != state.header.last_seq) return Events{};
    const Duration lost = std::clamp(now - command.made, Duration{}, longest_loss);
    const std::int64_t lost_s = lost.ms / 1000 + 1;
    const auto jobs = static_cast<std::uint64_t>(jobs_at_least + jobs_per_second * lost_s);
    return Events{Restored{.backup = command.backup,
                           .hash = command.hash,
                           .made = command.made,
                           .jobs_through = {state.header.last_job.value + jobs},
                           .attempts_skipped = attempts_at_least + attempts_per_second * lost_s}};
}

std::string job_text(JobId job) { return "job " + std::to_string(job.value); }

Error no_such_job(const State& state, JobId job) {
    const std::string text = "there is no job " + std::to_string(job.value);
    if (job.value == 0 || job > state.header.last_job) return not_found("job_unknown", text);
    return not_found("job_unknown", text +
                                        " any more: a backup was restored that did not have it, if "
                                        "it ever was; submit it again");
}

}  // namespace dayu::control
