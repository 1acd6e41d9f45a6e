#include "wire/kubernetes/job.h"

#include <algorithm>

#include "model/check_fields.h"
#include "wire/kubernetes/draft.h"

namespace dayu::wire {
namespace {

using namespace kubernetes;

constexpr std::string_view by_server = "the API server wrote it; it says nothing of the job";
constexpr std::string_view only_a_label = "jobs have a name and no labels";

Result<void> read_name(const YamlNode& node, Draft& draft) {
    draft.job.file.name = TRY(read_text(node));
    draft.came_from("name", node);
    return {};
}

// "sweep-" is the beginning of a name; the job's id tells it from others.
Result<void> read_generate_name(const YamlNode& node, Draft& draft) {
    std::string name = TRY(read_text(node));
    while (name.ends_with('-')) name.pop_back();
    draft.job.file.name = std::move(name);
    draft.came_from("name", node);
    return {};
}

// Kueue's queue of a namespace is a project's queue here.
Result<void> take_queue(const YamlNode& label, Draft& draft) {
    draft.has_queue = !is_empty(label);
    if (!draft.has_queue) return {};
    const std::string queue = TRY(read_text(label));
    if (check_name("", queue)) {
        draft.job.file.project = queue;
        draft.came_from("billing.project", label);
    } else {
        draft.unmapped(Weight::error, label,
                       "the project that pays has a name of small letters, digits, '-' and '_'",
                       "name one, or leave it out: then the token says which");
    }
    return {};
}

Result<void> read_labels(const YamlNode& node, Draft& draft) {
    TRY(expect_map(node));
    for (const YamlNode& label : node.children) {
        if (label.key == "kueue.x-k8s.io/queue-name") {
            TRY(take_queue(label, draft));
        } else if (label.key == "kueue.x-k8s.io/priority-class") {
            TRY(read_priority_class(label, draft, draft.queue_priority));
        } else if (label.key == "kueue.x-k8s.io/max-exec-time-seconds") {
            draft.job_deadline =
                seconds(std::clamp<std::int64_t>(TRY(read_whole(label)), 0, std::int64_t{1} << 40));
            draft.came_from("time_limit", label);
        } else {
            draft.unmapped(Weight::note, label, std::string(only_a_label));
        }
    }
    return {};
}

Result<void> read_annotations(const YamlNode& node, Draft& draft) {
    TRY(expect_map(node));
    for (const YamlNode& annotation : node.children) {
        draft.unmapped(Weight::note, annotation, "annotations are for programs of Kubernetes");
    }
    return {};
}

constexpr Row metadata_rows[] = {
    {"name", read_name},
    {"generateName", read_generate_name},
    {"labels", read_labels},
    {"annotations", read_annotations},
    noted("namespace", "the token says which project the job belongs to"),
    noted("uid", by_server),
    noted("resourceVersion", by_server),
    noted("generation", by_server),
    noted("creationTimestamp", by_server),
    noted("deletionTimestamp", by_server),
    noted("deletionGracePeriodSeconds", by_server),
    noted("managedFields", by_server),
    noted("selfLink", by_server),
    noted("ownerReferences", "a job belongs to nothing else"),
    noted("finalizers", "nothing deletes a job"),
};

Result<void> read_metadata(const YamlNode& node, Draft& draft) {
    return read_rows(node, metadata_rows, draft);
}

Result<void> keep(const YamlNode& node, std::optional<YamlNode>& place) {
    TRY(read_whole(node));
    place = node;
    return {};
}

Result<void> read_parallelism(const YamlNode& node, Draft& draft) {
    return keep(node, draft.parallelism);
}

Result<void> read_completions(const YamlNode& node, Draft& draft) {
    return keep(node, draft.completions);
}

Result<void> read_completion_mode(const YamlNode& node, Draft& draft) {
    TRY(read_text(node));
    const std::string_view mode = node.text;
    if (mode != "Indexed" && mode != "NonIndexed") {
        constexpr std::string_view known[] = {"Indexed", "NonIndexed"};
        return word_unknown(node, known);
    }
    draft.indexed = mode == "Indexed";
    return {};
}

Result<void> read_backoff_limit(const YamlNode& node, Draft& draft) {
    draft.backoff_limit = TRY(read_whole(node));
    draft.came_from("retry.max", node);
    return {};
}

Result<void> read_deadline(const YamlNode& node, Draft& draft) {
    draft.job_deadline =
        seconds(std::clamp<std::int64_t>(TRY(read_whole(node)), 0, std::int64_t{1} << 40));
    draft.came_from("time_limit", node);
    return {};
}

Result<void> read_suspend(const YamlNode& node, Draft& draft) {
    if (TRY(read_flag(node))) draft.suspend = node;
    return {};
}

constexpr std::string_view by_index = "retries are counted by job here, not by index";
constexpr Row spec_rows[] = {
    {"template", read_pod_template},
    {"parallelism", read_parallelism},
    {"completions", read_completions},
    {"completionMode", read_completion_mode},
    {"backoffLimit", read_backoff_limit},
    {"activeDeadlineSeconds", read_deadline},
    {"suspend", read_suspend},
    {"podFailurePolicy", read_failure_policy},
    refused("backoffLimitPerIndex", by_index, "use backoffLimit"),
    refused("maxFailedIndexes", by_index, "use backoffLimit"),
    refused("successPolicy", "a job has succeeded when all of it has", "leave it out"),
    noted("podReplacementPolicy", "a job has at most one attempt that lives"),
    noted("ttlSecondsAfterFinished", "what has ended stays to be seen, and costs nothing"),
    noted("manualSelector", by_server),
    noted("selector", by_server),
    noted("managedBy", "Dayu runs the job itself"),
};

Result<void> read_spec(const YamlNode& node, Draft& draft) {
    return read_rows(node, spec_rows, draft);
}

Result<void> pass(const YamlNode&, Draft&) { return {}; }

constexpr Row job_rows[] = {
    {"apiVersion", pass},       {"kind", pass}, {"metadata", read_metadata}, {"spec", read_spec},
    noted("status", by_server),
};

Result<void> check_kind(const YamlNode& root) {
    const YamlNode& version = *root.find("apiVersion");
    const YamlNode* kind = root.find("kind");
    const std::string is = (kind == nullptr ? "" : kind->text) + " of " + version.text;
    if (is == "Job of batch/v1") return {};
    return yaml_error(kind == nullptr ? version : *kind, "value_unknown",
                      "\"" + is.substr(0, 120) +
                          "\" is not taken; of Kubernetes a Job of batch/v1 is, "
                          "one a file");
}

}  // namespace

Result<ReadJob> read_kubernetes_job(const YamlNode& root, const ChipNames& chips) {
    TRY(check_kind(root));
    Draft draft{.job = {}, .chips = chips};
    draft.job.format = "Kubernetes Job";
    draft.job.file.name = "job";
    TRY(read_rows(root, job_rows, draft));
    if (draft.containers == 0) {
        return invalid("container_missing",
                       "spec.template.spec.containers: a Job needs a container; it has none");
    }
    draft.job.file.conditions.priority =
        draft.queue_priority.value_or(draft.pod_priority.value_or(Priority::normal));
    TRY(resolve_resources(draft));
    resolve_retries(draft);
    resolve_tasks(draft);
    TRY(resolve_command(draft));
    const Result<void> sound = validate(draft.job.file);
    if (!sound.ok()) return with_origin(draft.origins, sound.error());
    return std::move(draft.job);
}

}  // namespace dayu::wire
