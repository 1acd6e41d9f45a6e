// Jobs of Kubernetes as people have them.
#include "wire/kubernetes/job.h"

#include <gtest/gtest.h>

#include "wire/any_job_file.h"
#include "wire/chip_file.h"

namespace dayu::wire {
namespace {

const std::vector<Chip>& chips() {
    static const std::vector<Chip> registry = [] {
        std::vector<Chip> all(2);
        all[0].name = "A100-80GB";
        all[0].aliases = {"NVIDIA-A100-SXM4-80GB"};
        all[1].name = "Ascend910B";
        all[1].aliases = {"huawei.com/Ascend910B"};
        return all;
    }();
    return registry;
}

Result<ReadJob> read(std::string_view text) { return read_any_job_file(text, chip_names(chips())); }

ReadJob taken(std::string_view text) {
    const Result<ReadJob> job = read(text);
    EXPECT_TRUE(job.ok()) << job.error().message << "\n" << text;
    return job.ok() ? *job : ReadJob{};
}

std::string refusal(std::string_view text) {
    const Result<ReadJob> job = read(text);
    return job.ok() ? "" : job.error().code + " " + job.error().message;
}

// "weight key" of what has no counterpart, one a line.
std::string unmapped(std::string_view text) {
    std::string all;
    for (const Unmapped& item : taken(text).unmapped) {
        all.append(to_string(item.weight)).append(" ").append(item.key).append("\n");
    }
    return all;
}

std::string indented(std::string_view text, std::size_t by) {
    std::string out;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        out += std::string(by, ' ') + std::string(text.substr(begin, end - begin)) + "\n";
        begin = end + 1;
    }
    return out;
}

// A Job that says all that would be noted otherwise, with these lines added to its parts.
struct Parts {
    std::string_view job{}, pod{}, container{};
    std::string_view command = "command: [\"true\"]";
    std::string_view resources = "resources: {limits: {cpu: 1, memory: 1Gi}}";
};
std::string job(const Parts& parts) {
    return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n"
           "  backoffLimit: 0\n  activeDeadlineSeconds: 600\n" +
           indented(parts.job, 2) + "  template:\n    spec:\n      restartPolicy: Never\n" +
           indented(parts.pod, 6) + "      containers:\n      - name: main\n" +
           indented(parts.command, 8) + indented(parts.resources, 8) + indented(parts.container, 8);
}

constexpr std::string_view training = R"yaml(apiVersion: batch/v1
kind: Job
metadata:
  generateName: bert-
  namespace: research
  labels:
    kueue.x-k8s.io/queue-name: team-a
spec:
  suspend: true
  backoffLimit: 3
  activeDeadlineSeconds: 7200
  podFailurePolicy:
    rules:
    - action: FailJob
      onExitCodes: {containerName: train, operator: NotIn, values: [75, 137]}
    - action: Ignore
      onPodConditions: [{type: DisruptionTarget}]
  template:
    spec:
      restartPolicy: Never
      priorityClassName: high
      terminationGracePeriodSeconds: 90
      nodeSelector: {nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB}
      tolerations: [{key: nvidia.com/gpu, operator: Exists}]
      containers:
      - name: train
        image: pytorch/pytorch:2.4.0
        command: ["torchrun", "--nproc-per-node=8", "train.py"]
        args: ["--lr", "$(LR)", "--out=$(DIR)/it's", "$$(LR)", "$(NONE)"]
        env:
        - {name: LR, value: "0.001"}
        - {name: BASE, value: /tmp/base}
        - {name: DIR, value: "$(BASE)/x"}
        - name: POD
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        resources:
          requests: {cpu: 7500m, memory: 64Gi}
          limits: {memory: 128Gi, nvidia.com/gpu: 8}
        volumeMounts:
        - {name: shm, mountPath: /dev/shm}
      volumes:
      - {name: shm, emptyDir: {medium: Memory}}
)yaml";

