#include "plan/serve_harness.h"

#include <algorithm>
#include <array>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 12> columns{
    "engine", "version",  "model",        "date",   "isl",         "osl",
    "pools",  "accepted", "first_tokens", "queued", "length_part", "prefix_hit"};
enum Column : std::size_t {
    engine_at,
    version_at,
    model_at,
    date_at,
    isl_at,
    osl_at,
    pools_at,
    accepted_at,
    first_tokens_at,
    queued_at,
    length_part_at,
    prefix_hit_at
};

bool begins(std::string_view word, std::string_view asked) {
    return asked == "none" ? word.empty() : word.starts_with(asked);
}

bool is_length(double length, double asked) { return asked <= 0 || length == asked; }

}  // namespace

Result<ServeHarnesses> ServeHarnesses::parse(std::string path, std::string text) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_data_invalid"}, std::move(text), columns));
    ServeHarnesses harnesses;
    harnesses.entries_ = TRY(rows_of(table, [](CsvRow& row) {
        return Entry{.engine = row.text(engine_at),
                     .version = row.text(version_at),
                     .model = row.text(model_at),
                     .date = row.text(date_at),
                     .isl = row.number(isl_at, 0),
                     .osl = row.number(osl_at, 0),
                     .pools = row.text(pools_at),
                     .habits = {.accepted = std::max(1.0, row.number(accepted_at, 1)),
                                .first_tokens = std::max(1.0, row.number(first_tokens_at, 1)),
                                .queued = row.number(queued_at, 0),
                                .length_part = row.number(length_part_at, 1),
                                .prefix_hit = row.number(prefix_hit_at, 0)}};
    }));
    return harnesses;
}

bool ServeHarnesses::Entry::fits(const ServeRun& run) const {
    const std::string_view run_pools = !run.is_split      ? "one"
                                       : run.says_workers ? "split"
                                                          : "unsaid";
    return begins(run.engine, engine) && begins(run.version, version) &&
           run.model.ends_with(model) && begins(run.date, date) && is_length(run.isl, isl) &&
           is_length(run.osl, osl) && (pools.empty() || pools == run_pools);
}

ServeHabits ServeHarnesses::habits_of(const ServeRun& run) const {
    const auto found =
        std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.fits(run); });
    return found == entries_.end() ? ServeHabits{} : found->habits;
}

}  // namespace dayu::plan
