// What happened and how things stand, in the short phrases that a scenario expects.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sched/decide.h"
#include "tests/scenario/platform.h"

namespace dayu::scenario {

class Phrases {
   public:
    explicit Phrases(const Platform& platform) : platform_(platform) {}

    std::vector<std::string> of(const control::RecordedEvent& recorded);  // learns names from it
    // Every job that was accepted, in order: where it stands now.
    std::vector<std::string> standing() const;
    std::vector<std::string> of(const CandidateTable& table) const;
    std::vector<std::string> of(const sched::Explanation& explanation) const;

    // The job that was last accepted under this name.
    Result<JobId> job(const std::string& name) const;
    std::optional<JobState> ended(JobId job) const;
    // "j1", or "j1/2" for its second attempt; without a number, the one that was started last.
    Result<AttemptKey> attempt(const std::string& text) const;
    // The text with each token replaced by "j1 attempt 2".
    std::string named(const std::string& text) const;

   private:
    struct Tell;
    std::string name(JobId job) const;
    std::string name(AttemptKey key) const;
    std::string name(CenterId center) const;

    const Platform& platform_;
    std::map<JobId, std::string> names_;
    std::map<JobId, JobState> ended_;
    std::map<JobId, std::int64_t> attempts_;
    CandidateTable table_;  // the last one weighed
};

std::string yuan(Money amount);  // at least two decimals

}  // namespace dayu::scenario
