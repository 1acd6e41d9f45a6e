// A Job of Kubernetes between its manifest and the job that it makes, and the tables by which maps of the
// manifest are read: every key that the API knows has a row, which reads it or says why it has no
// counterpart; a key without a row is an error, as misspelt keys are.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/job_file.h"
#include "wire/unmapped.h"
#include "wire/yaml.h"

namespace dayu::wire::kubernetes {

struct ExitRule {
    enum class Action : std::uint8_t { fail, retry } action = Action::retry;
    bool in = true;  // or not in
    std::vector<std::int64_t> codes;
};

struct EnvEntry {
    std::string name;
    std::string value;    // with its $(NAME) still in it
    std::string runtime;  // a shell word that is expanded where the job runs; empty: `value` counts
};

// An extended resource, such as nvidia.com/gpu.
struct Extended {
    std::string name;
    std::int64_t count = 0;
    YamlNode node;
};

struct Draft {
    ReadJob job;
    const ChipNames& chips;
    Origins origins{};

    // Of the Job.
    bool has_queue = false;
    std::optional<Priority>
        queue_priority{};  // by Kueue's label, which goes before the pod's class
    std::optional<YamlNode> suspend{};
    std::optional<YamlNode> parallelism{};
    std::optional<YamlNode> completions{};
    bool indexed = false;
    std::optional<std::int64_t> backoff_limit{};
    std::vector<ExitRule> exit_rules{};
    std::optional<Duration> job_deadline{};
    std::optional<Duration> pod_deadline{};

    // Of the pod.
    std::optional<Priority> pod_priority{};
    std::map<std::string, std::string> volumes{};                 // name to kind, as "emptyDir"
    std::vector<std::pair<YamlNode, std::string>> node_values{};  // what nodes must be: key, value
    std::size_t containers = 0;

    // Of its container.
    std::vector<std::string> command{};
    std::vector<std::string> args{};
    bool has_command = false;
    std::string folder{};
    std::vector<EnvEntry> env{};
    std::optional<std::int64_t> cpu_milli{};     // the larger of request and limit
    std::optional<std::int64_t> memory_bytes{};  // so too
    std::map<std::string, Extended> extended{};

    JobSpec& spec() { return job.file.spec; }
    void came_from(std::string path, const YamlNode& node) {
        origins[std::move(path)] = "line " + std::to_string(node.line) + ", " + node.path;
    }
    void unmapped(Weight weight, const YamlNode& node, std::string why, std::string advice = {});
};

using Read = Result<void> (*)(const YamlNode& node, Draft& draft);

enum class Fate : std::uint8_t { read, note, error };

struct Row {
    std::string_view name;
    Read read = nullptr;
    Fate fate = Fate::read;
    std::string_view why{};
    std::string_view advice{};
};
constexpr Row noted(std::string_view name, std::string_view why, std::string_view advice = {}) {
    return {name, nullptr, Fate::note, why, advice};
}
constexpr Row refused(std::string_view name, std::string_view why, std::string_view advice = {}) {
    return {name, nullptr, Fate::error, why, advice};
}

// Reads a map by its rows. Keys without a value are passed over, as the API server does.
Result<void> read_rows(const YamlNode& map, std::span<const Row> rows, Draft& draft);

bool is_empty(const YamlNode& node);
// "500m", "2", "64Gi", "1e9": thousandths, rounded up.
Result<std::int64_t> read_quantity_milli(const YamlNode& node);

// A priority class by its name, where that is one of ours or says so, as "high-priority"; else a note.
Result<void> read_priority_class(const YamlNode& node, Draft& draft,
                                 std::optional<Priority>& priority);

// Parts of the manifest, one file each.
Result<void> read_pod_template(const YamlNode& node, Draft& draft);
Result<void> read_container(const YamlNode& node, Draft& draft);
Result<void> read_failure_policy(const YamlNode& node, Draft& draft);
Result<void> read_node_selector(const YamlNode& node, Draft& draft);
Result<void> read_affinity(const YamlNode& node, Draft& draft);

// What can only be said once all is read.
Result<void> resolve_resources(Draft& draft);
void resolve_retries(Draft& draft);
void resolve_tasks(Draft& draft);
Result<void> resolve_command(Draft& draft);

}  // namespace dayu::wire::kubernetes
