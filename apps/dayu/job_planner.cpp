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
    Result<const plan::PlannerTables*> get() {
        const std::scoped_lock lock(mutex_);
        if (!tables_) {
            const std::string folder = TRY(find_plan_folder(""));
            tables_ = plan::PlannerTables{.training = TRY(read_plan_knowledge(folder)),
                                          .serving = TRY(read_serve_knowledge(folder))};
        }
        return &*tables_;
    }

   private:
    std::mutex mutex_;
    std::optional<plan::PlannerTables> tables_;
};

}  // namespace

rest::Planner job_planner() {
    return [tables = std::make_shared<Tables>()](
               JobFile& file, const PlanGround& ground) -> Result<std::vector<WorkPlan>> {
        const auto known = tables->get();
        if (!known)
            return unavailable("planner_missing",
                               "model: this server cannot plan: " + known.error().message);
        return plan::plan_job(**known, file, ground);
    };
}

}  // namespace dayu::app
