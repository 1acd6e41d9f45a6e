// dayu hold JOB...: a waiting job is passed over until it is released.
#include <memory>

#include "dayu/job_name.h"
#include "dayu/verbs.h"

namespace dayu::app {

Verb hold_verb() {
    const auto jobs = std::make_shared<std::vector<std::string>>();
    return {
        .name = "hold",
        .help = "Hold waiting jobs back until they are released",
        .options = {{"JOB", jobs.get(), "jobs: 41, a task 41_3, or the id of an array", true}},
        .run =
            [jobs](const Globals& globals) {
                return act_on_jobs(*jobs, "hold", "is held", globals);
            },
    };
}

}  // namespace dayu::app
