#include "sched/world.h"

#include <algorithm>

#include "base/check.h"

namespace dayu::sched {
namespace {

void start(CenterView& center, const RunningJob& job) {
    PoolView& pool = center.pools[job.pool];
    pool.pool.name = job.pool;
    pool.free.take(job.nodes);
    pool.ends.emplace(job.until, job.job);
    pool.running.emplace(job.job, job);
}

bool is_declared(const Center& center, std::string_view pool) {
    return std::ranges::any_of(center.pools, [&](const Pool& one) { return one.name == pool; });
}

void declare_pools(CenterView& view) {
    const std::map<std::string, PoolView> before = std::move(view.pools);
    view.pools.clear();
    for (const Pool& pool : view.center.pools) {
        PoolView& anew =
            view.pools.emplace(pool.name, PoolView{pool, FreeNodes(pool), {}, {}}).first->second;
        const auto excluded = view.excluded.find(pool.name);
        if (excluded == view.excluded.end()) continue;
        for (const std::int64_t node : excluded->second) anew.free.close(node);
    }
    for (const auto& [name, pool] : before) {
        for (const auto& [id, job] : pool.running) start(view, job);
    }
}

}  // namespace

void World::put_chip(const Chip& chip) { chips_[chip.name] = chip; }

void World::put_center(CenterId id, const Center& center, std::optional<Refusal> closed) {
    const auto [at, is_new] = centers_.try_emplace(id);
    CenterView& view = at->second;
    view.id = id;
    view.closed = std::move(closed);
    if (!is_new && view.center == center) return;
    view.center = center;
    declare_pools(view);
}

void World::exclude(CenterId center, const std::string& pool, std::int64_t node) {
    CenterView& view = centers_.at(center);
    view.excluded[pool].insert(node);
    if (const auto at = view.pools.find(pool); at != view.pools.end()) at->second.free.close(node);
}

void World::include(CenterId center, const std::string& pool, std::int64_t node) {
    CenterView& view = centers_.at(center);
    const auto excluded = view.excluded.find(pool);
    if (excluded == view.excluded.end()) return;
    excluded->second.erase(node);
    if (excluded->second.empty()) view.excluded.erase(excluded);
    if (const auto at = view.pools.find(pool); at != view.pools.end()) at->second.free.open(node);
}

void World::put_shape(ShapeId shape, const JobSpec& spec) { classes_[shape].spec = spec; }

void World::enqueue(const QueuedJob& job) {
    dequeue(job.job);
    const auto at = classes_.find(job.shape);
    CHECK(at != classes_.end());
    at->second.ready.emplace(job.job, job);
    queued_.emplace(job.job, job.shape);
    if (job.not_before > Time{}) delayed_.emplace(job.not_before, job.job);
}

void World::dequeue(JobId job) {
    const auto at = queued_.find(job);
    if (at == queued_.end()) return;
    auto& ready = classes_.at(at->second).ready;
    const auto row = ready.find(job);
    delayed_.erase({row->second.not_before, job});
    ready.erase(row);
    queued_.erase(at);
}

void World::occupy(const RunningJob& job) {
    vacate(job.job);
    const auto at = centers_.find(job.center);
    CHECK(at != centers_.end());
    start(at->second, job);
    running_.emplace(job.job, std::pair{job.center, job.pool});
}

void World::vacate(JobId job) {
    const auto at = running_.find(job);
    if (at == running_.end()) return;
    const auto& [center, name] = at->second;
    CenterView& view = centers_.at(center);
    const auto pool = view.pools.find(name);
    const auto row = pool->second.running.find(job);
    pool->second.free.give(row->second.nodes);
    pool->second.ends.erase({row->second.until, job});
    pool->second.running.erase(row);
    if (pool->second.running.empty() && !is_declared(view.center, name)) view.pools.erase(pool);
    running_.erase(at);
}

const QueuedJob* World::find_queued(JobId job) const {
    const auto at = queued_.find(job);
    return at == queued_.end() ? nullptr : &classes_.at(at->second).ready.at(job);
}

std::optional<CenterId> World::center_of_running(JobId job) const {
    const auto at = running_.find(job);
    return at == running_.end() ? std::nullopt : std::optional(at->second.first);
}

std::optional<Time> World::next_wake(Time now) const {
    const auto next = delayed_.upper_bound({now, JobId{~std::uint64_t{0}}});
    if (next == delayed_.end()) return std::nullopt;
    return next->first;
}

}  // namespace dayu::sched
