// The live core in the place of the simulator: State, handle() and feed() under a clock that jumps, driven by what users
// and agents say. It is told of a trace's jobs one by one as they come, by SubmitJob, and learns what became of them
// from the syncs of pretended agents, which start and stop at once what they are told to. Of the simulator it takes
// only what a job asks for (sim/replay/shapes.h).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "control/feed.h"
#include "control/handle.h"
#include "runtime/live_foresight.h"
#include "sched/offer_book.h"
#include "sched/policy.h"
#include "sim/replay/shapes.h"
#include "tests/property/replay/queue_of_jobs.h"

namespace dayu::property {

class LiveCore {
   public:
    LiveCore(const QueueOfJobs& given, const sched::Policy& policy, Time beginning);

    // All that it starts and ends, in order, until nothing is left to happen.
    std::vector<Happening> run();

   private:
    // What an engine runs.
    struct Run {
        AttemptKey attempt;
        CenterId center;
        Time started;
        Time metered_to;
        Time due;  // by itself, or at the end of its grace
        bool is_stopping = false;
    };

    Result<void> execute(const control::Command& command, const control::Actor& actor);
    void must(const control::Command& command, const control::Actor& actor);
    void declare();
    std::optional<Time> next_event() const;
    void report_ends();
    void submit_arrivals();
    void report_use();
    void hold_rounds();
    void obey();
    void start(const StartOrder& order);
    void stop(const StopOrder& order);
    void sync(const std::vector<Observation>& seen);
    SyncRequest request() const;
    Token token_of(const Run& run) const { return make_token(state_.header.cluster, run.attempt); }
    Duration duration_of(JobId job) const;

    const QueueOfJobs& given_;
    const sched::Policy& policy_;
    std::optional<runtime::LiveForesight> foresight_;
    sim::Shapes shapes_;
    control::State state_;
    sched::World world_;
    sched::OfferBook book_;
    std::map<JobId, Run> runs_;
    std::size_t arrived_ = 0;
    std::optional<Time> wake_at_;
    Time beginning_;
    Time now_;
    Time next_metering_;
    std::vector<Happening> log_;
};

}  // namespace dayu::property
