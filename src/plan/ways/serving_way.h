// One way of a service: so many replicas of a plan on one kind of chip, as a variant of a job.
#pragma once

#include <string>

#include "plan/serve_confirm.h"
#include "plan/serving_ways.h"

namespace dayu::plan {

// What a search is about.
struct ServingQuestion {
    const ServeKnowledge& knowledge;
    const Serving& serving;
    const ServeJob& job;
    const ChipSupply& supply;
    const ServeBasis& basis;
    const Bounds& bounds;
};

Result<std::string> launch_of(const ServingQuestion& asked, const ServePlan& plan,
                              const ReplicaLayout& layout);

// `launch` is empty where no framework of the chip can start it.
Way way_of(const ServingQuestion& asked, const ConfirmedOffer& confirmed,
           const ReplicaLayout& layout, const std::string& launch);

}  // namespace dayu::plan
