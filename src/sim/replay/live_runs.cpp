#include <algorithm>

#include "control/charge.h"
#include "sched/quote.h"
#include "sim/replay/live.h"

namespace dayu::sim {
namespace {

// A job that is lost with its nodes more often than that never ends where they fail so often, and is given up.
constexpr std::uint32_t most_losses = 100;

}  // namespace

void Replay::start(const sched::ClassDecision& decided) {
    for (const sched::Placement& placement : decided.placements)
        begin_run(job_of(placement.job), placement, decided.table.candidates[placement.candidate]);
}

void Replay::begin_run(std::uint32_t job, const sched::Placement& placement,
                       const Candidate& offer) {
    Live& live = live_[job];
    if (setting_.line != nullptr) line_.leave(live.shape, turn_of(job));
    live.placed = now_;
    live.began = live.metered_to = now_ + time_to_bring_data(job, offer.center);
    if (live.center.value != 0 && live.center != offer.center)
        live.left = live.left + file_.jobs.move_cost;
    live.center = offer.center;
    live.variant = offer.variant;
    live.price = placement.price_at_most;
    live.energy_mwh = offer.energy_mwh;
    live.carbon_mg = offer.carbon_mg;
    tally_.move_data(live.arrival, offer.bytes_moved);
    live.is_stopping = false;
    live.place = static_cast<std::uint32_t>(running_.size());
    running_.push_back(job);
    sched::RunningJob running = as_running(job, live.began);
    running.center = offer.center;
    running.pool = offer.pool;
    running.nodes = placement.nodes;
    running.preemptible = spec(job).preemptible;
    running.placed = now_;
    running.grace = spec(job).checkpoint.grace;
    world_.dequeue(placement.job);
    world_.unclaim(placement.job);
    world_.occupy(running);
    foresee_end(job, live.began + live.left);
    if (foresight_) foresight_->start(likeness(job), live.began);
    last_event_ = now_;
    tally_.take_event();
}

void Replay::claim(const sched::Claim& claim) {
    sched::RunningJob place = as_running(job_of(claim.job), claim.until);
    place.center = claim.center;
    place.pool = claim.pool;
    place.nodes = claim.nodes;
    world_.claim({.place = std::move(place), .variant = claim.variant, .until = claim.until});
    for (const JobId victim : claim.victims) stop(job_of(victim));
}

// Whoever ends by itself within the grace has done its work.
void Replay::stop(std::uint32_t job) {
    world_.stop(id_of(job));
    Live& live = live_[job];
    if (live.is_stopping || live.began + live.left <= now_ + spec(job).checkpoint.grace) return;
    live.is_stopping = true;
    live.stopped = now_;
    foresee_end(job, now_ + spec(job).checkpoint.grace);
}

void Replay::foresee_end(std::uint32_t job, Time at) {
    ends_.push({.at = at, .job = job, .number = ++live_[job].ends});
}

void Replay::end_run(std::uint32_t job, EndCause cause) {
    Live& live = live_[job];
    world_.vacate(id_of(job));
    running_[live.place] = running_.back();
    live_[running_[live.place]].place = live.place;
    running_.pop_back();
    ++live.ends;
    last_event_ = now_;
    meter(job);
    tally_.end_run(live.arrival,
                   {.spec = chosen(job),
                    .placed = live.placed,
                    .from = std::min(live.began, now_),
                    .to = now_,
                    .cause = cause,
                    .price = live.price,
                    .energy_mwh = live.energy_mwh,
                    .carbon_mg = live.carbon_mg,
                    .grid_mg_per_kwh = changes_.mean_carbon(live.center, live.began, now_)});
    tally_.take_event();
    if (foresight_) foresight_->end(likeness(job), live.began, now_, cause);
    if (cause == EndCause::exited) {
        tally_.finish(trace_.jobs[job], chosen(job), live.arrival, now_);
    } else if (cause == EndCause::preempted) {
        stop_again(job);
    } else {
        lose(job);
    }
}

// What was done after the request to stop is lost; a checkpoint never leaves more to do than starting over.
void Replay::stop_again(std::uint32_t job) {
    Live& live = live_[job];
    const Duration whole = seconds(trace_.jobs[job].duration_s) + file_.jobs.preempt_cost;
    const Duration worked = std::max(live.stopped - live.began, Duration{});
    const Duration rest = live.left - worked + file_.jobs.preempt_cost;
    live.left = keeps_checkpoints(job) ? std::min(rest, whole) : whole;
    tally_.preempt(live.arrival);
    enqueue(job);
}

// It goes on from where it was when it started here, if that was a checkpoint.
void Replay::lose(std::uint32_t job) {
    Live& live = live_[job];
    const Duration whole = seconds(trace_.jobs[job].duration_s) + file_.jobs.preempt_cost;
    live.left =
        keeps_checkpoints(job) ? std::min(live.left + file_.jobs.preempt_cost, whole) : whole;
    tally_.lose(live.arrival);
    if (++live.losses > most_losses) {
        tally_.give_up(live.arrival);
    } else {
        enqueue(job);
    }
}

Duration Replay::time_to_bring_data(std::uint32_t job, CenterId center) const {
    if (spec(job).inputs.empty()) return {};
    return sched::moving_to(file_.centers[center.value - 1], spec(job), world_.datasets()).takes;
}

void Replay::meter(std::uint32_t job) {
    Live& live = live_[job];
    const Duration ran = now_ - live.metered_to;
    if (ran.ms <= 0) return;
    live.metered_to = now_;
    if (live.price == Money{}) return;
    Used& used = used_[trace_.jobs[job].project];
    used.amount =
        control::used_with(used.amount, now_ - used.at, live.price, ran, spec(job).time_limit);
    used.at = now_;
    world_.put_usage(queue_of(job), used.amount, used.at);
}

void Replay::meter_all() {
    for (const std::uint32_t job : running_) meter(job);
    next_metering_ = now_ + metering;
}

void Replay::enqueue(std::uint32_t job) {
    world_.enqueue(as_queued(job));
    if (setting_.line != nullptr) line_.join(live_[job].shape, turn_of(job));
}

// As long as it waits.
sched::Line::Turn Replay::turn_of(std::uint32_t job) const {
    const Live& live = live_[job];
    const bool by_left = setting_.line != nullptr && setting_.line->by_what_is_left;
    return {.at = by_left ? Time{live.left.ms} : live.arrival, .job = id_of(job)};
}

sched::QueuedJob Replay::as_queued(std::uint32_t job) const {
    return {.job = id_of(job),
            .shape = live_[job].shape,
            .queue = queue_of(job),
            .priority = trace_.jobs[job].priority,
            .submitted = live_[job].ranked};
}

sched::RunningJob Replay::as_running(std::uint32_t job, Time from) const {
    sched::RunningJob running;
    running.job = id_of(job);
    running.until = from + spec(job).time_limit;
    running.queue = queue_of(job);
    running.priority = trace_.jobs[job].priority;
    return running;
}

}  // namespace dayu::sim
