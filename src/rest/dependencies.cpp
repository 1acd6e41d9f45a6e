#include "rest/dependencies.h"

#include <algorithm>

#include "model/array_text.h"

namespace dayu::rest {
namespace {

using Tasks = std::vector<journal::JobSummary>;

Result<Tasks> tasks_of(Context& context, JobId array) {
    return context.loop.journal().store().jobs(
        {.ended_too = true, .array = array, .limit = max_array_tasks});
}

Error no_such_task(const Dependency& dependency) {
    const std::string array = std::to_string(dependency.job.value);
    return invalid("dependency_unknown", "depends_on: array " + array + " has no task " + array +
                                             "_" + std::to_string(*dependency.array_index) +
                                             "; `dayu ps -a --array " + array + "` lists them");
}

// How the array ended as a whole; nothing while a task of it lives.
std::optional<JobState> end_of(const Tasks& tasks) {
    const auto is_over = [](const auto& task) { return is_terminal(task.state); };
    const auto completed = [](const auto& task) { return task.state == JobState::completed; };
    if (!std::ranges::all_of(tasks, is_over)) return std::nullopt;
    return std::ranges::all_of(tasks, completed) ? JobState::completed : JobState::failed;
}

Result<void> resolve(Context& context, Dependency& dependency, std::map<JobId, JobState>& ended) {
    if (dependency.array_index) {
        const Tasks tasks = TRY(tasks_of(context, dependency.job));
        const auto task =
            std::ranges::find(tasks, *dependency.array_index, &journal::JobSummary::array_index);
        if (task == tasks.end()) return no_such_task(dependency);
        dependency.job = task->job;
        if (is_terminal(task->state)) ended[task->job] = task->state;
        return {};
    }
    const auto job = TRY(context.loop.journal().store().job(dependency.job));
    if (!job) return {};  // for the core to refuse
    if (job->array == dependency.job) {
        if (const auto end = end_of(TRY(tasks_of(context, job->array)))) ended[job->job] = *end;
    } else if (is_terminal(job->state)) {
        ended[job->job] = job->state;
    }
    return {};
}

}  // namespace

Result<void> resolve_dependencies(Context& context, control::SubmitJob& command) {
    for (Dependency& dependency : command.conditions.depends_on)
        TRY(resolve(context, dependency, command.ended));
    return {};
}

}  // namespace dayu::rest
