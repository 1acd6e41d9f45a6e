#include "dayu/job_planner.h"

#include <memory>
#include <mutex>
#include <optional>

#include "dayu/plan_data.h"
#include "plan/planned_job.h"

namespace dayu::app {
namespace {

// Read once; what went wrong is tried again, as a folder may be mended.
class Tables {
   public:
    Result<const plan::Knowledge*> get() {
        const std::scoped_lock lock(mutex_);
        if (!knowledge_) knowledge_ = TRY(read_plan_knowledge(TRY(find_plan_folder(""))));
        return &*knowledge_;
    }

   private:
    std::mutex mutex_;
    std::optional<plan::Knowledge> knowledge_;
};

}  // namespace

rest::Planner job_planner() {
    return [tables = std::make_shared<Tables>()](
               JobFile& file, const PlanGround& ground) -> Result<std::vector<WorkPlan>> {
        const auto knowledge = tables->get();
        if (!knowledge)
            return unavailable("planner_missing",
                               "model: this server cannot plan: " + knowledge.error().message);
        return plan::plan_job(**knowledge, file, ground);
    };
}

}  // namespace dayu::app
