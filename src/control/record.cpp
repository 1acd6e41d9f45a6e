// The way of events into State, and what some bring about at once: the end of a job settles what others
// wait for, and gives its place in an array to the next task; the end of an attempt may be the one too many
// for its node. That is decided here, once, and recorded like all else: replay decides nothing.
#include <algorithm>
#include <deque>

#include "control/handle.h"

namespace dayu::control {
namespace {

// Something that others may wait for has come about.
struct Happened {
    JobId job;  // or an array
    bool whole_array = false;
    bool ended = false;  // else it has only started
    bool completed = false;
};

bool is_met(DependsOn on, const Happened& what) {
    switch (on) {
        case DependsOn::success: return what.ended && what.completed;
        case DependsOn::failure: return what.ended && !what.completed;
        case DependsOn::any: return what.ended;
        case DependsOn::start: return true;
    }
    return false;
}

class Recorder {
   public:
    Recorder(State& state, const Actor& actor, Time now, const NodeRule& node_rule)
        : state_(state), actor_(actor), now_(now), node_rule_(node_rule) {}

    void record(Event event) {
        put(std::move(event));
        // A chain of a thousand jobs may fall at once: no recursion.
        while (!happened_.empty()) {
            const Happened what = happened_.front();
            happened_.pop_front();
            settle_dependents(what);
        }
        for (const JobId array : arrays_with_room_) fill_slots(array);
        arrays_with_room_.clear();
        for (const NodeKey& node : suspects_) {
            if (auto excluded = exclusion_due(state_, node, node_rule_, state_.header.last_at))
                put(*std::move(excluded));
        }
        suspects_.clear();
    }

    void reserve(std::size_t events) { recorded_.reserve(events); }
    std::vector<RecordedEvent> take() { return std::move(recorded_); }

   private:
    void put(Event event) {
        if (const auto* ended = std::get_if<JobEnded>(&event)) note_end(*ended);
        if (const auto* held = std::get_if<JobHeld>(&event)) note_room(held->job);
        if (const auto* ended_attempt = std::get_if<AttemptEnded>(&event))
            note_suspects(*ended_attempt);
        if (const auto* advanced = std::get_if<AttemptAdvanced>(&event);
            advanced != nullptr && advanced->state == AttemptState::running) {
            happened_.push_back({.job = advanced->attempt.job});
        }
        const JobRow* job = state_.jobs.find(job_of(event));
        const EventMeta meta{.seq = {state_.header.last_seq.value + 1},
                             .at = std::max(now_, state_.header.last_at),
                             .scope = job == nullptr ? actor_.scope : job->scope,
                             .actor = actor_.name};
        recorded_.push_back({meta, std::move(event)});
        apply(state_, recorded_.back());
    }

    // Before the job leaves State.
    void note_end(const JobEnded& event) {
        const bool completed = event.state == JobState::completed;
        happened_.push_back({.job = event.job, .ended = true, .completed = completed});
        const JobId array = state_.jobs.at(event.job).array;
        if (array.value == 0) return;
        const ArrayRow& row = state_.arrays.at(array);
        if (row.live == 1) {
            happened_.push_back({.job = array,
                                 .whole_array = true,
                                 .ended = true,
                                 .completed = completed && row.all_completed});
        } else {
            note_room(event.job);
        }
    }

    // Before the attempt leaves State.
    void note_suspects(const AttemptEnded& event) {
        if (!blames_node(event.ending.cause)) return;
        const AttemptRow& attempt = state_.attempts.at(event.attempt.job);
        for (const NodeShare& share : attempt.nodes) {
            suspects_.push_back(
                {.center = attempt.center, .pool = attempt.pool, .node = share.node});
        }
    }

    void note_room(JobId task) {
        const JobId array = state_.jobs.at(task).array;
        if (array.value == 0 || state_.arrays.at(array).at_most == 0) return;
        if (std::ranges::find(arrays_with_room_, array) == arrays_with_room_.end())
            arrays_with_room_.push_back(array);
    }

    void settle_dependents(const Happened& what) {
        std::vector<JobId> waiting;
        const auto& rows = state_.dependents.rows();
        for (auto at = rows.lower_bound({.awaited = what.job, .job = {}});
             at != rows.end() && at->first.awaited == what.job; ++at) {
            waiting.push_back(at->first.job);
        }
        for (const JobId job : waiting) settle(job, what);
    }

    void settle(JobId job, const Happened& what) {
        const AwaitsRow* row = state_.awaits.find(job);
        if (row == nullptr) return;
        for (const Awaited& awaited : std::vector(row->unmet)) {
            if (awaited.job != what.job || awaited.whole_array != what.whole_array) continue;
            if (is_met(awaited.on, what)) {
                put(DependencyMet{.job = job, .awaited = awaited});
            } else if (what.ended) {
                put(DependencyFailed{.job = job, .awaited = awaited});
                put(JobEnded{
                    .job = job, .state = JobState::cancelled, .cost = state_.jobs.at(job).spent});
                return;
            }
        }
    }

    void fill_slots(JobId array) {
        while (const ArrayRow* row = state_.arrays.find(array)) {
            if (row->not_waiting >= row->at_most) return;
            const auto next = state_.slot_queue.rows().lower_bound({.array = array, .job = {}});
            if (next == state_.slot_queue.rows().end() || next->first.array != array) return;
            put(SlotGiven{.job = next->first.job});
        }
    }

    State& state_;
    const Actor& actor_;
    const Time now_;
    const NodeRule& node_rule_;
    std::vector<RecordedEvent> recorded_;
    std::deque<Happened> happened_;
    std::vector<JobId> arrays_with_room_;
    std::vector<NodeKey> suspects_;
};

}  // namespace

std::vector<RecordedEvent> record(State& state, Events events, const Actor& actor, Time now,
                                  const NodeRule& node_rule) {
    Recorder recorder(state, actor, now, node_rule);
    recorder.reserve(events.size());
    for (Event& event : events) recorder.record(std::move(event));
    return recorder.take();
}

}  // namespace dayu::control
