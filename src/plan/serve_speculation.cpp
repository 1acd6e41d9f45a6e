#include "plan/serve_speculation.h"

#include <algorithm>
#include <array>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 6> columns{"engine", "version",         "model",
                                                  "date",   "without_workers", "accepted"};
enum Column : std::size_t {
    engine_at,
    version_at,
    model_at,
    date_at,
    without_workers_at,
    accepted_at
};

}  // namespace

Result<SpeculativeRuns> SpeculativeRuns::parse(std::string path, std::string text) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_data_invalid"}, std::move(text), columns));
    SpeculativeRuns runs;
    runs.entries_ = TRY(rows_of(table, [](CsvRow& row) {
        return Entry{.engine = row.text(engine_at),
                     .version = row.text(version_at),
                     .model = row.text(model_at),
                     .date = row.text(date_at),
                     .without_workers = row.number(without_workers_at, 0) > 0,
                     .accepted = std::max(1.0, row.number(accepted_at, 1))};
    }));
    return runs;
}

double SpeculativeRuns::accepted(const ServeRun& run) const {
    const auto is_meant = [&](const Entry& entry) {
        return run.engine.starts_with(entry.engine) && run.version.starts_with(entry.version) &&
               run.model.ends_with(entry.model) && run.date.starts_with(entry.date) &&
               !(entry.without_workers && run.says_workers);
    };
    const auto found = std::ranges::find_if(entries_, is_meant);
    return found == entries_.end() ? 1 : found->accepted;
}

}  // namespace dayu::plan
