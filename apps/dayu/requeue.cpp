// dayu requeue JOB...: a placed job is stopped and placed anew, from its checkpoint where it has one.
#include <memory>

#include "dayu/job_name.h"
#include "dayu/verbs.h"

namespace dayu::app {

Verb requeue_verb() {
    const auto jobs = std::make_shared<std::vector<std::string>>();
    return {
        .name = "requeue",
        .help = "Stop jobs and place them anew",
        .options = {{"JOB", jobs.get(), "jobs: 41, a task 41_3, or the id of an array", true}},
        .run =
            [jobs](const Globals& globals) {
                return act_on_jobs(*jobs, "requeue", "is asked to stop, and will be placed anew",
                                   globals);
            },
    };
}

}  // namespace dayu::app
