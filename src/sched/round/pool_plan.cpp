#include "sched/round/pool_plan.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <span>

#include "base/check.h"
#include "sched/wide.h"

namespace dayu::sched {
namespace {

constexpr std::uint64_t max_reservations = 8;  // a pool and round
constexpr std::int64_t longest_estimate_s = std::int64_t{10} * 365 * 24 * 3600;

NodeView least_of(const NodeView& a, const NodeView& b) {
    return {.free_chips_milli = std::min(a.free_chips_milli, b.free_chips_milli),
            .free_cpus = std::min(a.free_cpus, b.free_cpus),
            .free_memory_mib = std::min(a.free_memory_mib, b.free_memory_mib)};
}

// Where a node stands in rows in order of nodes, or would.
template <class Rows>
auto place_of(Rows& rows, std::int64_t node) {
    return std::ranges::lower_bound(rows, node, {}, [](const auto& row) { return row.node; });
}

// The largest of its parts of a node, in thousandths.
std::int64_t node_milli(const Pool& pool, const Resources& needs) {
    const auto part = [](std::int64_t milli, std::int64_t whole) {
        return milli == 0 ? 0 : milli / whole;
    };
    return std::max({part(needs.chips_milli, pool.chips_per_node),
                     part(needs.cpus * 1000, pool.cpus_per_node),
                     part(needs.memory_mib * 1000, pool.memory_mib_per_node)});
}

}  // namespace

PoolPlan::PoolPlan(PoolPlan&& other) noexcept
    : center_(other.center_),
      view_(other.view_),
      open_nodes_(other.open_nodes_),
      version_(other.version_),
      trial_(std::exchange(other.trial_, nullptr)),
      guards_(std::move(other.guards_)),
      busy_(std::move(other.busy_)),
      busy_until_(std::move(other.busy_until_)),
      placed_(std::move(other.placed_)),
      planned_(other.planned_),
      last_turn_(other.last_turn_),
      counted_(other.counted_),
      counted_work_(other.counted_work_) {}

void PoolPlan::begin() {
    open_nodes_ = center_->closed ? 0 : view_->free().open_nodes();
    version_ = 0;
    planned_ = 0;
    last_turn_ = {};
    counted_ = 0;
    counted_work_ = 0;
}

void PoolPlan::take_back() {
    if (trial_ == nullptr) return;
    for (const Guard& guard : guards_) trial_->put_back(guard.node);
    for (const Placed& one : placed_) trial_->finish(one.job, one.shares);
    for (const Busy& busy : busy_) busy_until_[static_cast<std::size_t>(busy.node)] = {};
    guards_.clear();
    placed_.clear();
    busy_.clear();
}

bool PoolPlan::admits(const Guard& guard, const Stay& stay, Time now) const {
    const Resources& needs = stay.spec.resources;
    return fits(view_->free().at(guard.node), needs) &&
           (now + stay.length <= guard.from || fits(guard.spare, needs));
}

bool PoolPlan::starts_now(const Stay& stay, Time now) const {
    const JobSpec& spec = stay.spec;
    std::int64_t found = view_->free().count(spec.resources, spec.nodes);
    for (const Guard& guard : guards_) {
        if (found >= spec.nodes) break;
        found += admits(guard, stay, now) ? 1 : 0;
    }
    return found >= spec.nodes;
}

Time PoolPlan::earliest_start(const Stay& stay, Time now) const {
    if (starts_now(stay, now)) return now;
    if (is_planned_out()) return behind_all(stay.spec, now);
    return has_plans() ? next_turn(stay.spec, now).start : earliest_start_at_best(stay.spec, now);
}

// As if nothing were planned.
Time PoolPlan::earliest_start_at_best(const JobSpec& spec, Time now) const {
    std::int64_t missing = spec.nodes - view_->free().count(spec.resources, spec.nodes);
    for (const Guard& guard : guards_) {
        if (fits(view_->free().at(guard.node), spec.resources)) --missing;
    }
    if (missing <= 0) return now;
    for (const auto& [time, node] : view_->nodes_by_time(spec.resources)) {
        if (fits(view_->free().at(node), spec.resources)) continue;
        if (--missing == 0) return expected_end(time, now);
    }
    CHECK(false);  // when all has ended the pool is empty, and the spec fits that
    return now;
}

std::optional<std::vector<NodeShare>> PoolPlan::choose_nodes(const Policy& policy, const Stay& stay,
                                                             Time now) const {
    const JobSpec& spec = stay.spec;
    std::vector<NodeShare> shares;
    for (const Guard& guard : guards_) {
        if (std::ssize(shares) == spec.nodes) break;
        if (admits(guard, stay, now)) shares.push_back(share_of(guard.node, spec.resources));
    }
    const std::int64_t missing = spec.nodes - std::ssize(shares);
    if (missing == 0) return shares;
    auto others = policy.choose_nodes(view_->free(), spec.resources, missing);
    if (!others || shares.empty()) return others;
    shares.insert(shares.end(), others->begin(), others->end());
    std::ranges::sort(shares, {}, &NodeShare::node);
    return shares;
}

void PoolPlan::follow_start(std::span<const NodeShare> shares, Time until) {
    for (const NodeShare& share : shares) {
        const auto guard = place_of(guards_, share.node);
        if (guard != guards_.end() && guard->node == share.node && until > guard->from)
            guard->spare = guard->spare - share;
    }
    ++version_;
}

void PoolPlan::start(JobId job, std::vector<NodeShare> shares, Time until) {
    follow_start(shares, until);
    trial_->start(job, shares, until);
    placed_.push_back({job, std::move(shares)});
}

void PoolPlan::place(JobId job, std::vector<NodeShare> shares, Time until) {
    start(job, std::move(shares), until);
    CHECK(view_->is_ready(placed_.back().shares));
}

void PoolPlan::claim(JobId job, std::vector<NodeShare> shares, Time until) {
    start(job, std::move(shares), until);
}

void PoolPlan::plan(const Stay& stay, Time now) {
    const Turn turn = next_turn(stay.spec, now);
    for (const std::int64_t node : turn.nodes) guard(node, stay, turn.start, now);
    ++planned_;
    ++version_;
    last_turn_ = std::max(last_turn_, turn.start);
    counted_work_ = work_of(stay, 1);
}

void PoolPlan::reserve(const Stay& stay, Time now) {
    if (planned_ < max_reservations) {
        plan(stay, now);
    } else {
        ++planned_;
        ++version_;
    }
}

std::int64_t PoolPlan::counted_at_once() const {
    return static_cast<std::int64_t>((planned_ + counted_) / max_planned);
}

std::int64_t PoolPlan::work_of(const Stay& stay, std::int64_t jobs) const {
    const std::int64_t part = node_milli(pool(), stay.spec.resources);
    return product_over({jobs, stay.spec.nodes, part, stay.length.ms}, 1'000'000)
        .value_or(std::numeric_limits<std::int64_t>::max());
}

void PoolPlan::count(const Stay& stay, std::int64_t jobs) {
    counted_ += static_cast<std::uint64_t>(jobs);
    ++version_;
    counted_work_ = saturating_sum({counted_work_, work_of(stay, jobs)});
}

// When the last of the planned has its turn, and the whole pool has then run what is counted.
Time PoolPlan::behind_all(const JobSpec& spec, Time now) const {
    const std::int64_t takes_s =
        std::min(counted_work_ / view_->free().open_nodes(), longest_estimate_s);
    return std::max(earliest_start_at_best(spec, now), last_turn_) + seconds(takes_s);
}

bool PoolPlan::is_planned_out() const { return planned_ >= max_planned; }

// The nodes that have something planned, in order of the time at which that is over and a job has room. That time is worked
// out for those alone that come to the front by what is planned there: no job is there before it is over.
class PoolPlan::BusyNodes {
   public:
    BusyNodes(const PoolView& view, std::span<const Busy> busy, const Resources& needs, Time now)
        : view_(view), busy_(busy), needs_(needs), now_(now) {}

