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
      busy_until_(std::move(other.busy_until_)),
      placed_(std::move(other.placed_)),
      planned_(other.planned_),
      last_turn_(other.last_turn_),
      counted_(other.counted_),
      counted_work_(other.counted_work_) {}

PoolPlan::~PoolPlan() {
    if (trial_ == nullptr) return;
    for (const auto& [node, guard] : guards_) trial_->put_back(node);
    for (const Placed& one : placed_) trial_->finish(one.job, one.shares);
}

bool PoolPlan::admits(std::int64_t node, const Guard& guard, const Stay& stay, Time now) const {
    const Resources& needs = stay.spec.resources;
    return fits(view_->free().at(node), needs) &&
           (now + stay.length <= guard.from || fits(guard.spare, needs));
}

bool PoolPlan::starts_now(const Stay& stay, Time now) const {
    const JobSpec& spec = stay.spec;
    std::int64_t found = view_->free().count(spec.resources, spec.nodes);
    for (const auto& [node, guard] : guards_) {
        if (found >= spec.nodes) break;
        found += admits(node, guard, stay, now) ? 1 : 0;
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
    for (const auto& [node, guard] : guards_) {
        if (fits(view_->free().at(node), spec.resources)) --missing;
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
    for (const auto& [node, guard] : guards_) {
        if (std::ssize(shares) == spec.nodes) break;
        if (admits(node, guard, stay, now)) shares.push_back(share_of(node, spec.resources));
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
        const auto guard = guards_.find(share.node);
        if (guard != guards_.end() && until > guard->second.from)
            guard->second.spare = guard->second.spare - share;
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

// Merges what runs, which ends by its time limits, with what is planned.
PoolPlan::Turn PoolPlan::next_turn(const JobSpec& spec, Time now) const {
    Turn turn{.start = now, .nodes = {}};
    for (auto shape = view_->free().first_with(spec.resources);
         shape != view_->free().shapes().end(); ++shape) {
        if (!fits(shape->first, spec.resources)) continue;
        for (const std::int64_t node : shape->second) {
            if (std::ssize(turn.nodes) == spec.nodes) return turn;
            if (!busy_until_.contains(node)) turn.nodes.push_back(node);
        }
    }
    const PoolView::ByTime& running = view_->nodes_by_time(spec.resources);
    const auto planned = planned_nodes(spec.resources, now);
    auto next_running = running.begin();
    auto next_planned = planned.begin();
    while (std::ssize(turn.nodes) < spec.nodes) {
        const bool has_running =
            next_running != running.end() && next_running->first != PoolView::never;
        if (has_running && (busy_until_.contains(next_running->second) ||
                            fits(view_->free().at(next_running->second), spec.resources))) {
            ++next_running;
            continue;
        }
        CHECK(has_running || next_planned != planned.end());
        const bool takes_running =
            has_running && (next_planned == planned.end() ||
                            expected_end(next_running->first, now) <= next_planned->first);
        turn.start = std::max(turn.start, takes_running ? expected_end(next_running->first, now)
                                                        : next_planned->first);
        turn.nodes.push_back(takes_running ? (next_running++)->second : (next_planned++)->second);
    }
    return turn;
}

// The nodes that have something planned, with the time at which that is over and the job has room.
std::vector<std::pair<Time, std::int64_t>> PoolPlan::planned_nodes(const Resources& needs,
                                                                   Time now) const {
    std::vector<std::pair<Time, std::int64_t>> nodes;
    for (const auto& [node, busy_until] : busy_until_) {
        Time from = busy_until;
        NodeView free = view_->free().at(node);
        for (const NodeJob& one : view_->jobs_on(node)) {  // the earliest end first
            const Time end = expected_end(one.until, now);
            if (end > from && fits(free, needs)) break;
            from = std::max(from, end);
            free = free + one.share;
        }
        nodes.emplace_back(from, node);
    }
    std::ranges::sort(nodes);
    return nodes;
}

void PoolPlan::guard(std::int64_t node, const Stay& stay, Time start, Time now) {
    busy_until_[node] = start + stay.length;
    if (planned_ >= max_reservations) return;
    const NodeView spare = view_->free_at(node, start, now) - share_of(node, stay.spec.resources);
    const auto [guard, is_new] = guards_.try_emplace(node, Guard{.from = start, .spare = spare});
    if (!is_new) guard->second.spare = least_of(guard->second.spare, spare);
    trial_->set_aside(node);
}

}  // namespace dayu::sched
