// The trace of Philly as Sia's authors keep it: one line a job, in no order.
#include "sim/philly.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/time.h"
#include "sim/traces/csv.h"

namespace dayu::sim {
namespace {

enum Column : std::uint8_t { timestamp, duration, num_gpus, cluster };
constexpr std::array<std::string_view, 4> columns{"timestamp", "duration", "num_gpus", "cluster"};

Result<std::int64_t> read_timestamp(const CsvTable& table, std::size_t row) {
    std::string text(table.text(row, timestamp));
    std::ranges::replace(text, ' ', 'T');
    const Result<Time> time = parse_time(text + "Z");
    if (!time) return table.bad_field(row, timestamp, "a time such as 2017-10-09 07:01:55");
    return time->ms / 1000;
}

}  // namespace

Result<NamedClusters> read_philly_clusters(const std::string& path) {
    const CsvTable table = TRY(read_trace_table(path, columns));
    std::map<std::string_view, std::uint32_t> projects;
    std::vector<PooledJob> jobs;
    jobs.reserve(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const double duration_s = TRY(table.number(row, duration));
        if (duration_s < 0) return table.bad_field(row, duration, "seconds, at least 0");
        const std::int64_t chips = TRY(table.whole(row, num_gpus));
        if (chips < 1) return table.bad_field(row, num_gpus, "at least 1");
        const auto number = static_cast<std::uint32_t>(projects.size());
        jobs.push_back(
            {.arrival_s = TRY(read_timestamp(table, row)),
             .duration_s = static_cast<std::int64_t>(duration_s),
             .chips = chips,
             .project = projects.try_emplace(table.text(row, cluster), number).first->second});
    }
    std::ranges::sort(jobs, {}, [](const PooledJob& job) {
        return std::tuple(job.arrival_s, job.duration_s, job.chips, job.project);
    });
    const std::int64_t first_s = jobs.empty() ? 0 : jobs.front().arrival_s;
    for (PooledJob& job : jobs) job.arrival_s -= first_s;
    std::vector<std::string> clusters(projects.size());
    for (const auto& [name, number] : projects) clusters[number] = name;
    return NamedClusters{.jobs = std::move(jobs), .clusters = std::move(clusters)};
}

Result<std::vector<PooledJob>> read_philly(const std::string& path) {
    return TRY(read_philly_clusters(path)).jobs;
}

}  // namespace dayu::sim
