// Retries and tasks: backoffLimit, podFailurePolicy, parallelism, completions and suspend.
#include <algorithm>

#include "model/array_text.h"
#include "wire/kubernetes/draft.h"

namespace dayu::wire::kubernetes {
namespace {

constexpr std::int64_t usual_backoff_limit = 6;  // of Kubernetes, where a Job says nothing
constexpr std::int64_t last_exit_code = 255;

Result<ExitRule> read_exit_codes(const YamlNode& node, ExitRule::Action action) {
    ExitRule rule{.action = action, .in = true, .codes = {}};
    TRY(expect_map(node));
    for (const YamlNode& key : node.children) {
        if (key.key == "operator") {
            TRY(read_text(key));
            const std::string_view word = key.text;
            constexpr std::string_view known[] = {"In", "NotIn"};
            if (word != "In" && word != "NotIn") return word_unknown(key, known);
            rule.in = word == "In";
        } else if (key.key == "values") {
            TRY(expect_list(key));
            for (const YamlNode& code : key.children) rule.codes.push_back(TRY(read_whole(code)));
        } else if (key.key != "containerName") {  // there is but one
            constexpr std::string_view known[] = {"containerName", "operator", "values"};
            return key_unknown(key, known);
        }
    }
    return rule;
}

// Disruptions are placed again and never counted, whatever a policy says: as Ignore would have it.
Result<void> read_conditions(const YamlNode& node, const std::string& action, Draft& draft) {
    TRY(expect_list(node));
    for (const YamlNode& condition : node.children) {
        const YamlNode* type = condition.find("type");
        const bool disruption = type != nullptr && type->text == "DisruptionTarget";
        if (disruption && action == "Ignore") continue;
        draft.unmapped(disruption ? Weight::error : Weight::note, condition,
                       "what the platform or the centre ended is placed again, and is not counted",
                       disruption ? "take the rule out, or make it Ignore" : "");
    }
    return {};
}

Result<void> read_rule(const YamlNode& node, Draft& draft) {
    TRY(expect_map(node));
    const YamlNode* action = node.find("action");
    if (action == nullptr) return yaml_error(node, "value_missing", "the rule has no action");
    constexpr std::string_view actions[] = {"FailJob", "FailIndex", "Ignore", "Count"};
    if (std::ranges::find(actions, action->text) == std::end(actions)) {
        return word_unknown(*action, actions);
    }
    for (const YamlNode& key : node.children) {
        if (key.key == "onExitCodes") {
            const bool fails = action->text.starts_with("Fail");
            draft.exit_rules.push_back(TRY(
                read_exit_codes(key, fails ? ExitRule::Action::fail : ExitRule::Action::retry)));
            if (action->text == "Ignore") {
                draft.unmapped(Weight::error, key,
                               "every retry after an exit code of its own counts here",
                               "make it Count, and raise backoffLimit");
            }
        } else if (key.key == "onPodConditions") {
            TRY(read_conditions(key, action->text, draft));
        } else if (key.key != "action") {
            constexpr std::string_view known[] = {"action", "onExitCodes", "onPodConditions"};
            return key_unknown(key, known);
        }
    }
    return {};
}

// The first rule that matches decides; what matches none is retried.
bool is_retried(const std::vector<ExitRule>& rules, std::int64_t code) {
    for (const ExitRule& rule : rules) {
        const bool listed = std::ranges::find(rule.codes, code) != rule.codes.end();
        if (listed == rule.in) return rule.action == ExitRule::Action::retry;
    }
    return true;
}

std::int64_t number(const std::optional<YamlNode>& node, std::int64_t otherwise) {
    return node ? std::stoll(node->text) : otherwise;
}

}  // namespace

Result<void> read_failure_policy(const YamlNode& node, Draft& draft) {
    TRY(expect_map(node));
    for (const YamlNode& key : node.children) {
        constexpr std::string_view known[] = {"rules"};
        if (key.key != "rules") return key_unknown(key, known);
        TRY(expect_list(key));
        for (const YamlNode& rule : key.children) TRY(read_rule(rule, draft));
    }
    draft.came_from("retry.on_exit", node);
    return {};
}

void resolve_retries(Draft& draft) {
    Retry& retry = draft.spec().retry;
    retry.max = draft.backoff_limit.value_or(usual_backoff_limit);
    if (!draft.backoff_limit) {
        add_unmapped(draft.job, {Weight::note, "spec.backoffLimit", 1, "",
                                 "the Job does not say it, and is retried up to 6 times, as "
                                 "Kubernetes would do",
                                 "say it, as backoffLimit: 0"});
    }
    std::vector<std::int64_t> retried;
    for (std::int64_t code = 1; code <= last_exit_code; ++code) {
        if (is_retried(draft.exit_rules, code)) retried.push_back(code);
    }
    if (retried.empty()) retry.max = 0;
    if (retried.size() < last_exit_code) retry.on_exit = std::move(retried);

    JobSpec& spec = draft.spec();
    if (draft.pod_deadline) spec.time_limit = *draft.pod_deadline;
    if (draft.job_deadline && (!draft.pod_deadline || *draft.job_deadline < spec.time_limit)) {
        spec.time_limit = *draft.job_deadline;
        if (retry.max > 0) {
            add_unmapped(draft.job, {Weight::note, "spec.activeDeadlineSeconds", 1,
                                     to_string(*draft.job_deadline),
                                     "it bounds each attempt here, and not all of them together",
                                     "backoffLimit: 0 makes one attempt of it"});
        }
    }
    if (!draft.job_deadline && !draft.pod_deadline) {
        add_unmapped(draft.job, {Weight::note, "spec.activeDeadlineSeconds", 1, "",
                                 "the Job does not say it, and an attempt ends after " +
                                     to_string(spec.time_limit),
                                 "say it; a shorter job is cheaper to place"});
    }
}

// Completions become the tasks of an array, as many at a time as `parallelism` says: one, where it says nothing.
void resolve_tasks(Draft& draft) {
    const std::int64_t parallelism = number(draft.parallelism, 1);
    const std::int64_t completions = number(draft.completions, 1);
    Conditions& conditions = draft.job.file.conditions;
    conditions.hold = draft.suspend && !draft.has_queue;
    if (draft.parallelism && parallelism < 1) {
        draft.unmapped(Weight::error, *draft.parallelism, "a job of no pods never runs",
                       "say 1, or leave it out");
    } else if (draft.parallelism && parallelism > 1 && !draft.completions) {
        draft.unmapped(Weight::error, *draft.parallelism,
                       "pods that share a queue of work until one succeeds are not known here",
                       "say how many completions there are to be");
    }
    if (draft.completions && (completions < 1 || completions > max_array_tasks)) {
        draft.unmapped(Weight::error, *draft.completions,
                       "an array has from 1 to " + std::to_string(max_array_tasks) + " tasks",
                       "make several Jobs of it");
        return;
    }
    if (completions == 1) {
        if (draft.indexed) draft.env.push_back({"JOB_COMPLETION_INDEX", "0", ""});
        return;
    }
    for (std::int64_t i = 0; i < completions; ++i) conditions.array.indices.push_back(i);
    conditions.array.at_most =
        parallelism < completions ? std::max<std::int64_t>(parallelism, 1) : 0;
    draft.came_from("array", *draft.completions);
    if (draft.indexed) {
        draft.env.push_back({"JOB_COMPLETION_INDEX", "", "\"$DAYU_ARRAY_INDEX\""});
    }
    draft.unmapped(Weight::note, *draft.completions,
                   "each completion is a task of its own, with its own retries and time limit, and "
                   "is placed by itself",
                   draft.indexed && parallelism >= completions
                       ? "processes that have to run together are one job file with `nodes`"
                       : "");
}

}  // namespace dayu::wire::kubernetes
