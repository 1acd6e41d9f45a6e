// What the planner's verbs take from the centres of a server: which chips, how many of them, and on what terms. Whoever plans
// without a server names the same by hand.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dayu/verb.h"
#include "plan/chips.h"
#include "plan/terms.h"
#include "wire/json.h"

namespace dayu::app {

// The chips of one pool, which a job may have together.
struct PlanSite {
    std::string center;
    std::string pool;
    const plan::Chip* chip = nullptr;
    double chips = 0;
    double free_chips = 0;
    double chips_per_node = 0;
    plan::Terms terms;
    std::string note;  // why it takes nothing now: "drained", "no contact"; empty: it does
};

// A pool that cannot be planned with, and why.
struct PassedSite {
    std::string center;
    std::string pool;
    std::string reason;
};

struct PlanSites {
    std::vector<PlanSite> sites;  // by centre and pool, as the server lists them
    std::vector<PassedSite> passed;
};

// `centers` and `registry` are the answers of GET /v1/centers and /v1/chips. A pool's chip is looked up among the planner's by
// its name in the registry, and then by its aliases there; pools without chips are none of the planner's business. `wanted`
// are names of centres, or "all".
Result<PlanSites> sites_of(const wire::Json& centers, const wire::Json& registry,
                           const std::vector<std::string>& wanted, const plan::Chips& chips,
                           const plan::HourTable& hours);

// The same of the server that `globals` name. Where none answers, the error says which options take its place.
Result<PlanSites> read_plan_sites(const Globals& globals, const std::vector<std::string>& wanted,
                                  const plan::Chips& chips, const plan::HourTable& hours);

// `file` is CSV with the hours of centres (plan/terms.h); empty: nothing is known of hours.
Result<plan::HourTable> read_hour_table(const std::string& file);

}  // namespace dayu::app
