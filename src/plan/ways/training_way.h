// One way of a training: a plan on so many chips of one kind, as a variant of a job.
#pragma once

#include <string>

#include "plan/train_search.h"
#include "plan/training_ways.h"

namespace dayu::plan {

// What a search is about.
struct Question {
    const Knowledge& knowledge;
    const Training& training;
    const TrainJob& job;
    const ChipSupply& supply;
    const Basis& basis;
    const StepRatios* measured = nullptr;  // of this class of work; null: nothing
    bool runs_launcher = false;
};

// One plan, and how it is started: empty where the framework of the chip cannot.
struct Candidate {
    RankedPlan ranked;
    Estimate forecast;
    std::string launch;
};

// Classes are few, so that attempts of one soon teach something: what is done, the kind of model, and in which precision.
std::string work_of(const Training& training, const TrainJob& job);

Result<std::string> launch_of(const Question& asked, const TrainPlan& plan);

Way way_of(const Question& asked, std::int64_t count, const Candidate& candidate);

}  // namespace dayu::plan
