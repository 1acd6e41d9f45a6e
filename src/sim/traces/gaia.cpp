// GAIA's lists of jobs, and hourly carbon intensity by zone.
#include <array>

#include <fmt/core.h>

#include "sim/carbon.h"
#include "sim/traces/csv.h"

namespace dayu::sim {
namespace {

constexpr std::array<std::string_view, 3> job_columns{"arrival_time", "length", "cpus"};

Result<double> at_least_0(const CsvTable& table, std::size_t row, std::size_t column) {
    const double value = TRY(table.number(row, column));
    if (value < 0) return table.bad_field(row, column, "a number, at least 0");
    return value;
}

}  // namespace

Result<std::vector<DeferrableJob>> read_deferrable(const std::string& path) {
    const CsvTable table = TRY(read_trace_table(path, job_columns));
    std::vector<DeferrableJob> jobs;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        jobs.push_back({.arrival = TRY(at_least_0(table, row, 0)) / carbon_step_s,
                        .length = TRY(at_least_0(table, row, 1)) / carbon_step_s,
                        .cpus = TRY(at_least_0(table, row, 2))});
    }
    return jobs;
}

Result<std::vector<double>> read_intensity(const std::string& path, const std::string& zone,
                                           std::int64_t from_hour) {
    const std::array<std::string_view, 1> columns{zone};
    const CsvTable table = TRY(read_trace_table(path, columns));
    if (from_hour < 0 || static_cast<std::size_t>(from_hour) >= table.rows()) {
        return invalid("trace_invalid", fmt::format("{} has {} hours; there is no hour {}", path,
                                                    table.rows(), from_hour));
    }
    std::vector<double> hourly;
    for (auto row = static_cast<std::size_t>(from_hour); row < table.rows(); ++row)
        hourly.push_back(TRY(at_least_0(table, row, 0)));
    return hourly;
}

}  // namespace dayu::sim
