#include "fed_world.h"

#include <unordered_set>
#include <utility>

namespace dayu::bench {

void FedWorld::build_supply() {
    for (const Chip& chip : supply_.chips) world_.put_chip(chip);
    std::uint32_t center_id = 0;
    for (const Center& center : supply_.centers) world_.put_center({++center_id}, center, {});
    std::uint32_t shape_id = 0;
    for (const JobSpec& shape : supply_.shapes) world_.put_shape({++shape_id}, shape);
    for (const Queue& queue : supply_.queues) world_.put_queue(queue);
}

void FedWorld::submit(JobId job) {
    world_.enqueue(describe_(job));
    ++waiting_;
}

Round FedWorld::round(Time now) {
    Round round;
    sched::Decisions decisions;
    round.decide = time_of([&] { decisions = sched::decide(world_, policy_, book_, now); });
    round.take_up = time_of([&] { take_up(decisions, now); });
    for (const sched::ClassDecision& decided : decisions.classes) {
        round.placed += std::ssize(decided.placements);
    }
    for (const sched::Claim& claim : decisions.claims) round.victims += std::ssize(claim.victims);
    round.unfinished = decisions.unfinished || !decisions.lapsed.empty();
    return round;
}

void FedWorld::take_up(const sched::Decisions& decisions, Time now) {
    for (const JobId job : decisions.lapsed) world_.unclaim(job);
    for (const sched::ClassDecision& decided : decisions.classes) start(decided, now);
    for (const sched::Claim& one : decisions.claims) claim(one);
}

void FedWorld::start(const sched::ClassDecision& decided, Time now) {
    const JobSpec& spec = supply_.shapes[decided.table.shape.value - 1];
    for (const sched::Placement& placement : decided.placements) {
        const Candidate& offer = decided.table.candidates[placement.candidate];
        sched::RunningJob job = running_job(placement.job, describe_(placement.job), spec, now);
        job.center = offer.center;
        job.pool = offer.pool;
        job.nodes = placement.nodes;
        world_.dequeue(placement.job);
        world_.unclaim(placement.job);
        world_.occupy(std::move(job));
        const std::int64_t milli = offer.chip.empty() ? 0 : offer.chips_milli;
        running_.push_back({placement.job, milli});
        chips_in_use_milli_ += milli;
        --waiting_;
    }
}

sched::RunningJob FedWorld::running_job(JobId job, const sched::QueuedJob& as_queued,
                                        const JobSpec& spec, Time now) const {
    sched::RunningJob running;
    running.job = job;
    running.until = now + spec.time_limit;
    running.queue = as_queued.queue;
    running.priority = as_queued.priority;
    running.preemptible = spec.preemptible;
    running.placed = now;
    running.grace = spec.checkpoint.grace;
    return running;
}

void FedWorld::claim(const sched::Claim& claim) {
    const sched::QueuedJob waiting = describe_(claim.job);
    const JobSpec& spec = supply_.shapes[waiting.shape.value - 1];
    sched::RunningJob place = running_job(claim.job, waiting, spec, claim.until);
    place.center = claim.center;
    place.pool = claim.pool;
    place.nodes = claim.nodes;
    world_.claim({.place = std::move(place), .variant = claim.variant, .until = claim.until});
    for (const JobId victim : claim.victims) {
        world_.stop(victim);
        victims_.push_back(victim);
    }
}

Started FedWorld::end(std::size_t index) {
    const Started ended = running_[index];
    running_[index] = running_.back();
    running_.pop_back();
    leave(ended);
    return ended;
}

void FedWorld::leave(const Started& started) {
    world_.vacate(started.job);
    chips_in_use_milli_ -= started.chips_milli;
}

void FedWorld::end_victims() {
    const std::unordered_set<JobId> stopped(victims_.begin(), victims_.end());
    victims_.clear();
    std::erase_if(running_, [&](const Started& one) {
        if (!stopped.contains(one.job)) return false;
        leave(one);
        submit(one.job);
        return true;
    });
}

}  // namespace dayu::bench