TEST(KubernetesJob, ATrainingJobIsReadWhole) {
    // Its mount stands above its volume: what a volume is does not hang on the order.
    const ReadJob job = taken(training);
    EXPECT_EQ(job.format, "Kubernetes Job");
    EXPECT_TRUE(check_mapped(job).ok()) << check_mapped(job).error().message;
    const JobFile& file = job.file;
    EXPECT_EQ(file.name, "bert");
    EXPECT_EQ(file.spec.resources, (Resources{"A100-80GB", 8000, 8, 128 * 1024}));
    EXPECT_EQ(file.spec.checkpoint, (Checkpoint{"", "TERM", seconds(90)}));
    EXPECT_EQ(file.spec.retry.max, 3);
    EXPECT_EQ(file.spec.retry.on_exit, (std::vector<std::int64_t>{75, 137}));
    EXPECT_EQ(file.spec.time_limit, seconds(7200));
    EXPECT_EQ(file.project, "team-a");
    EXPECT_EQ(file.conditions.priority, Priority::high);
    EXPECT_EQ(file.body.env,
              (std::map<std::string, std::string>{{"LR", "0.001"}, {"BASE", "/tmp/base"}}));
    EXPECT_EQ(file.body.run,
              "export DIR=\"$BASE\"/x\nexport POD=\"$DAYU_JOB_NAME-$DAYU_ATTEMPT\"\n"
              "exec torchrun --nproc-per-node=8 train.py --lr \"$LR\" --out=\"$DIR\"'/it'\\''s' "
              "'$(LR)' '$(NONE)'\n");
    EXPECT_EQ(unmapped(training),
              "note metadata.namespace\nnote spec.template.spec.tolerations\n"
              "note spec.template.spec.containers[0].image\n"
              "note spec.template.spec.containers[0].volumeMounts[0]\n"
              "note resources.requests.cpu\nnote spec.activeDeadlineSeconds\n");
}

TEST(KubernetesJob, PriorityClassesAreKnownByTheirWords) {
    const auto priority = [](const std::string& name) {
        return taken(job({.pod = "priorityClassName: " + name})).file.conditions.priority;
    };
    EXPECT_EQ(priority("urgent"), Priority::urgent);
    EXPECT_EQ(priority("low-priority"), Priority::low);
    EXPECT_EQ(priority("priority-high"), Priority::high);
    EXPECT_EQ(priority("system-node-critical"), Priority::normal);
    EXPECT_EQ(unmapped(job({.pod = "priorityClassName: gold\npriority: 1000"})),
              "note spec.template.spec.priorityClassName\nnote spec.template.spec.priority\n");
}

TEST(KubernetesJob, KueuesLabelsGoBeforeThePodsClass) {
    const auto labelled = [](const std::string& labels) {
        std::string text = job({.pod = "priorityClassName: high"});
        return text.replace(text.find("{name: j}"), 9, "{name: j, labels: {" + labels + "}}");
    };
    EXPECT_EQ(
        taken(labelled("kueue.x-k8s.io/priority-class: low-priority")).file.conditions.priority,
        Priority::low);
    EXPECT_EQ(taken(labelled("kueue.x-k8s.io/queue-name: team-b")).file.project, "team-b");
    EXPECT_EQ(unmapped(labelled("kueue.x-k8s.io/queue-name: team.b")),
              "error metadata.labels.kueue.x-k8s.io/queue-name\n");
}

TEST(KubernetesJob, JsonIsTakenToo) {
    const ReadJob job = taken(
        R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"npu","creationTimestamp":null},
"spec":{"template":{"spec":{"containers":[{"name":"c","command":["sh","-c","echo $HOME"],
"resources":{"limits":{"huawei.com/Ascend910B":"2"}}}],"restartPolicy":"OnFailure"}}},"status":{}})");
    EXPECT_EQ(job.file.spec.resources.chip, "Ascend910B");
    EXPECT_EQ(job.file.spec.resources.chips_milli, 2000);
    EXPECT_EQ(job.file.spec.retry.max, 6);
    EXPECT_EQ(job.file.body.run, "exec sh -c 'echo $HOME'\n");
    EXPECT_TRUE(check_mapped(job).ok());
}