    bool empty() const { return busy_.empty() && with_room_.empty(); }
    // `until` is the time from which it has room.
    const Busy& front() {
        while (!busy_.empty() && (with_room_.empty() || busy_.front() < with_room_.front())) {
            const Busy& next = busy_.front();
            with_room_.push_back({.until = room_from(next), .node = next.node});
            std::ranges::push_heap(with_room_, std::greater{});
            busy_ = busy_.subspan(1);
        }
        return with_room_.front();
    }
    std::int64_t take_front() {
        const std::int64_t node = front().node;
        std::ranges::pop_heap(with_room_, std::greater{});
        with_room_.pop_back();
        return node;
    }

   private:
    Time room_from(const Busy& busy) const {
        Time from = busy.until;
        NodeView free = view_.free().at(busy.node);
        for (const NodeJob& one : view_.jobs_on(busy.node)) {  // the earliest end first
            const Time end = expected_end(one.until, now_);
            if (end > from && fits(free, needs_)) break;
            from = std::max(from, end);
            free = free + one.share;
        }
        return from;
    }

    const PoolView& view_;
    std::span<const Busy> busy_;  // that were not looked at
    const Resources& needs_;
    const Time now_;
    std::vector<Busy> with_room_;  // a heap, the first in front
};

// Merges what runs, which ends by its time limits, with what is planned.
PoolPlan::Turn PoolPlan::next_turn(const JobSpec& spec, Time now) const {
    Turn turn{.start = now, .nodes = {}};
    for (const FreeNodes::Shape& shape : view_->free().shapes_for(spec.resources)) {
        if (!fits(shape.free, spec.resources)) continue;
        for (const std::int64_t node : view_->free().nodes_of(shape)) {
            if (std::ssize(turn.nodes) == spec.nodes) return turn;
            if (!is_busy(node)) turn.nodes.push_back(node);
        }
    }
    const PoolView::ByTime& running = view_->nodes_by_time(spec.resources);
    BusyNodes planned(*view_, busy_, spec.resources, now);
    auto next_running = running.begin();
    while (std::ssize(turn.nodes) < spec.nodes) {
        const bool has_running =
            next_running != running.end() && next_running->first != PoolView::never;
        if (has_running && (is_busy(next_running->second) ||
                            fits(view_->free().at(next_running->second), spec.resources))) {
            ++next_running;
            continue;
        }
        CHECK(has_running || !planned.empty());
        const bool takes_running =
            has_running &&
            (planned.empty() || expected_end(next_running->first, now) <= planned.front().until);
        turn.start = std::max(turn.start, takes_running ? expected_end(next_running->first, now)
                                                        : planned.front().until);
        turn.nodes.push_back(takes_running ? (next_running++)->second : planned.take_front());
    }
    return turn;
}

void PoolPlan::guard(std::int64_t node, const Stay& stay, Time start, Time now) {
    keep_busy(node, start + stay.length);
    if (planned_ >= max_reservations) return;
    const NodeView spare = view_->free_at(node, start, now) - share_of(node, stay.spec.resources);
    const auto guard = place_of(guards_, node);
    if (guard != guards_.end() && guard->node == node) {
        guard->spare = least_of(guard->spare, spare);
    } else {
        guards_.insert(guard, {.node = node, .from = start, .spare = spare});
    }
    trial_->set_aside(node);
}

void PoolPlan::keep_busy(std::int64_t node, Time until) {
    if (busy_until_.empty()) busy_until_.resize(static_cast<std::size_t>(view_->free().size()));
    Time& known = busy_until_[static_cast<std::size_t>(node)];
    if (known != Time{}) busy_.erase(std::ranges::lower_bound(busy_, Busy{known, node}));
    known = until;
    busy_.insert(std::ranges::lower_bound(busy_, Busy{until, node}), {until, node});
}

}  // namespace dayu::sched
