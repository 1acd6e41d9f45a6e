// The loop of sim/run.h and what it holds; private to it. live.cpp has the loop, live_runs.cpp what becomes of a job.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "model/attempt.h"
#include "sched/decide.h"
#include "sched/offer_book.h"
#include "sched/world.h"
#include "sim/replay/changes.h"
#include "sim/replay/shapes.h"
#include "sim/replay/tally.h"
#include "sim/run.h"

namespace dayu::sim {

// Where the clock stands at the first arrival. What waits is ranked by time alone, so that any will do.
inline constexpr Time beginning{1'800'000'000'000};
// What queues have used comes to the World so often, and with each end. Live it comes with each window of metering.
inline constexpr Duration metering = seconds(3600);

struct Live {
    Time arrival;
    Time ranked;  // as if it had come then
    ShapeId shape;
    VariantIndex variant;  // that was placed
    Duration left;         // of its work, when it starts next
    // Of the run that it is in: from `placed` on the nodes are its own, from `began` on, when its data is there, it works.
    Time placed, began, metered_to, stopped;  // stopped: asked to
    Money price;  // of it, energy and carbon too: for the whole time limit
    std::int64_t energy_mwh = 0;
    std::int64_t carbon_mg = 0;
    std::uint32_t place = 0;  // among those that run
    std::uint32_t ends = 0;   // that were foreseen for it: the last counts
    std::uint32_t losses = 0;
    CenterId center;  // where it runs, or ran last; 0: it has not run yet
    bool is_stopping = false;
};

struct End {
    Time at;
    std::uint32_t job = 0;
    std::uint32_t number = 0;

    auto operator<=>(const End&) const = default;
};

struct Used {
    Money amount;
    Time at;
};

class Replay {
   public:
    Replay(const WorldFile& world, const Trace& trace, const RunSetting& setting);

    RunReport run();

   private:
    void build_supply();
    void take_in_jobs();
    void move_arrivals();
    void announce_jobs();
    bool is_stale(const End& end) const;
    std::optional<Time> next_event();
    bool waits_for_changes() const;
    void take_ends();
    void take_changes();
    void take_nodes(const Change& change);
    void clear(const Change& change, const NodeOf& node);
    void take_arrivals();
    void rank(std::uint32_t job);
    void hold_rounds();
    bool hold_round();
    void serve_line();
    sched::Line::Turn turn_of(std::uint32_t job) const;
    void enqueue(std::uint32_t job);

    void start(const sched::ClassDecision& decided);
    void begin_run(std::uint32_t job, const sched::Placement& placement, const Candidate& offer);
    Duration time_to_bring_data(std::uint32_t job, CenterId center) const;
    void claim(const sched::Claim& claim);
    void stop(std::uint32_t job);
    void foresee_end(std::uint32_t job, Time at);
    void end_run(std::uint32_t job, EndCause cause);
    void stop_again(std::uint32_t job);
    void lose(std::uint32_t job);

    void meter(std::uint32_t job);
    void meter_all();
    sched::QueuedJob as_queued(std::uint32_t job) const;
    sched::RunningJob as_running(std::uint32_t job, Time from) const;
    sched::Likeness likeness(std::uint32_t job) const;
    const JobSpec& spec(std::uint32_t job) const { return shapes_.spec(live_[job].shape); }
    const JobSpec& chosen(std::uint32_t job) const {
        return shapes_.spec(live_[job].shape, live_[job].variant);
    }
    bool keeps_checkpoints(std::uint32_t job) const {
        return file_.jobs.checkpoints || !spec(job).checkpoint.path.empty();
    }
    const std::string& queue_of(std::uint32_t job) const {
        return queues_[trace_.jobs[job].project];
    }
    static JobId id_of(std::uint32_t job) { return {std::uint64_t{job} + 1}; }
    static std::uint32_t job_of(JobId id) { return static_cast<std::uint32_t>(id.value - 1); }

    const WorldFile& file_;
    const Trace& trace_;
    const RunSetting& setting_;
    Shapes shapes_;
    sched::World world_;
    sched::OfferBook book_;
    Changes changes_;
    std::optional<sched::Foresight> foresight_;  // where the policy ranks by it

    std::vector<std::string> queues_;      // by project
    std::vector<Used> used_;               // likewise
    std::vector<Live> live_;               // by job of the trace
    std::vector<std::uint32_t> arrivals_;  // in their order
    std::size_t arrived_ = 0;
    std::vector<std::uint32_t> running_;  // in no order
    std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
    sched::Line line_;  // who waits; with a rule
    std::optional<Time> wake_at_;
    Time now_ = beginning;
    Time last_event_ = beginning;  // that was no change
    Time next_metering_ = beginning + metering;

    Tally tally_;
};

}  // namespace dayu::sim