TEST(KubernetesJob, QuantitiesAreRoundedUp) {
    const auto read = [](const std::string& cpu, const std::string& memory) {
        const std::string amounts =
            "resources: {requests: {cpu: \"" + cpu + "\", memory: \"" + memory + "\"}}";
        const Resources each = taken(job({.resources = amounts})).file.spec.resources;
        return std::pair(each.cpus, each.memory_mib);
    };
    EXPECT_EQ(read("1", "1Gi"), (std::pair<std::int64_t, std::int64_t>{1, 1024}));
    EXPECT_EQ(read("500m", "1"), (std::pair<std::int64_t, std::int64_t>{1, 1}));
    EXPECT_EQ(read("2.5", "1.5Gi"), (std::pair<std::int64_t, std::int64_t>{3, 1536}));
    EXPECT_EQ(read("1", "129e6"), (std::pair<std::int64_t, std::int64_t>{1, 124}));
}

TEST(KubernetesJob, QuantitiesThatAreNoneAreNamed) {
    const auto refused = [](const std::string& memory) {
        return refusal(job({.resources = "resources: {requests: {memory: \"" + memory + "\"}}"}));
    };
    EXPECT_EQ(refused("64GiB").substr(0, 69),
              "value_malformed line 13, spec.template.spec.containers[0].resources.r");
    EXPECT_EQ(refused("-1Gi").substr(0, 15), "value_malformed");
    EXPECT_EQ(refused("1.2.3").substr(0, 15), "value_malformed");
    EXPECT_EQ(refused("99999999999999999Pi").substr(0, 16), "number_too_large");
    const std::string most = "resources: {requests: {cpu: \"9223372036854775.80\", memory: 1}}";
    EXPECT_EQ(refusal(job({.resources = most})).substr(0, 18), "value_out_of_range");
}

TEST(KubernetesJob, AChipHasAName) {
    const auto chip = [](std::string_view name, std::string_view pod = "") {
        const std::string limits =
            "resources: {limits: {cpu: 1, memory: 1Gi, " + std::string(name) + ": 2}}";
        return unmapped(job({.pod = pod, .resources = limits}));
    };
    const std::string at = "error spec.template.spec.containers[0].resources.limits.";
    EXPECT_EQ(chip("nvidia.com/gpu"), at + "nvidia.com/gpu\n");
    EXPECT_EQ(chip("rdma/hca"), at + "rdma/hca\n");
    EXPECT_EQ(chip("hugepages-2Mi"), at + "hugepages-2Mi\n");
    EXPECT_EQ(chip("ephemeral-storage"),
              "note spec.template.spec.containers[0].resources.limits.ephemeral-storage\n");
    EXPECT_EQ(chip("huawei.com/Ascend910B"), "");
    EXPECT_EQ(chip("nvidia.com/gpu", "nodeSelector: {gpu: A100-80GB, kubernetes.io/os: linux}"),
              "note spec.template.spec.nodeSelector.kubernetes.io/os\n");
    EXPECT_EQ(chip("nvidia.com/gpu",
                   "affinity:\n  nodeAffinity:\n    "
                   "requiredDuringSchedulingIgnoredDuringExecution:\n"
                   "      nodeSelectorTerms:\n      - matchExpressions:\n"
                   "        - {key: gpu, operator: In, values: [A100-80GB]}"),
              "");
    EXPECT_EQ(chip("huawei.com/Ascend910B", "nodeSelector: {gpu: A100-80GB}"),
              "error spec.template.spec.nodeSelector.gpu\n");
    EXPECT_EQ(chip("huawei.com/Ascend910B", "nodeSelector: {zone: b}"),
              "error spec.template.spec.nodeSelector.zone\n");
}

