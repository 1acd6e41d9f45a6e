#include "control/waiting.h"

#include <algorithm>

#include <fmt/core.h>

namespace dayu::control {
namespace {

constexpr std::size_t most_named = 5;

Waiting on_others(const AwaitsRow& row) {
    std::string text = "waits for";
    const std::size_t named = std::min(row.unmet.size(), most_named);
    for (std::size_t i = 0; i < named; ++i) {
        const Awaited& awaited = row.unmet[i];
        text += fmt::format("{} {} of {} {}", i == 0 ? "" : " and", to_string(awaited.on),
                            awaited.whole_array ? "all of array" : "job", awaited.job.value);
    }
    if (named < row.unmet.size()) text += fmt::format(" and {} others", row.unmet.size() - named);
    return {.reason = Reason::dependency, .text = std::move(text)};
}

Waiting for_slot(const State& state, const JobRow& job) {
    return {.reason = Reason::array_task_limit,
            .text = fmt::format("waits: at most {} tasks of array {} run at the same time",
                                state.arrays.at(job.array).at_most, job.array.value)};
}

}  // namespace

std::optional<Waiting> why_not_queued(const State& state, JobId id) {
    const JobRow* job = state.jobs.find(id);
    if (job == nullptr) return std::nullopt;
    if (job->state == JobState::held) {
        return Waiting{.reason = Reason::held,
                       .text = fmt::format("is held; `dayu release {}` lets it go", id.value)};
    }
    if (job->state != JobState::pending) return std::nullopt;
    if (const AwaitsRow* row = state.awaits.find(id)) return on_others(*row);
    if (job->awaits_slot) return for_slot(state, *job);
    return std::nullopt;
}

}  // namespace dayu::control
