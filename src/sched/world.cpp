#include "sched/world.h"

#include <algorithm>
#include <span>

#include "base/check.h"
#include "sched/quote.h"

namespace dayu::sched {
namespace {

bool is_declared(const Center& center, std::string_view pool) {
    return std::ranges::any_of(center.pools, [&](const Pool& one) { return one.name == pool; });
}

// Of chips and CPUs, over all nodes.
NodeShare sum_of(std::span<const NodeShare> shares) {
    NodeShare all;
    for (const NodeShare& share : shares) {
        all.chips_milli += share.chips_milli;
        all.cpus += share.cpus;
    }
    return all;
}

}  // namespace

std::int64_t chips_milli_of(const RunningJob& job) {
    const NodeShare all = sum_of(job.nodes);
    return all.chips_milli > 0 ? all.chips_milli : all.cpus * 1000;
}

void World::put_chip(const Chip& chip) {
    chips_[chip.name] = chip;
    ++supply_version_;
}

void World::put_center(CenterId id, const Center& center, std::optional<Refusal> closed) {
    const auto [at, is_new] = centers_.try_emplace(id);
    CenterView& view = at->second;
    view.id = id;
    view.closed = std::move(closed);
    if (!is_new && view.center == center) return;
    view.center = center;
    declare_pools(view);
    ++supply_version_;
}

// What runs at the centre, or is claimed there.
template <class Visit>
void World::visit_places(CenterId center, Visit&& visit) const {
    for (const RunningJob& job : running_) {
        if (job.center == center) visit(job);
    }
    for (const auto& [id, claim] : claims_) {
        if (claim.place.center == center) visit(claim.place);
    }
}

// What has a place at the centre keeps it, in pools of the same name.
void World::declare_pools(CenterView& view) {
    visit_places(view.id,
                 [&](const RunningJob& job) { count(job, view.pools.at(job.pool).pool(), false); });
    view.pools.clear();
    for (const Pool& pool : view.center.pools) {
        PoolView& anew = view.pools.emplace(pool.name, PoolView(pool)).first->second;
        const auto excluded = view.excluded.find(pool.name);
        if (excluded == view.excluded.end()) continue;
        for (const std::int64_t node : excluded->second) anew.close(node);
    }
    visit_places(view.id, [&](const RunningJob& job) { start(job); });
}

// One that is not declared has no nodes.
PoolView& World::pool_of(const RunningJob& job) {
    auto& pools = centers_.at(job.center).pools;
    if (const auto known = pools.find(job.pool); known != pools.end()) return known->second;
    Pool undeclared;
    undeclared.name = job.pool;
    ++supply_version_;
    return pools.emplace(job.pool, PoolView(undeclared)).first->second;
}

void World::start(const RunningJob& job) {
    PoolView& pool = pool_of(job);
    pool.start(job.job, job.nodes, job.until);
    count(job, pool.pool(), true);
}

void World::finish(const RunningJob& job) {
    CenterView& view = centers_.at(job.center);
    const auto pool = view.pools.find(job.pool);
    pool->second.finish(job.job, job.nodes);
    count(job, pool->second.pool(), false);
    if (pool->second.running() > 0 || is_declared(view.center, job.pool)) return;
    view.pools.erase(pool);
    ++supply_version_;
}

// What the job's queue uses, at the pool's present list price.
void World::count(const RunningJob& job, const Pool& pool, bool starts) {
    const NodeShare all = sum_of(job.nodes);
    const QueueId queue = queues_.queue(job.queue);
    const ChipId chip = queues_.chip(pool.chip);
    const Money rate = price_per_hour(pool, all.chips_milli, all.cpus);
    starts ? queues_.take(queue, chip, all.chips_milli, rate)
           : queues_.give(queue, chip, all.chips_milli, rate);
    if (job.stopping)
        queues_.change_leaving(queue, chip, starts ? all.chips_milli : -all.chips_milli);
}

PoolView* World::try_out(CenterId center, const std::string& pool) {
    return &centers_.at(center).pools.at(pool);
}

void World::exclude(CenterId center, const std::string& pool, std::int64_t node) {
    CenterView& view = centers_.at(center);
    view.excluded[pool].insert(node);
    if (const auto at = view.pools.find(pool); at != view.pools.end()) at->second.close(node);
}

void World::include(CenterId center, const std::string& pool, std::int64_t node) {
    CenterView& view = centers_.at(center);
    const auto excluded = view.excluded.find(pool);
    if (excluded == view.excluded.end()) return;
    excluded->second.erase(node);
    if (excluded->second.empty()) view.excluded.erase(excluded);
    if (const auto at = view.pools.find(pool); at != view.pools.end()) at->second.open(node);
}

void World::put_dataset(const Dataset& dataset) {
    datasets_[dataset.name] = dataset;
    ++data_version_;
}

void World::remove_dataset(const std::string& name) {
    datasets_.erase(name);
    ++data_version_;
}

void World::enqueue(const QueuedJob& job) {
    waiting_.enqueue(job, queues_.queue(job.queue), claims_.contains(job.job));
}

void World::occupy(RunningJob as_it_is) {
    CHECK(centers_.contains(as_it_is.center));
    vacate(as_it_is.job);
    const RunningJob& job = running_.add(std::move(as_it_is));
    start(job);
    if (job.stopping) {
        stopping_.insert(job.job);
    } else if (job.preemptible) {
        preemptible_.add({.job = job.job,
                          .queue = queues_.queue(job.queue),
                          .priority = job.priority,
                          .chips_milli = chips_milli_of(job),
                          .placed = job.placed},
                         job.center, job.pool);
    }
}

void World::vacate(JobId job) {
    const RunningJob* leaves = running_.find(job);
    if (leaves == nullptr) return;
    preemptible_.remove(job, leaves->center, leaves->pool);
    stopping_.erase(job);
    finish(*leaves);
    running_.remove(job);
}

void World::stop(JobId job) {
    RunningJob* const leaves = running_.find(job);
    if (leaves == nullptr || leaves->stopping) return;
    const Pool& pool = centers_.at(leaves->center).pools.at(leaves->pool).pool();
    preemptible_.remove(job, leaves->center, leaves->pool);
    stopping_.insert(job);
    count(*leaves, pool, false);
    leaves->stopping = true;
    count(*leaves, pool, true);
}

void World::claim(const ClaimedNodes& claim) {
    const JobId job = claim.place.job;
    unclaim(job);
    CHECK(centers_.contains(claim.place.center));
    start(claim.place);
    claims_.emplace(job, claim);
    waiting_.set_claimed(job, true);
}

void World::unclaim(JobId job) {
    const auto at = claims_.find(job);
    if (at == claims_.end()) return;
    finish(at->second.place);
    claims_.erase(at);
    waiting_.set_claimed(job, false);
}

std::optional<QueuedJob> World::find_queued(JobId job) const {
    std::optional<QueuedJob> found = waiting_.find(job);
    if (found) found->queue = queues_.path(waiting_.queue_of(job));
    return found;
}

bool World::operator==(const World& other) const {
    if (waiting_.size() != other.waiting_.size()) return false;
    bool same_jobs = true;
    waiting_.visit_jobs(
        [&](JobId job) { same_jobs = same_jobs && find_queued(job) == other.find_queued(job); });
    return same_jobs && waiting_.shapes() == other.waiting_.shapes() && chips_ == other.chips_ &&
           centers_ == other.centers_ && datasets_ == other.datasets_ && queues_ == other.queues_ &&
           running_ == other.running_ && claims_ == other.claims_;
}

}  // namespace dayu::sched
