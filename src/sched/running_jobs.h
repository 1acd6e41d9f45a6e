// The jobs that run, each with what it has: found by its id, and gone through in no order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/id_map.h"
#include "base/time.h"
#include "model/attempt.h"
#include "model/ids.h"
#include "model/job.h"

namespace dayu::sched {

struct RunningJob {
    JobId job;
    CenterId center;
    std::string pool;
    std::vector<NodeShare> nodes;
    Time until;           // at the latest, by its time limit
    std::string queue{};  // path
    Priority priority = Priority::normal;
    bool preemptible = false;
    bool stopping = false;
    Time placed{};
    Duration grace{};  // between a request to stop and the end

    bool operator==(const RunningJob&) const = default;
};

std::int64_t chips_milli_of(const RunningJob& job);  // CPUs in thousandths where it has none

class RunningJobs {
   public:
    // nullptr: it does not run. Good until the next change.
    const RunningJob* find(JobId job) const {
        const std::uint32_t* place = places_.find(job);
        return place == nullptr ? nullptr : &jobs_[*place];
    }
    RunningJob* find(JobId job) { return const_cast<RunningJob*>(std::as_const(*this).find(job)); }

    // Which is not there yet.
    const RunningJob& add(RunningJob job) {
        CHECK(find(job.job) == nullptr);
        places_[job.job] = static_cast<std::uint32_t>(jobs_.size());
        return jobs_.emplace_back(std::move(job));
    }
    // Which is there. The last takes its place.
    void remove(JobId job) {
        const std::uint32_t place = *places_.find(job);
        places_.erase(job);
        if (place + 1 < jobs_.size()) {
            jobs_[place] = std::move(jobs_.back());
            *places_.find(jobs_[place].job) = place;
        }
        jobs_.pop_back();
    }

    auto begin() const { return jobs_.begin(); }
    auto end() const { return jobs_.end(); }

    bool operator==(const RunningJobs& other) const {
        return jobs_.size() == other.jobs_.size() &&
               std::ranges::all_of(jobs_, [&](const RunningJob& job) {
                   const RunningJob* same = other.find(job.job);
                   return same != nullptr && *same == job;
               });
    }

   private:
    std::deque<RunningJob> jobs_;
    IdMap<JobId, std::uint32_t> places_;
};

}  // namespace dayu::sched
