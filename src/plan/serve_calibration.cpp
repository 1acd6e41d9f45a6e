#include "plan/serve_calibration.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

constexpr std::string_view any = "any";

// Before and after the constants, in the order of the file.
constexpr std::array<std::string_view, 5> first_columns{"chip", "engine", "engine_version",
                                                        "version", "date"};
constexpr std::array<std::string_view, 4> last_columns{"rows", "tpot_residual_90",
                                                       "ttft_residual_90", "source"};

enum Column : std::size_t {
    chip_at,
    engine_at,
    engine_version_at,
    version_at,
    date_at,
    constants_at,
    rows_at = constants_at + serve_constant_fields.size(),
    tpot_residual_at,
    ttft_residual_at,
    source_at
};

std::vector<std::string_view> all_columns() {
    std::vector<std::string_view> columns(first_columns.begin(), first_columns.end());
    for (const ServeConstantField& field : serve_constant_fields) columns.push_back(field.name);
    columns.insert(columns.end(), last_columns.begin(), last_columns.end());
    return columns;
}

ServeCalibration calibration_of(CsvRow& row) {
    ServeCalibration read;
    read.chip = row.text(chip_at);
    read.engine = row.text(engine_at);
    read.engine_version = row.text(engine_version_at);
    read.version = row.text(version_at);
    read.date = row.text(date_at);
    for (std::size_t i = 0; i < serve_constant_fields.size(); ++i) {
        double& constant = read.constants.*serve_constant_fields[i].member;
        constant = row.number(constants_at + i, constant);
    }
    read.rows = row.number(rows_at, 0);
    read.tpot_residual_90 = row.number(tpot_residual_at, 0);
    read.ttft_residual_90 = row.number(ttft_residual_at, 0);
    read.source = row.text(source_at);
    return read;
}

}  // namespace

std::string pools_of(std::string_view engine) { return fmt::format("{} split", engine); }

Result<ServeCalibrations> ServeCalibrations::parse(std::string path, std::string text) {
    const CsvTable table =
        TRY(CsvTable::parse({.path = std::move(path), .error_code = "plan_data_invalid"},
                            std::move(text), all_columns()));
    ServeCalibrations read;
    read.calibrations_ = TRY(rows_of(table, calibration_of));
    return read;
}

const ServeCalibration* ServeCalibrations::exactly(std::string_view chip, std::string_view engine,
                                                   std::string_view version) const {
    const auto found = std::ranges::find_if(calibrations_, [&](const ServeCalibration& one) {
        return one.chip == chip && is_same_word(one.engine, engine) &&
               one.engine_version == version;
    });
    return found != calibrations_.end() ? &*found : nullptr;
}

const ServeCalibration* ServeCalibrations::of_engine(std::string_view chip, std::string_view engine,
                                                     std::string_view version) const {
    if (const ServeCalibration* const one = exactly(chip, engine, version)) return one;
    if (const ServeCalibration* const one = exactly(chip, engine)) return one;
    return exactly(any, engine);
}

const ServeCalibration* ServeCalibrations::find(std::string_view chip, std::string_view engine,
                                                std::string_view version) const {
    if (const ServeCalibration* const one = of_engine(chip, engine, version)) return one;
    if (const ServeCalibration* const one = exactly(chip, any)) return one;
    return exactly(any, any);
}

const ServeCalibration* ServeCalibrations::find_pools(std::string_view chip,
                                                      std::string_view engine,
                                                      std::string_view version) const {
    if (const ServeCalibration* const one = of_engine(chip, pools_of(engine), version)) return one;
    return find(chip, engine, version);
}

ServeCalibrations ServeCalibrations::with(const std::vector<ServeCalibration>& made) const {
    ServeCalibrations all;
    all.calibrations_ = made;
    for (const ServeCalibration& one : calibrations_)
        if (all.exactly(one.chip, one.engine, one.engine_version) == nullptr)
            all.calibrations_.push_back(one);
    return all;
}

std::string write_serve_calibrations(const std::vector<ServeCalibration>& calibrations) {
    std::string text;
    for (const std::string_view column : all_columns())
        text += fmt::format("{}{}", text.empty() ? "" : ",", column);
    text += '\n';
    for (const ServeCalibration& one : calibrations) {
        text += fmt::format("{},{},{},\"{}\",{}", one.chip, one.engine, one.engine_version,
                            one.version, one.date);
        for (const ServeConstantField& field : serve_constant_fields)
            text += fmt::format(",{:.4g}", one.constants.*field.member);
        text += fmt::format(",{:.0f},{:.4g},{:.4g},\"{}\"\n", one.rows, one.tpot_residual_90,
                            one.ttft_residual_90, one.source);
    }
    return text;
}

}  // namespace dayu::plan
