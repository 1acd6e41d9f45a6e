// dayu cancel JOB...: a job that waits ends at once, one that runs is asked to stop.
#include <memory>

#include "dayu/job_name.h"
#include "dayu/verbs.h"

namespace dayu::app {

Verb cancel_verb() {
    const auto jobs = std::make_shared<std::vector<std::string>>();
    return {
        .name = "cancel",
        .help = "Cancel jobs",
        .options = {{"JOB", jobs.get(), "jobs: 41, a task 41_3, or the id of an array", true}},
        .run =
            [jobs](const Globals& globals) {
                return act_on_jobs(*jobs, "cancel", "is asked to end", globals);
            },
    };
}

}  // namespace dayu::app
