#include "sched/round/pool_plan.h"

#include <algorithm>
#include <limits>

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

template <class Rows>
bool has(const Rows& rows, std::int64_t node) {
    const auto at = place_of(rows, node);
    return at != rows.end() && at->node == node;
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
      trial_(std::exchange(other.trial_, nullptr)),
      guards_(std::move(other.guards_)),
      busy_(std::move(other.busy_)),
      placed_(std::move(other.placed_)),
      planned_(other.planned_),
      last_turn_(other.last_turn_),
      counted_(other.counted_),
      counted_work_(other.counted_work_) {}

PoolPlan::~PoolPlan() {
    if (trial_ == nullptr) return;
    for (const Guard& guard : guards_) trial_->put_back(guard.node);
    for (const Placed& one : placed_) trial_->finish(one.job, one.shares);
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
    const auto others = policy.choose_nodes(view_->free(), spec.resources, missing);
    if (!others) return std::nullopt;
    shares.insert(shares.end(), others->begin(), others->end());
    std::ranges::sort(shares, {}, &NodeShare::node);
    return shares;
}

void PoolPlan::start(JobId job, std::vector<NodeShare> shares, Time until) {
    for (const NodeShare& share : shares) {
        const auto guard = place_of(guards_, share.node);
        if (guard != guards_.end() && guard->node == share.node && until > guard->from)
            guard->spare = guard->spare - share;
    }
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
    last_turn_ = std::max(last_turn_, turn.start);
    counted_work_ = work_of(stay, 1);
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
    BusyNodes(const PoolView& view, const std::vector<Busy>& busy, const Resources& needs, Time now)
        : view_(view), needs_(needs), now_(now) {
        for (const Busy& one : busy)
            heap_.push_back({.room_from = one.until, .node = one.node, .is_exact = false});
        std::ranges::make_heap(heap_, comes_after);
    }

    struct Node {
        Time room_from;  // at the earliest; or exactly
        std::int64_t node = 0;
        bool is_exact = false;
    };
    bool empty() const { return heap_.empty(); }
    const Node& front() {
        while (!heap_.front().is_exact) {
            std::ranges::pop_heap(heap_, comes_after);
            Node& first = heap_.back();
            first = {.room_from = room_from(first), .node = first.node, .is_exact = true};
            std::ranges::push_heap(heap_, comes_after);
        }
        return heap_.front();
    }
    std::int64_t take_front() {
        const std::int64_t node = front().node;
        std::ranges::pop_heap(heap_, comes_after);
        heap_.pop_back();
        return node;
    }

   private:
    static bool comes_after(const Node& a, const Node& b) {
        return std::pair{a.room_from, a.node} > std::pair{b.room_from, b.node};
    }
    Time room_from(const Node& busy) const {
        Time from = busy.room_from;
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
    const Resources& needs_;
    const Time now_;
    std::vector<Node> heap_;  // the first in front
};

// Merges what runs, which ends by its time limits, with what is planned.
PoolPlan::Turn PoolPlan::next_turn(const JobSpec& spec, Time now) const {
    Turn turn{.start = now, .nodes = {}};
    for (auto shape = view_->free().first_with(spec.resources);
         shape != view_->free().shapes().end(); ++shape) {
        if (!fits(shape->first, spec.resources)) continue;
        for (const std::int64_t node : shape->second) {
            if (std::ssize(turn.nodes) == spec.nodes) return turn;
            if (!has(busy_, node)) turn.nodes.push_back(node);
        }
    }
    const PoolView::ByTime& running = view_->nodes_by_time(spec.resources);
    BusyNodes planned(*view_, busy_, spec.resources, now);
    auto next_running = running.begin();
    while (std::ssize(turn.nodes) < spec.nodes) {
        const bool has_running =
            next_running != running.end() && next_running->first != PoolView::never;
        if (has_running && (has(busy_, next_running->second) ||
                            fits(view_->free().at(next_running->second), spec.resources))) {
            ++next_running;
            continue;
        }
        CHECK(has_running || !planned.empty());
        const bool takes_running =
            has_running && (planned.empty() ||
                            expected_end(next_running->first, now) <= planned.front().room_from);
        turn.start = std::max(turn.start, takes_running ? expected_end(next_running->first, now)
                                                        : planned.front().room_from);
        turn.nodes.push_back(takes_running ? (next_running++)->second : planned.take_front());
    }
    return turn;
}

void PoolPlan::guard(std::int64_t node, const Stay& stay, Time start, Time now) {
    const Busy busy{.node = node, .until = start + stay.length};
    const auto at = place_of(busy_, node);
    if (at != busy_.end() && at->node == node) {
        *at = busy;
    } else {
        busy_.insert(at, busy);
    }
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

}  // namespace dayu::sched
