// Ways in which work that was asked for may be done (ADR 0022). A way is a variant of a job, with its chips, the time that it is
// expected to run, and its plan as environment; which one is taken is decided among offers, by price and time, and not here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/job.h"
#include "plan/chips.h"
#include "plan/known_models.h"

namespace dayu::plan {

inline constexpr std::size_t most_ways = 16;  // as many variants as a job may have

// What a way has to keep to.
struct Bounds {
    Duration limit;  // of the job; 0: that of the plan
    std::optional<Duration> until_deadline{};
    bool runs_launcher = false;  // the job has nothing to run but the launcher's command line
};

struct Way {
    Variant variant;
    VariantBody body;
    WorkPlan plan;
};

// By its name, or by what stands in its config.json.
Result<Transformer> transformer_asked(const WorkModel& model, const KnownModels& known);

bool is_allowed(const WorkModel& model, const ChipSupply& supply);
// By the name or an alias; null: the planner has no profile of it.
const Chip* planned_chip(const Chips& chips, const ChipSupply& supply);

// That no pool has chips to plan for. `unknown` are those without a profile, `more` is what else was asked for.
Error no_chips(const WorkModel& model, const std::vector<std::string>& unknown,
               const std::string& more);

}  // namespace dayu::plan
