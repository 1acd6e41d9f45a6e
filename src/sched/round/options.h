// The offers of all pools to one class of equal jobs, as a round keeps them: light enough to weigh for
// classes that then wait, exact enough to become the table that is recorded.
#pragma once

#include <vector>

#include "sched/decide.h"
#include "sched/round/pool_plan.h"

namespace dayu::sched {

// What a job may be placed as: its variants, or itself.
struct Choices {
    explicit Choices(const JobSpec& spec)
        : specs(variants_of(spec)), are_variants(!spec.variants.empty()) {}

    std::vector<JobSpec> specs;
    bool are_variants = false;  // which of them it is stands in the candidate
};

struct Option {
    Candidate offer;
    std::size_t pool = 0;       // index in the round's plans, which stand in (center, pool) order
    std::size_t choice = 0;     // index in the job's Choices
    std::uint64_t version = 0;  // of the plan that the offer was estimated for
    bool closed = false;        // the policy found no nodes in it: not again in this round
};

std::vector<PoolPlan> plan_pools(const World& world);

const Chip* find_chip(const World& world, const JobSpec& spec);

// The pools that take one of the choices and can be reached, in (center, pool, choice) order.
std::vector<Option> weigh_options(const World& world, std::vector<PoolPlan>& plans,
                                  const Policy& policy, const Choices& choices, Time now);
// Estimates anew where the pool has changed since.  `spec` is the option's choice.
void refresh(Option& option, PoolPlan& plan, const Policy& policy, const JobSpec& spec, Time now);

// Orders the options as a table shows them: the smallest objective first.
void sort_options(std::vector<Option>& options);
// The offers in the order of `options`, then the refused with their reasons.
CandidateTable make_table(const World& world, const std::vector<PoolPlan>& plans,
                          const Policy& policy, const Choices& choices,
                          const std::vector<Option>& options, Time now);

}  // namespace dayu::sched
