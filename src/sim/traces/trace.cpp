#include "sim/trace.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/core.h>

#include "base/nearest.h"
#include "sim/philly.h"
#include "sim/traces/csv.h"
#include "sim/traces/openb.h"
#include "sim/traces/readers.h"

namespace dayu::sim {
namespace {

struct Format {
    std::string_view name;
    Result<Trace> (*read)(const std::string& path, const TraceReading& reading);
};
constexpr std::array<Format, 5> formats{{{"journal", read_journal_trace},
                                         {"openb", read_openb_trace},
                                         {"philly", read_philly_trace},
                                         {"pai", read_pai_trace},
                                         {"swf", read_swf_trace}}};

constexpr std::string_view no_project = "all";

// In the order of their names, so that their numbers do not depend on that of the file.
void number_projects(Trace& trace) {
    std::vector<std::string> names = trace.projects;
    std::ranges::sort(names);
    std::vector<std::uint32_t> numbers;
    for (const std::string& name : trace.projects) {
        numbers.push_back(
            static_cast<std::uint32_t>(std::ranges::lower_bound(names, name) - names.begin()));
    }
    for (TraceJob& job : trace.jobs) job.project = numbers[job.project];
    trace.projects = std::move(names);
}

// "T4|V100M16" as a set; a list may name one twice.
std::vector<std::string> models_of(std::string_view words) {
    std::set<std::string> models;
    while (!words.empty()) {
        const std::size_t bar = std::min(words.find('|'), words.size());
        models.emplace(words.substr(0, bar));
        words.remove_prefix(std::min(bar + 1, words.size()));
    }
    return {models.begin(), models.end()};
}

}  // namespace

Result<Trace> read_openb_trace(const std::string& path, const TraceReading&) {
    Trace trace{.jobs = {}, .projects = {std::string(no_project)}};
    std::map<std::vector<std::string>, std::uint32_t> sets;
    const std::vector<OpenbPod> pods = TRY(read_openb_pods(path, {}));
    for (const OpenbPod& pod : pods) sets[models_of(pod.models)] = 0;
    for (auto& [models, number] : sets) {
        if (models.empty()) continue;
        trace.models.push_back(models);
        number = static_cast<std::uint32_t>(trace.models.size());
    }
    for (const OpenbPod& pod : pods) {
        trace.jobs.push_back(
            {.arrival_s = pod.created_s,
             .duration_s = pod.deleted_s - pod.created_s,
             .chips_milli = std::int64_t{pod.request.chips} * std::int64_t{pod.request.chip_milli},
             .cpus = (pod.request.cpu_milli + 999) / 1000,
             .memory_mib = pod.request.memory_mib,
             .models = sets.at(models_of(pod.models))});
    }
    const bool has_times = std::ranges::any_of(
        trace.jobs, [](const TraceJob& job) { return job.arrival_s + job.duration_s > 0; });
    if (!has_times) {
        return invalid("trace_invalid", path +
                                            ": its pods have neither creation_time nor "
                                            "deletion_time; take a list that has them");
    }
    return trace;
}

Result<Trace> read_philly_trace(const std::string& path, const TraceReading&) {
    const NamedClusters read = TRY(read_philly_clusters(path));
    Trace trace{.jobs = {}, .projects = read.clusters};
    for (const PooledJob& job : read.jobs) {
        trace.jobs.push_back({.arrival_s = job.arrival_s,
                              .duration_s = job.duration_s,
                              .chips_milli = job.chips * 1000,
                              .project = job.project});
    }
    return trace;
}

// One CPU a worker. Times are cut to whole seconds.
Result<Trace> read_pai_trace(const std::string& path, const TraceReading& reading) {
    constexpr std::array<std::string_view, 3> columns{"arrival_time", "length", "cpus"};
    const CsvTable table = TRY(read_trace_table(path, columns));
    const auto seconds_at = [&](std::size_t row, std::size_t column) -> Result<std::int64_t> {
        const double value =
            TRY(table.number(row, column)) * static_cast<double>(reading.time_unit_s);
        if (value < 0 || value > static_cast<double>(most_trace_seconds))
            return table.bad_field(row, column, "a time from 0, of at most 317 years");
        return static_cast<std::int64_t>(value);
    };
    Trace trace{.jobs = {}, .projects = {std::string(no_project)}};
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const std::int64_t cpus = TRY(table.whole(row, 2));
        if (cpus < 1) return table.bad_field(row, 2, "at least 1");
        trace.jobs.push_back({.arrival_s = TRY(seconds_at(row, 0)),
                              .duration_s = TRY(seconds_at(row, 1)),
                              .cpus = cpus});
    }
    return trace;
}

std::vector<std::string_view> trace_formats() {
    std::vector<std::string_view> names;
    for (const Format& format : formats) names.push_back(format.name);
    return names;
}

Result<Trace> read_trace(const std::string& path, std::string_view format,
                         const TraceReading& reading) {
    const auto at = std::ranges::find(formats, format, &Format::name);
    if (at == formats.end()) {
        const std::string_view meant = nearest(format, trace_formats());
        return invalid("usage",
                       fmt::format("--format \"{}\" is not one of journal, openb, philly, pai "
                                   "and swf{}",
                                   format, meant.empty() ? "" : fmt::format(" ({}?)", meant)));
    }
    Trace trace = TRY(at->read(path, reading));
    if (trace.jobs.empty()) return invalid("trace_invalid", path + ": no job in it");
    number_projects(trace);
    if (!std::ranges::is_sorted(trace.jobs)) std::ranges::sort(trace.jobs);
    const std::int64_t first_s = trace.jobs.front().arrival_s;
    for (TraceJob& job : trace.jobs) job.arrival_s -= first_s;
    return trace;
}

}  // namespace dayu::sim
