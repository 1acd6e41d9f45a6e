// How much of what lies idle in a World the jobs of a trace could not use: the expected fragmentation of FGD ("Beware of
// Fragmentation", USENIX ATC 2023) in the World's own terms, where a node has one number of free chips. For a type of job
// that a node has no room for, all that is idle there is lost; for one that fits, nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "model/job.h"
#include "sched/world.h"

namespace dayu::sim {

class IdleShare {
   public:
    // So many jobs that will come. All of them come before the first sample.
    void expect(const JobSpec& spec, std::int64_t jobs);
    // How it is now stands for a time of this weight.
    void sample(const sched::World& world, double weight);
    // Of all that was idle, 0 to 1: of chips where any job has some, else of CPUs. 0 where nothing was.
    double fragmentation() const { return idle_ > 0 ? lost_ / idle_ : 0; }

   private:
    struct Type {
        Resources needs;  // of one node
        double jobs = 0;
    };
    void choose_types();
    double lost_share(const sched::NodeView& free, const std::vector<Type>& types) const;

    using Key = std::tuple<std::string, std::int64_t, std::int64_t, std::int64_t>;
    std::map<Key, std::int64_t> jobs_;
    std::map<std::string, std::vector<Type>> types_;  // by chip; the most popular
    bool has_types_ = false;
    bool has_chips_ = false;
    double idle_ = 0;
    double lost_ = 0;
};

}  // namespace dayu::sim
