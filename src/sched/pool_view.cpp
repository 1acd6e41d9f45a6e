#include "sched/pool_view.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/check.h"

namespace dayu::sched {
namespace {

constexpr std::int64_t parts_without_chips = 8;
constexpr std::uint64_t moved_one_by_one = 32;  // changes

auto order_of(const NodeJob& one) { return std::pair{one.until, one.job}; }

// How many of `parts` equal parts of `whole` there are in `amount`; all of them in what no node has.
std::int64_t parts_in(std::int64_t amount, std::int64_t whole, std::int64_t parts) {
    if (whole == 0) return amount < 0 ? -1 : parts;
    return amount < 0 ? -1 : amount * parts / whole;
}

std::int64_t parts_for(std::int64_t amount, std::int64_t whole, std::int64_t parts) {
    return whole == 0 ? 0 : (amount * parts + whole - 1) / whole;
}

// From one time to where it belongs by another; what lies between makes room.
void move(PoolView::ByTime& order, std::int32_t node, Time before, Time to) {
    const auto from = std::ranges::lower_bound(order, std::pair{before, node});
    *from = {to, node};
    if (before < to) {
        std::rotate(from, from + 1, std::upper_bound(from + 1, order.end(), *from));
    } else {
        std::rotate(std::upper_bound(order.begin(), from, *from), from, from + 1);
    }
}

}  // namespace

PoolView::PoolView(const Pool& pool)
    : pool_(pool),
      free_(pool),
      jobs_(static_cast<std::size_t>(pool.nodes)),
      changed_(std::bit_ceil(static_cast<std::size_t>(pool.nodes))),
      parts_(static_cast<std::size_t>(pool.chips_per_node > 0 ? pool.chips_per_node
                                                              : parts_without_chips)) {}

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
    const std::int64_t fitting = free_.count(needs, nodes);
    if (fitting >= nodes) return now;
    const ByTime& order = nodes_by_time(needs);
    auto next = first_later(order);
    // As a rule those that fit are those that fit by their parts: then it is a lookup.
    if (next - order.begin() == fitting) {
        if (nodes > std::ssize(order)) return std::nullopt;
        next = order.begin() + (nodes - 1);
        return next->first == never ? std::nullopt : std::optional(expected_end(next->first, now));
    }
    std::int64_t missing = nodes - fitting;
    for (; next != order.end() && next->first != never; ++next) {
        if (fits(free_.at(next->second), needs)) continue;
        if (--missing == 0) return expected_end(next->first, now);
    }
    return std::nullopt;
}

PoolView::ByTime::const_iterator PoolView::first_later(const ByTime& order) {
    return std::ranges::upper_bound(order, always, {}, &ByTime::value_type::first);
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
               !is_overcommitted(free_.at(share.node));
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
    Part& asked = parts_[static_cast<std::size_t>(parts - 1)];
    if (asked.order.empty()) {
        work_out(asked, parts);
    } else if (asked.in_order != version_) {
        bring_up_to_date(asked, parts);
    }
    asked.in_order = version_;
    return asked.order;
}

void PoolView::work_out(Part& part, std::int64_t parts) const {
    part.order.reserve(static_cast<std::size_t>(free_.size()));
    for (std::int32_t node = 0; node < free_.size(); ++node) {
        part.times.push_back(when_free(node, parts));
        part.order.emplace_back(part.times.back(), node);
    }
    std::ranges::sort(part.order);
}

// Few are moved one by one; many are taken out and merged in again in one pass.
void PoolView::bring_up_to_date(Part& part, std::int64_t parts) const {
    const std::uint64_t changes = version_ - part.in_order;
    if (changes > std::min<std::uint64_t>(moved_one_by_one, changed_.size()))
        return merge_changed(part, parts);
    for (std::uint64_t version = part.in_order; version < version_; ++version) {
        const std::int32_t node = changed_by(version);
        Time& known = part.times[static_cast<std::size_t>(node)];
        const Time before = std::exchange(known, when_free(node, parts));
        if (known != before) move(part.order, node, before, known);
    }
}

void PoolView::merge_changed(Part& part, std::int64_t parts) const {
    const bool is_known = version_ - part.in_order <= changed_.size();  // which of them have
    std::vector<bool> has_changed(static_cast<std::size_t>(free_.size()), !is_known);
    for (std::uint64_t version = part.in_order; is_known && version < version_; ++version)
        has_changed[static_cast<std::size_t>(changed_by(version))] = true;
    ByTime changed;
    for (std::int32_t node = 0; node < free_.size(); ++node) {
        if (!has_changed[static_cast<std::size_t>(node)]) continue;
        part.times[static_cast<std::size_t>(node)] = when_free(node, parts);
        changed.emplace_back(part.times[static_cast<std::size_t>(node)], node);
    }
    std::erase_if(part.order, [&](const auto& entry) {
        return has_changed[static_cast<std::size_t>(entry.second)];
    });
    std::ranges::sort(changed);
    ByTime merged;
    merged.reserve(static_cast<std::size_t>(free_.size()));
    std::ranges::merge(part.order, changed, std::back_inserter(merged));
    part.order = std::move(merged);
}

void PoolView::touch(std::int64_t node) {
    changed_[version_++ & (changed_.size() - 1)] = static_cast<std::int32_t>(node);
}

}  // namespace dayu::sched
