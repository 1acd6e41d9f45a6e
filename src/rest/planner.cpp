#include "rest/planner.h"

#include "control/chip_supply.h"
#include "control/step_ratios.h"
#include "rest/context.h"

namespace dayu::rest {

Result<std::vector<WorkPlan>> plan_work(Context& context, JobFile& file) {
    if (!asks_for_work(file)) return std::vector<WorkPlan>();
    if (!context.planner) {
        return unavailable("planner_missing",
                           "model: this server plans no jobs: it was started without the "
                           "planner's tables; name chips under `resources`");
    }
    PlanGround ground{.supply = {}, .measured = {}, .now = system_clock().now()};
    context.loop.read_and_wait([&](const runtime::Core& core) {
        ground.supply = control::chip_supply(core.state(), file.spec);
        ground.measured = control::step_ratios(core.state());
    });
    return context.planner(file, ground);
}

}  // namespace dayu::rest
