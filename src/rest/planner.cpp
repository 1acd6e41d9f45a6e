#include "rest/planner.h"

#include "control/chip_supply.h"
#include "rest/context.h"

namespace dayu::rest {

Result<std::vector<WorkPlan>> plan_work(Context& context, JobFile& file) {
    if (!file.training) return std::vector<WorkPlan>();
    if (!context.planner) {
        return unavailable("planner_missing",
                           "model: this server plans no jobs: it was started without the "
                           "planner's tables; name chips under `resources`");
    }
    std::vector<ChipSupply> supply;
    context.loop.read_and_wait(
        [&](const runtime::Core& core) { supply = control::chip_supply(core.state(), file.spec); });
    return context.planner(file, supply, system_clock().now());
}

}  // namespace dayu::rest
