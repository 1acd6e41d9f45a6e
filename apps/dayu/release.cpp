// dayu release JOB...: a held job may be placed again.
#include <memory>

#include "dayu/job_name.h"
#include "dayu/verbs.h"

namespace dayu::app {

Verb release_verb() {
    const auto jobs = std::make_shared<std::vector<std::string>>();
    return {
        .name = "release",
        .help = "Let held jobs go",
        .options = {{"JOB", jobs.get(), "jobs: 41, a task 41_3, or the id of an array", true}},
        .run =
            [jobs](const Globals& globals) {
                return act_on_jobs(*jobs, "release", "is released", globals);
            },
    };
}

}  // namespace dayu::app
