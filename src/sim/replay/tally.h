// What a replay comes to: fed with what becomes of each job, it makes the report. Jobs that arrived in the world's warm-up
// are seen by it, as they hold places, and count for nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "model/attempt.h"
#include "model/job.h"
#include "sched/world.h"
#include "sim/replay/fairness.h"
#include "sim/replay/idle.h"
#include "sim/run.h"
#include "sim/trace.h"
#include "sim/world_file.h"

namespace dayu::sim {

// A run that has ended, and what it was offered at for the whole time limit.
struct EndedRun {
    const JobSpec& spec;
    Time placed;  // it held its nodes from then on
    Time from;    // and worked from then on
    Time to;
    EndCause cause = EndCause::exited;
    Money price;
    std::int64_t energy_mwh = 0;
    std::int64_t carbon_mg = 0;
    std::optional<double>
        grid_mg_per_kwh{};  // in the mean while it worked; none: as it was offered
};

class Tally {
   public:
    Tally(const WorldFile& world, const Trace& trace, Time beginning);

    // All jobs are told of before the first of these below; `arrival` is as the seed has moved it.
    void refuse(Time arrival);
    void expect(Time arrival);
    void expect_of(const JobSpec& spec, std::int64_t jobs);  // of those, so many are like this

    void take_event() { ++report_.events; }
    void move_data(Time arrival, std::int64_t bytes);
    void end_run(Time arrival, const EndedRun& run);
    void preempt(Time arrival);
    void lose(Time arrival);
    void give_up(Time arrival);
    void finish(const TraceJob& job, const JobSpec& spec, Time arrival, Time now);
    // The World is as it has been since it was last looked at.
    void look_at(const sched::World& world, Time now);

    RunReport report() &&;

   private:
    bool counts(Time arrival) const { return arrival >= counted_from_; }
    double dominant_part(const JobSpec& spec) const;
    void sum_up_times();
    void sum_up_fairness();
    void sum_up_use();

    const WorldFile& world_;
    const Trace& trace_;
    Time counted_from_;
    Time looked_at_;
    Time first_arrival_;  // of those that count; from the first event
    bool has_arrival_ = false;
    Time last_end_;           // of all runs
    std::int64_t chips_ = 0;  // of the world
    std::int64_t cpus_ = 0;
    std::int64_t memory_mib_ = 0;
    std::vector<Finished> finished_;
    IdleShare idle_;
    double chip_s_ = 0, cpu_s_ = 0;  // taken, from counted_from_ on, over all runs
    __int128 cost_micro_yuan_ = 0;
    double energy_mwh_ = 0, carbon_mg_ = 0;  // a long trace may pass 64 bits of them
    double bytes_moved_ = 0;
    RunReport report_;
};

}  // namespace dayu::sim
