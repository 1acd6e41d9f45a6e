#include "plan/calibration.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

// Before and after the constants, in the order of the file.
constexpr std::array<std::string_view, 8> first_columns{
    "chip",     "framework",       "version",           "date",
    "families", "fuses_attention", "sequence_parallel", "gradient_bytes"};
constexpr std::array<std::string_view, 5> last_columns{"rows", "residual_90", "residual_90_network",
                                                       "residual_90_measured", "source"};

enum Column : std::size_t {
    chip_at,
    framework_at,
    version_at,
    date_at,
    families_at,
    fuses_at,
    sequence_parallel_at,
    gradient_bytes_at,
    constants_at,
    rows_at = constants_at + constant_fields.size(),
    residual_at,
    residual_network_at,
    residual_measured_at,
    source_at
};

std::vector<std::string_view> all_columns() {
    std::vector<std::string_view> columns(first_columns.begin(), first_columns.end());
    for (const ConstantField& field : constant_fields) columns.push_back(field.name);
    columns.insert(columns.end(), last_columns.begin(), last_columns.end());
    return columns;
}

Calibration calibration_of(CsvRow& row) {
    Calibration read;
    read.chip = row.text(chip_at);
    read.framework = row.text(framework_at);
    read.version = row.text(version_at);
    read.date = row.text(date_at);
    read.families = row.list(families_at);
    read.traits = {.fuses_attention = row.number(fuses_at, 1) > 0,
                   .sequence_parallel = row.number(sequence_parallel_at, 1) > 0,
                   .gradient_bytes = row.number(gradient_bytes_at, 4)};
    for (std::size_t i = 0; i < constant_fields.size(); ++i) {
        double& constant = read.constants.*constant_fields[i].member;
        constant = row.number(constants_at + i, constant);
    }
    read.rows = row.number(rows_at, 0);
    read.residual_90 = row.number(residual_at, 0);
    read.residual_90_network = row.number(residual_network_at, read.residual_90);
    read.residual_90_measured = row.number(residual_measured_at, 0);
    read.source = row.text(source_at);
    return read;
}

}  // namespace

Result<Calibrations> Calibrations::parse(std::string path, std::string text) {
    const CsvTable table =
        TRY(CsvTable::parse({.path = std::move(path), .error_code = "plan_data_invalid"},
                            std::move(text), all_columns()));
    Calibrations read;
    read.calibrations_ = TRY(rows_of(table, calibration_of));
    return read;
}

const Calibration* Calibrations::find(std::string_view chip, std::string_view family) const {
    const auto speaks = [&](const Calibration& one) {
        return one.chip == chip && std::ranges::find(one.families, family) != one.families.end();
    };
    const auto found = std::ranges::find_if(calibrations_, speaks);
    return found != calibrations_.end() ? &*found : of_framework(chip, "");
}

const Calibration* Calibrations::of_framework(std::string_view chip,
                                              std::string_view framework) const {
    const auto found = std::ranges::find_if(calibrations_, [&](const Calibration& one) {
        return one.chip == chip && (framework.empty() || one.framework == framework);
    });
    return found != calibrations_.end() ? &*found : nullptr;
}

std::string write_calibrations(const std::vector<Calibration>& calibrations) {
    std::string text;
    for (const std::string_view column : all_columns())
        text += fmt::format("{}{}", text.empty() ? "" : ",", column);
    text += '\n';
    for (const Calibration& one : calibrations) {
        std::string families;
        for (const std::string& family : one.families)
            families += (families.empty() ? "" : "|") + family;
        text += fmt::format("{},{},{},{},{},{},{},{}", one.chip, one.framework, one.version,
                            one.date, families, one.traits.fuses_attention ? 1 : 0,
                            one.traits.sequence_parallel ? 1 : 0, one.traits.gradient_bytes);
        for (const ConstantField& field : constant_fields)
            text += fmt::format(",{:.4g}", one.constants.*field.member);
        text += fmt::format(",{:.0f},{:.4g},{:.4g},{:.4g},\"{}\"\n", one.rows, one.residual_90,
                            one.residual_90_network, one.residual_90_measured, one.source);
    }
    return text;
}

}  // namespace dayu::plan
