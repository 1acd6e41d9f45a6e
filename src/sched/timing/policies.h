// One line a policy: the function at the end of its file.
#pragma once

#include <memory>

#include "sched/timing.h"

namespace dayu::sched {

std::unique_ptr<TimingPolicy> survival_timing(const TimingSetting& setting);
std::unique_ptr<TimingPolicy> now_timing(const TimingSetting& setting);
std::unique_ptr<TimingPolicy> lowest_slot_timing(const TimingSetting& setting);
std::unique_ptr<TimingPolicy> lowest_window_timing(const TimingSetting& setting);
std::unique_ptr<TimingPolicy> carbon_time_timing(const TimingSetting& setting);
std::unique_ptr<TimingPolicy> ecovisor_timing(const TimingSetting& setting);

// How long carbon-time makes a job wait that arrives then.
std::int64_t carbon_time_wait(const TimingSetting& setting, std::int64_t arrival, std::size_t kind);

// As a plan.
inline std::vector<Pause> start_at(const TimingJob& job, std::int64_t start) {
    if (start == job.arrival) return {};
    return {{job.arrival, start}};
}

}  // namespace dayu::sched
