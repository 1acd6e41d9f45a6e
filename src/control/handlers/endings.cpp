// How attempts end, and what becomes of their jobs.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "control/charge.h"
#include "control/handlers/handlers.h"

namespace dayu::control {
namespace {

constexpr Duration longest_backoff = seconds(3600);
constexpr Duration platform_backoff = seconds(1);  // doubled likewise
// A job that no engine can even start is not placed for ever.
constexpr std::int64_t max_start_failures = 16;

bool is_past_deadline(const JobRow& job, Time now) {
    return job.deadline.ms != 0 && now >= job.deadline;
}

RanShare share_of(const Ending& ending, Duration limit) {
    if (ending.started.ms == 0) return {};
    return ran_share(ending.ended - ending.started, limit);
}

// What the attempt is billed. Prices may be any 64 bits; their sum over attempts stays within them too.
Money bill(const JobRow& job, const AttemptRow& attempt, const Ending& ending,
           const RanShare& share) {
    if (!is_billed(ending.cause)) return {};
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    return {std::min(share.of(attempt.price_at_most.micro_yuan), most - job.spent.micro_yuan)};
}

Duration backoff(Duration first, std::int64_t earlier) {
    const std::int64_t doublings = std::clamp<std::int64_t>(earlier, 0, 12);
    return std::min(Duration{first.ms << doublings}, longest_backoff);
}

bool wants_retry(const JobRow& job, const Retry& retry, const Ending& ending) {
    if (job.retries >= retry.max) return false;
    if (retry.on_exit.empty()) return true;
    return ending.signal == 0 &&
           std::ranges::find(retry.on_exit, ending.code) != retry.on_exit.end();
}

JobState state_after(const JobRow& job, const Ending& ending, Time now) {
    if (job.cancel_requested && !is_own_doing(ending.cause)) return JobState::cancelled;
    if (is_past_deadline(job, now) && !is_own_doing(ending.cause)) return JobState::deadline;
    switch (ending.cause) {
        case EndCause::exited:
            return ending.code == 0 && ending.signal == 0 ? JobState::completed : JobState::failed;
        case EndCause::time_limit: return JobState::timeout;
        case EndCause::oom: return JobState::out_of_memory;
        case EndCause::cancelled: return JobState::cancelled;
        case EndCause::deadline: return JobState::deadline;
        default: return JobState::failed;
    }
}

std::optional<JobRequeued> requeue(JobId id, const JobRow& job, const Retry& retry,
                                   const Ending& ending, Time now) {
    if (job.cancel_requested || is_past_deadline(job, now)) return std::nullopt;
    if (ending.cause == EndCause::requeued || ending.cause == EndCause::preempted)
        return JobRequeued{.job = id, .cause = ending.cause, .not_before = now};
    if (!is_billed(ending.cause)) {
        // Not what the user put back or the job failed by itself: that made nobody wait.
        const std::int64_t earlier = job.attempts - job.retries - job.requeues - 1;
        if (ending.cause == EndCause::start_failed && earlier >= max_start_failures)
            return std::nullopt;
        return JobRequeued{.job = id,
                           .cause = ending.cause,
                           .not_before = now + backoff(platform_backoff, earlier)};
    }
    const bool failed =
        ending.cause == EndCause::exited && (ending.code != 0 || ending.signal != 0);
    if (!failed || !wants_retry(job, retry, ending)) return std::nullopt;
    return JobRequeued{.job = id,
                       .cause = ending.cause,
                       .not_before = now + backoff(retry.backoff, job.retries),
                       .counts_as_retry = true};
}

// What the steps that an attempt reported are worth as a measurement. Of few there is nothing to learn, and where they are
// far from the forecast something else was measured: another model, another batch.
std::optional<std::int64_t> step_ratio_ppm(const JobSpec& spec, const Ending& ending) {
    constexpr std::int64_t fewest_steps = 10;
    constexpr double furthest = 1.1;  // a factor of three, as a logarithm
    if (!spec.forecast || !ending.steps || ending.steps->count < fewest_steps) return {};
    if (spec.forecast->step_us <= 0 || ending.steps->median_us <= 0) return {};
    const double ratio = std::log(static_cast<double>(ending.steps->median_us) /
                                  static_cast<double>(spec.forecast->step_us));
    if (std::abs(ratio) > furthest) return {};
    return std::llround(ratio * 1e6);
}

}  // namespace

void append_ending(const State& state, JobId id, Ending ending, Time now, Events& events) {
    const JobRow& job = state.jobs.at(id);
    const AttemptRow& attempt = state.attempts.at(id);
    const JobSpec& spec = state.shapes.at(job.shape);
    const RanShare share = share_of(ending, time_limit_of(spec, attempt.variant));
    const Money cost = bill(job, attempt, ending, share);
    events.push_back(
        AttemptEnded{.attempt = {.job = id, .number = attempt.number},
                     .ending = ending,
                     .cost = cost,
                     .energy_mwh = share.of(attempt.energy_mwh_at_most),
                     .carbon_mg = share.of(attempt.carbon_mg_at_most),
                     .step_ratio_ppm = step_ratio_ppm(spec_of(spec, attempt.variant), ending)});
    if (const auto again = requeue(id, job, spec.retry, ending, now)) {
        events.push_back(*again);
        return;
    }
    events.push_back(JobEnded{.job = id,
                              .state = state_after(job, ending, now),
                              .code = ending.code,
                              .signal = ending.signal,
                              .cost = {job.spent.micro_yuan + cost.micro_yuan}});
}

Result<Events> move_attempt(const State& state, const MoveAttempt& command, Time now) {
    const AttemptRow* attempt = state.attempts.find(command.attempt.job);
    if (attempt == nullptr || attempt->number != command.attempt.number) return Events{};
    const JobSpec& spec = state.shapes.at(state.jobs.at(command.attempt.job).shape);
    if (!spec.placement.move_after || !state.centers.at(attempt->center).contact_lost)
        return Events{};
    Events events;
    append_ending(state, command.attempt.job,
                  {.cause = EndCause::moved,
                   .started = attempt->started,
                   .ended = now,
                   .total = attempt->metered,
                   .detail = "contact was lost for longer than move_after"},
                  now, events);
    return events;
}

Result<Events> fence_center(const State& state, const FenceCenter& command, Time now) {
    const auto id = find_center(state, command.center);
    if (!id) return no_such_center(state, command.center);
    Events events{CenterFenced{.center = *id, .reason = command.reason}};
    const auto& places = state.attempts_at.rows();
    for (auto at = places.lower_bound({.center = *id, .job = {}});
         at != places.end() && at->first.center == *id; ++at) {
        const AttemptRow& attempt = state.attempts.at(at->first.job);
        append_ending(state, at->first.job,
                      {.cause = EndCause::fenced,
                       .started = attempt.started,
                       .ended = now,
                       .total = attempt.metered,
                       .detail = "fenced by an operator: " + command.reason},
                      now, events);
    }
    return events;
}

}  // namespace dayu::control