TEST(KubernetesJob, WhatWouldChangeTheJobIsAnError) {
    EXPECT_EQ(unmapped(job({.pod = "initContainers: [{name: i}]\nhostPID: true\nhostNetwork: true\n"
                                   "volumes: [{name: d, persistentVolumeClaim: {claimName: c}}]",
                            .container =
                                "envFrom: [{secretRef: {name: s}}]\n"
                                "volumeMounts: [{name: d, mountPath: /data}]\n"
                                "securityContext: {privileged: true, runAsUser: 0}\n"
                                "env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]"})),
              "error spec.template.spec.initContainers\nerror spec.template.spec.hostPID\n"
              "note spec.template.spec.hostNetwork\n"
              "error spec.template.spec.containers[0].envFrom\n"
              "error spec.template.spec.containers[0].volumeMounts[0]\n"
              "error spec.template.spec.containers[0].securityContext.privileged\n"
              "note spec.template.spec.containers[0].securityContext.runAsUser\n"
              "error spec.template.spec.containers[0].env[0].valueFrom\n");
    EXPECT_EQ(unmapped(job({}) + "      - name: sidecar\n        command: [x]\n"),
              "error spec.template.spec.containers[1]\n");
    EXPECT_EQ(unmapped(job({.job = "parallelism: 4"})), "error spec.parallelism\n");
    EXPECT_EQ(unmapped(job({.job = "parallelism: 0"})), "error spec.parallelism\n");
    EXPECT_EQ(unmapped(job({.job = "completions: 1\nparallelism: 1\nsuspend: false"})), "");
}

TEST(KubernetesJob, CompletionsAreTheTasksOfAnArray) {
    const auto file = [](std::string_view keys) { return taken(job({.job = keys})).file; };
    EXPECT_EQ(file("completions: 3").conditions.array, (ArrayTasks{{0, 1, 2}, 1}));
    EXPECT_EQ(file("completions: 3\nparallelism: 2").conditions.array, (ArrayTasks{{0, 1, 2}, 2}));
    EXPECT_EQ(file("completions: 2\nparallelism: 9").conditions.array, (ArrayTasks{{0, 1}, 0}));
    EXPECT_EQ(file("completions: 1").conditions.array, ArrayTasks{});
    EXPECT_EQ(file("completions: 2").body.run, "exec true\n");
    EXPECT_EQ(file("completions: 2\ncompletionMode: Indexed").body.run,
              "export JOB_COMPLETION_INDEX=\"$DAYU_ARRAY_INDEX\"\nexec true\n");
    EXPECT_EQ(file("completions: 1\ncompletionMode: Indexed").body.env.at("JOB_COMPLETION_INDEX"),
              "0");
    EXPECT_EQ(unmapped(job({.job = "completions: 2"})), "note spec.completions\n");
    EXPECT_EQ(unmapped(job({.job = "completions: 100000"})), "error spec.completions\n");
    EXPECT_EQ(unmapped(job({.job = "completions: 0"})), "error spec.completions\n");
    EXPECT_TRUE(file("suspend: true").conditions.hold);
    EXPECT_FALSE(file("suspend: false").conditions.hold);
    EXPECT_FALSE(taken(training).file.conditions.hold) << "Kueue would let it go";
}

TEST(KubernetesJob, MistakesAreNamed) {
    EXPECT_EQ(refusal(job({.job = "backofLimit: 1"})),
              "key_unknown line 7, spec.backofLimit: unknown key; did you mean "
              "\"backoffLimit\"?");
    EXPECT_EQ(refusal("apiVersion: apps/v1\nkind: Deployment\n"),
              "value_unknown line 2, kind: \"Deployment of apps/v1\" is not taken; of "
              "Kubernetes a "
              "Job of batch/v1 is, one a file");
    EXPECT_EQ(refusal("apiVersion: batch/v1\n").substr(0, 13), "value_unknown");
    EXPECT_EQ(refusal("apiVersion: batch/v1\nkind: Job\n").substr(0, 17), "container_missing");
    EXPECT_EQ(refusal(job({.command = "args: [x]"})).substr(0, 15), "command_missing");
    EXPECT_EQ(refusal(job({.pod = "terminationGracePeriodSeconds: 9000"})).substr(0, 72),
              "value_out_of_range line 10, spec.template.spec.terminationGracePeriodSec");
    EXPECT_EQ(refusal(job({.container = "env: [{name: DAYU_X, value: a}]"})).substr(0, 17),
              "env_name_reserved");
    EXPECT_EQ(refusal(job({.job = "completionMode: indexed"})).substr(0, 13), "value_unknown");
    EXPECT_EQ(refusal(job({.job = "podFailurePolicy: {rules: [{action: Stop}]}"})).substr(0, 13),
              "value_unknown");
}

}  // namespace
}  // namespace dayu::wire
