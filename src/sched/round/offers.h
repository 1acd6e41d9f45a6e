// The offers of all pools to one shape: which take it, what a start there would come to, and why the others
// do not. Of what is declared alone: what runs where, and which centres can be reached, is asked at its time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sched/decide.h"
#include "sched/policy.h"
#include "sched/quote.h"
#include "sched/round/pool_plan.h"
#include "sched/round/rules.h"
#include "sched/world.h"

namespace dayu::sched {

// What a job may be placed as: its variants, or itself.
struct Choices {
    explicit Choices(const JobSpec& spec);

    std::vector<JobSpec> specs;
    bool are_variants = false;  // which of them it is stands in the candidate
    // Where the run times of all are known: the shortest, and the chips of the smallest, in thousandths; by them Terms
    // are compared.
    Duration shortest{};
    std::int64_t waiting_milli = 0;
};

struct Offer {
    std::uint32_t pool = 0;    // its number, in (center, pool) order
    std::uint32_t choice = 0;  // of the job's Choices
    Money objective;           // of the terms
    Terms terms;               // of a start now
    Quote at_most;             // of the whole time limit
};

// Of an offer: the PoolView::version() for which its pool was found too full; none: not known.
struct TooFull {
    std::uint32_t pool = 0;
    std::uint64_t version = ~std::uint64_t{0};
};

struct RefusedPool {
    std::uint32_t pool = 0;
    std::uint32_t choice = 0;
    const Rule* rule = nullptr;
};

// As a table shows them.
struct RefusedRows {
    std::vector<Candidate> shown;
    std::vector<RefusalCount> counts;  // of all, by code
};

struct ShapeOffers {
    ShapeOffers(const World& world, const Policy& policy, const JobSpec& spec);

    Choices choices;
    std::vector<Offer> offers;         // by (objective, pool, choice)
    std::vector<TooFull> too_full;     // of each, apart: all of them are looked at in each round
    std::vector<RefusedPool> refused;  // by (pool, choice)
    std::uint64_t data_version = 0;    // for which the terms hold, where data is moved
    bool moves_data = false;
    // On record where rules alone refuse, once a table has asked for it.
    mutable std::optional<RefusedRows> refused_on_record;
};

// With room for it from `room` on.
Money objective_at(const Policy& policy, const JobSpec& spec, const Offer& offer,
                   Duration until_room);

// What a start there takes of the pool.
inline Stay stay_of(const Offer& offer, const JobSpec& spec) {
    return {.spec = spec, .length = offer.terms.wait + spec.time_limit};
}

// Whether the pool may take this offer at present, as far as it is not a question of room.
bool is_open(const PoolPlan& plan, const JobSpec& spec);
bool is_affordable(const Offer& offer, const JobSpec& spec, Money spent);
// Why not.
std::optional<Refusal> refusal_now(const PoolPlan& plan, const Offer& offer, const JobSpec& spec,
                                   Money spent);

const Chip* find_chip(const World& world, const JobSpec& spec);

// Whether anything of the shape starts at once, as long as nothing is planned. Asks only the pools that have changed since
// they were found too full.
bool anything_starts(ShapeOffers& offers, const std::vector<PoolPlan>& plans, Money spent,
                     Time now);

// Of all pools, in (center, pool) order, to look at them.
std::vector<PoolPlan> look_at_pools(const World& world);

}  // namespace dayu::sched
