// What a World was told, kept in plain tables beside it, and a World built from them in any order.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "sched/decide.h"
#include "sched/world.h"

namespace dayu::property {

// In [0, n), and the same on every platform.
class Dice {
   public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
    }
    std::int64_t between(std::int64_t from, std::int64_t to) { return from + below(to - from + 1); }
    bool chance(std::int64_t percent) { return below(100) < percent; }

   private:
    std::mt19937_64 random_;
};

struct Facts {
    std::map<std::string, Chip> chips;
    std::map<CenterId, std::pair<Center, std::optional<Refusal>>> centers;
    std::set<std::tuple<CenterId, std::string, std::int64_t>> excluded;
    std::map<std::string, Dataset> datasets;
    std::map<std::string, Queue> queues;
    std::map<std::string, std::pair<Money, Time>> usage;
    std::map<ShapeId, JobSpec> shapes;
    std::map<JobId, sched::QueuedJob> queued;
    std::map<JobId, sched::RunningJob> running;
    std::map<JobId, sched::ClaimedNodes> claims;

    // Each table in an order of its own.
    sched::World build(Dice& dice) const;
};

}  // namespace dayu::property
