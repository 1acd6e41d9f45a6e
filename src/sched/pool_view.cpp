#include "sched/pool_view.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace dayu::sched {
namespace {

constexpr std::int64_t parts_without_chips = 8;
// More changed nodes than this share of all are sorted anew, not moved one by one.
constexpr std::size_t sorted_anew = 16;

auto order_of(const NodeJob& one) { return std::pair{one.until, one.job}; }

// How many of `parts` equal parts of `whole` there are in `amount`; all of them in what no node has.
std::int64_t parts_in(std::int64_t amount, std::int64_t whole, std::int64_t parts) {
    if (whole == 0) return amount < 0 ? -1 : parts;
    return amount < 0 ? -1 : amount * parts / whole;
}

std::int64_t parts_for(std::int64_t amount, std::int64_t whole, std::int64_t parts) {
    return whole == 0 ? 0 : (amount * parts + whole - 1) / whole;
}

}  // namespace

PoolView::PoolView(const Pool& pool)
    : pool_(pool),
      free_(pool),
      jobs_(static_cast<std::size_t>(pool.nodes)),
      parts_(static_cast<std::size_t>(pool.chips_per_node > 0 ? pool.chips_per_node
                                                              : parts_without_chips)),
      is_stale_(static_cast<std::size_t>(pool.nodes)) {}

std::span<const NodeJob> PoolView::jobs_on(std::int64_t node) const {
    return jobs_[static_cast<std::size_t>(node)];
}

void PoolView::start(JobId job, std::span<const NodeShare> shares, Time until) {
    for (const NodeShare& share : shares) {
        if (share.node >= free_.size()) continue;
        const NodeJob one{.job = job, .until = until, .share = share};
        auto& jobs = jobs_[static_cast<std::size_t>(share.node)];
        jobs.insert(std::ranges::upper_bound(jobs, order_of(one), {}, order_of), one);
        touch(share.node);
    }
    free_.take(shares);
    ++running_;
}

void PoolView::finish(JobId job, std::span<const NodeShare> shares) {
    for (const NodeShare& share : shares) {
        if (share.node >= free_.size()) continue;
        auto& jobs = jobs_[static_cast<std::size_t>(share.node)];
        const auto one = std::ranges::find(jobs, job, &NodeJob::job);
        CHECK(one != jobs.end());
        jobs.erase(one);
        touch(share.node);
    }
    free_.give(shares);
    --running_;
}

void PoolView::close(std::int64_t node) {
    if (node >= free_.size()) return;
    free_.close(node);
    touch(node);
}

void PoolView::open(std::int64_t node) {
    if (node >= free_.size()) return;
    free_.open(node);
    touch(node);
}

bool PoolView::starts_now(const Resources& needs, std::int64_t nodes) const {
    return free_.count(needs, nodes) >= nodes;
}

std::optional<Time> PoolView::earliest_start(const Resources& needs, std::int64_t nodes,
                                             Time now) const {
    std::int64_t missing = nodes - free_.count(needs, nodes);
    if (missing <= 0) return now;
    for (const auto& [time, node] : nodes_by_time(needs)) {
        if (time == never) break;
        if (fits(free_.at(node), needs)) continue;
        if (--missing == 0) return expected_end(time, now);
    }
    return std::nullopt;
}

NodeView PoolView::free_at(std::int64_t node, Time then, Time now) const {
    NodeView free = free_.at(node);
    for (const NodeJob& one : jobs_on(node)) {
        if (expected_end(one.until, now) <= then) free = free + one.share;
    }
    return free;
}

bool PoolView::is_ready(std::span<const NodeShare> shares) const {
    return std::ranges::all_of(shares, [&](const NodeShare& share) {
        return share.node < free_.size() && !free_.is_closed(share.node) &&
               fits(free_.at(share.node),
                    {.chip = {}, .chips_milli = 0, .cpus = 0, .memory_mib = 0});
    });
}

bool PoolView::operator==(const PoolView& other) const {
    return std::tie(pool_, free_, jobs_, running_) ==
           std::tie(other.pool_, other.free_, other.jobs_, other.running_);
}

std::int64_t PoolView::parts_needed(const Resources& needs) const {
    const std::int64_t parts = std::ssize(parts_);
    return std::clamp<std::int64_t>(
        std::max({parts_for(needs.chips_milli, pool_.chips_per_node * 1000, parts),
                  parts_for(needs.cpus, pool_.cpus_per_node, parts),
                  parts_for(needs.memory_mib, pool_.memory_mib_per_node, parts)}),
        1, parts);
}

std::int64_t PoolView::parts_free(const NodeView& free) const {
    const std::int64_t parts = std::ssize(parts_);
    return std::min({parts_in(free.free_chips_milli, pool_.chips_per_node * 1000, parts),
                     parts_in(free.free_cpus, pool_.cpus_per_node, parts),
                     parts_in(free.free_memory_mib, pool_.memory_mib_per_node, parts)});
}

Time PoolView::when_free(std::int64_t node, std::int64_t parts) const {
    if (free_.is_closed(node)) return never;
    NodeView free = free_.at(node);
    if (parts_free(free) >= parts) return always;
    for (const NodeJob& one : jobs_on(node)) {
        free = free + one.share;
        if (parts_free(free) >= parts) return one.until;
    }
    return never;
}

const PoolView::ByTime& PoolView::nodes_by_time(const Resources& needs) const {
    const std::int64_t parts = parts_needed(needs);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        if (!parts_[i].order.empty()) bring_up_to_date(parts_[i], static_cast<std::int64_t>(i) + 1);
    }
    for (const std::int32_t node : stale_) is_stale_[static_cast<std::size_t>(node)] = false;
    stale_.clear();
    Part& asked = parts_[static_cast<std::size_t>(parts - 1)];
    if (asked.order.empty()) {
        for (std::int32_t node = 0; node < free_.size(); ++node) {
            asked.of_node.push_back(when_free(node, parts));
            asked.order.emplace_back(asked.of_node.back(), node);
        }
        std::ranges::sort(asked.order);
    }
    return asked.order;
}

void PoolView::bring_up_to_date(Part& part, std::int64_t parts) const {
    const bool moves = stale_.size() * sorted_anew < part.order.size();
    for (const std::int32_t node : stale_) {
        Time& known = part.of_node[static_cast<std::size_t>(node)];
        const Time time = when_free(node, parts);
        if (moves && time != known) {
            part.order.erase(std::ranges::lower_bound(part.order, std::pair{known, node}));
            const std::pair entry{time, node};
            part.order.insert(std::ranges::lower_bound(part.order, entry), entry);
        }
        known = time;
    }
    if (moves) return;
    for (auto& [time, node] : part.order) time = part.of_node[static_cast<std::size_t>(node)];
    std::ranges::sort(part.order);
}

void PoolView::touch(std::int64_t node) {
    ++version_;
    const auto at = static_cast<std::size_t>(node);
    if (!is_stale_[at]) stale_.push_back(static_cast<std::int32_t>(node));
    is_stale_[at] = true;
}

}  // namespace dayu::sched
