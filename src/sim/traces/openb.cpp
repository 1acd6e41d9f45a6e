#include "sim/traces/openb.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include <fmt/core.h>

#include "sim/traces/csv.h"

namespace dayu::sim {
namespace {

constexpr std::int64_t most_cpu_milli = 100'000'000;     // 100,000 cores
constexpr std::int64_t most_memory_mib = 1'000'000'000;  // nearly an EiB
constexpr std::int64_t most_seconds = 10'000'000'000;    // 317 years

// A whole number from 0 to `most`.
Result<std::int64_t> whole_up_to(const CsvTable& table, std::size_t row, std::size_t column,
                                 std::int64_t most) {
    const std::int64_t value = TRY(table.whole(row, column));
    if (value < 0 || value > most)
        return table.bad_field(row, column, fmt::format("a whole number from 0 to {}", most));
    return value;
}

Result<std::int32_t> model_number(std::vector<std::string>& models, const CsvTable& table,
                                  std::size_t row, std::size_t column) {
    const std::string_view name = table.text(row, column);
    auto at = std::ranges::find(models, name);
    if (at == models.end()) {
        if (models.size() == sched::max_chip_models)
            return table.bad_field(row, column,
                                   fmt::format("one of at most {} models", sched::max_chip_models));
        at = models.emplace(models.end(), name);
    }
    return static_cast<std::int32_t>(at - models.begin());
}

// --- pods

enum PodColumn : std::size_t { name, cpu, memory, gpus, milli, spec, created, deleted };
constexpr std::array<std::string_view, 8> pod_columns{"name",          "cpu_milli",    "memory_mib",
                                                      "num_gpu",       "gpu_milli",    "gpu_spec",
                                                      "creation_time", "deletion_time"};
// Some lists have the first five alone.
constexpr std::size_t short_columns = spec;

sched::ModelSet models_of(std::string_view words, const std::vector<std::string>& models) {
    if (words.empty()) return sched::any_model;
    sched::ModelSet set = 0;
    while (!words.empty()) {
        const std::size_t bar = std::min(words.find('|'), words.size());
        const auto at = std::ranges::find(models, words.substr(0, bar));
        if (at != models.end()) set |= sched::ModelSet{1} << (at - models.begin());
        words.remove_prefix(std::min(bar + 1, words.size()));
    }
    return set;
}

// A request without GPUs has no GPU-milli; none takes more than a whole GPU of each.
Result<sched::PackRequest> read_request(const CsvTable& table, std::size_t row) {
    sched::PackRequest request;
    request.cpu_milli = TRY(whole_up_to(table, row, cpu, most_cpu_milli));
    request.memory_mib = TRY(whole_up_to(table, row, memory, most_memory_mib));
    request.chips =
        static_cast<std::int32_t>(TRY(whole_up_to(table, row, gpus, sched::max_chips_a_node)));
    if (request.chips == 0) return request;
    const std::int64_t each =
        TRY(whole_up_to(table, row, milli, std::numeric_limits<std::int32_t>::max()));
    if (each == 0) return table.bad_field(row, milli, "from 1 to 1000 for a pod with GPUs");
    request.chip_milli = static_cast<std::int32_t>(std::min<std::int64_t>(each, sched::whole_chip));
    return request;
}

// The wordings of gpu_spec in their order, numbered from 1, so that their numbers compare as they do.
using Wordings = std::map<std::string_view, std::uint32_t>;

Wordings wordings_of(const CsvTable& table) {
    Wordings wordings;
    for (std::size_t row = 0; row < table.rows(); ++row) wordings[table.text(row, spec)] = 0;
    std::uint32_t number = wordings.contains("") ? 0 : 1;
    for (auto& [unused, wording] : wordings) wording = number++;
    return wordings;
}

Result<OpenbPod> read_pod(const CsvTable& table, std::size_t row, bool is_short,
                          const Wordings& wordings, const std::vector<std::string>& models) {
    OpenbPod pod{.name = std::string(table.text(row, name)),
                 .request = TRY(read_request(table, row))};
    if (is_short) return pod;
    if (pod.request.chips > 0) {
        pod.request.models = models_of(table.text(row, spec), models);
        pod.request.wording = wordings.at(table.text(row, spec));
        pod.models = table.text(row, spec);
    }
    pod.created_s = TRY(whole_up_to(table, row, created, most_seconds));
    pod.deleted_s = TRY(whole_up_to(table, row, deleted, most_seconds));
    if (pod.deleted_s < pod.created_s)
        return table.bad_field(row, deleted, "no time before creation_time");
    return pod;
}

}  // namespace

std::int64_t OpenbNodes::gpus() const {
    std::int64_t sum = 0;
    for (const OpenbNode& node : nodes) sum += node.gpus;
    return sum;
}

Result<OpenbNodes> read_openb_nodes(const std::string& path) {
    constexpr std::array<std::string_view, 5> columns{"sn", "cpu_milli", "memory_mib", "gpu",
                                                      "model"};
    const CsvTable table = TRY(read_trace_table(path, columns));
    OpenbNodes read;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const std::int64_t gpu_count = TRY(whole_up_to(table, row, 3, sched::max_chips_a_node));
        if (gpu_count == 0) continue;
        read.nodes.push_back({.name = std::string(table.text(row, 0)),
                              .cpu_milli = TRY(whole_up_to(table, row, 1, most_cpu_milli)),
                              .memory_mib = TRY(whole_up_to(table, row, 2, most_memory_mib)),
                              .gpus = static_cast<std::int32_t>(gpu_count),
                              .model = TRY(model_number(read.models, table, row, 4))});
    }
    if (read.nodes.empty())
        return invalid("trace_invalid", path + ": no node with GPUs; column gpu says how many");
    return read;
}

Result<std::vector<OpenbPod>> read_openb_pods(const std::string& path,
                                              const std::vector<std::string>& models) {
    Result<CsvTable> read = read_trace_table(path, pod_columns);
    const bool is_short = !read;
    if (is_short) read = read_trace_table(path, std::span(pod_columns).first(short_columns));
    const CsvTable& table = TRY(read);
    const Wordings wordings = is_short ? Wordings{} : wordings_of(table);
    std::vector<OpenbPod> pods;
    for (std::size_t row = 0; row < table.rows(); ++row)
        pods.push_back(TRY(read_pod(table, row, is_short, wordings, models)));
    if (pods.empty()) return invalid("trace_invalid", path + ": no pod, only a first line");
    std::ranges::sort(pods, {}, &OpenbPod::name);
    return pods;
}

}  // namespace dayu::sim
