#include "sched/waiting.h"

#include <algorithm>

#include "base/check.h"

namespace dayu::sched {
namespace {

template <class Id>
Id next_place(std::vector<Id>& free, std::size_t used) {
    if (free.empty()) return {static_cast<std::uint32_t>(used)};
    const Id id = free.back();
    free.pop_back();
    return id;
}

}  // namespace

std::size_t Waiting::LaneHash::operator()(const LaneKey& key) const noexcept {
    constexpr std::uint64_t mixer = 0x9e37'79b9'7f4a'7c15;
    const std::uint64_t both = std::uint64_t{key.queue.value} << 32 | key.job_class.value;
    const std::uint64_t mixed = (both * 4 + static_cast<std::uint64_t>(key.priority)) * mixer;
    return mixed ^ mixed >> 32;
}

void Waiting::enqueue(const QueuedJob& job, QueueId queue, bool has_claim) {
    dequeue(job.job);
    const LaneKey key{.queue = queue, .job_class = join_class(job), .priority = job.priority};
    Waiter& waiter = jobs_[job.job];
    waiter = {.ranked_from = ranked_from(job.submitted, job.priority),
              .not_before = job.not_before,
              .lane = join_lane(key),
              .is_aside = true,
              .has_claim = has_claim};
    if (job.not_before > Time{}) timed_.emplace(job.not_before, job.job);
    place(job.job, waiter);
}

void Waiting::dequeue(JobId job) {
    Waiter* const waiter = jobs_.find(job);
    if (waiter == nullptr) return;
    if (waiter->not_before > Time{}) timed_.erase({waiter->not_before, job});
    if (!waiter->is_aside) step_aside(job, *waiter);
    leave_lane(waiter->lane);
    jobs_.erase(job);
}

void Waiting::set_claimed(JobId job, bool has_claim) {
    Waiter* const waiter = jobs_.find(job);
    if (waiter == nullptr) return;
    waiter->has_claim = has_claim;
    place(job, *waiter);
}

void Waiting::advance(Time now) {
    const auto boundary = [&](Time at) {
        return timed_.upper_bound({at, JobId{~std::uint64_t{0}}});
    };
    const Time before = std::exchange(now_, now);
    const auto end = boundary(std::max(before, now));
    for (auto at = boundary(std::min(before, now)); at != end; ++at)
        place(at->second, *jobs_.find(at->second));
}

std::optional<Time> Waiting::next_wake(Time now) const {
    const auto next = timed_.upper_bound({now, JobId{~std::uint64_t{0}}});
    return next == timed_.end() ? std::nullopt : std::optional(next->first);
}

std::optional<QueuedJob> Waiting::find(JobId job) const {
    const Waiter* const waiter = jobs_.find(job);
    if (waiter == nullptr) return std::nullopt;
    const Lane& lane = lanes_[waiter->lane.value].lane;
    const JobClass& one = classes_[lane.job_class().value];
    return QueuedJob{.job = job,
                     .shape = one.shape,
                     .priority = lane.priority(),
                     .submitted = submitted_at(waiter->ranked_from, lane.priority()),
                     .not_before = waiter->not_before,
                     .spent = one.spent};
}

std::span<const Head> Waiting::heads(QueueId queue) const {
    if (queue.value >= queues_.size()) return {};
    return queues_[queue.value].heads;
}

std::int64_t Waiting::waiting_in(QueueId queue) const {
    return queue.value < queues_.size() ? queues_[queue.value].waiting : 0;
}

std::size_t Waiting::count_before(JobClassId job_class, const Rank& rank) const {
    std::size_t count = 0;
    for (const LaneId id : classes_[job_class.value].lanes) {
        const Lane& one = lane(id);
        if (!one.empty() && one.front() < rank) count += one.count_before(rank);
    }
    return count;
}

JobClassId Waiting::join_class(const QueuedJob& job) {
    const auto spec = shapes_.find(job.shape);
    CHECK(spec != shapes_.end());
    const ClassKey key{job.shape, spec->second.placement.max_price ? job.spent : Money{}};
    const auto at = class_ids_.find(key);
    if (at != class_ids_.end()) return at->second;
    const JobClassId id = next_place(free_classes_, classes_.size());
    if (id.value == classes_.size()) classes_.emplace_back();
    classes_[id.value] = {.shape = key.first, .spent = key.second, .waiting = 0, .lanes = {}};
    class_ids_.emplace(key, id);
    return id;
}

LaneId Waiting::join_lane(const LaneKey& key) {
    const auto [at, is_new] = lane_ids_.try_emplace(key);
    if (is_new) {
        at->second = next_place(free_lanes_, lanes_.size());
        if (at->second.value == lanes_.size()) lanes_.emplace_back();
        std::vector<LaneId>& of_class = classes_[key.job_class.value].lanes;
        lanes_[at->second.value] = {.lane = Lane(key.queue, key.job_class, key.priority),
                                    .members = 0,
                                    .place = static_cast<std::uint32_t>(of_class.size())};
        of_class.push_back(at->second);
    }
    ++lanes_[at->second.value].members;
    return at->second;
}

void Waiting::leave_lane(LaneId id) {
    LaneRow& row = lanes_[id.value];
    if (--row.members > 0) return;
    const Lane& lane = row.lane;
    lane_ids_.erase({lane.queue(), lane.job_class(), lane.priority()});
    leave_class(row, id);
    row.lane = {};
    free_lanes_.push_back(id);
}

void Waiting::leave_class(LaneRow& row, LaneId id) {
    const JobClassId class_id = row.lane.job_class();
    JobClass& one = classes_[class_id.value];
    CHECK(one.lanes[row.place] == id);
    one.lanes[row.place] = one.lanes.back();
    lanes_[one.lanes.back().value].place = row.place;
    one.lanes.pop_back();
    if (!one.lanes.empty()) return;
    class_ids_.erase({one.shape, one.spent});
    free_classes_.push_back(class_id);
}

// Into its lane or out of it, as it is now.
void Waiting::place(JobId job, Waiter& waiter) {
    const bool aside = waiter.has_claim || waiter.not_before > now_;
    if (aside == waiter.is_aside) return;
    aside ? step_aside(job, waiter) : enter(job, waiter);
}

void Waiting::enter(JobId job, Waiter& waiter) {
    waiter.is_aside = false;
    change_lane(waiter.lane, [&](Lane& lane) { lane.insert({waiter.ranked_from, job}); });
    ++classes_[lane(waiter.lane).job_class().value].waiting;
}

void Waiting::step_aside(JobId job, Waiter& waiter) {
    waiter.is_aside = true;
    change_lane(waiter.lane, [&](Lane& lane) { lane.erase({waiter.ranked_from, job}); });
    --classes_[lane(waiter.lane).job_class().value].waiting;
}

// What its queue knows of the lane follows it.
template <class Change>
void Waiting::change_lane(LaneId id, Change&& change) {
    Lane& lane = lanes_[id.value].lane;
    if (lane.queue().value >= queues_.size()) queues_.resize(lane.queue().value + 1);
    OfQueue& queue = queues_[lane.queue().value];
    std::vector<Head>& heads = queue.heads;
    queue.waiting -= std::ssize(lane);
    const std::optional<Rank> before = lane.empty() ? std::nullopt : std::optional(lane.front());
    change(lane);
    queue.waiting += std::ssize(lane);
    const std::optional<Rank> after = lane.empty() ? std::nullopt : std::optional(lane.front());
    if (before == after) return;
    if (before) heads.erase(std::ranges::lower_bound(heads, *before, {}, &Head::rank));
    if (!after) return;
    heads.insert(
        std::ranges::lower_bound(heads, *after, {}, &Head::rank),
        {.rank = *after, .lane = id, .job_class = lane.job_class(), .priority = lane.priority()});
}

}  // namespace dayu::sched
