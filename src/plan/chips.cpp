#include "plan/chips.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/csv.h"
#include "base/nearest.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

// Of a published peak, what large kernels reach where nobody measured: the measured ones of chips.csv reach 0.78 to 0.99
// of products and about 0.85 of memory. The interval says how little this is.
constexpr double unmeasured_gemm_part = 0.75;
constexpr double unmeasured_memory_part = 0.8;
constexpr double unmeasured_half_rows = 128;
constexpr double unmeasured_half_width = 256;

constexpr double tera = 1e12, giga = 1e9, gibi = 1073741824.0, kibi = 1024, micro = 1e-6;

constexpr std::array<std::string_view, 30> columns{"name",
                                                   "aliases",
                                                   "bf16_tflops",
                                                   "fp8_tflops",
                                                   "fp4_tflops",
                                                   "memory_gib",
                                                   "memory_gbs",
                                                   "power_w",
                                                   "gemm_tflops",
                                                   "half_rows",
                                                   "half_columns",
                                                   "half_depth",
                                                   "fp8_gemm_tflops",
                                                   "kernel_gbs",
                                                   "wiring",
                                                   "node_chips",
                                                   "node_gbs",
                                                   "node_part",
                                                   "node_half_kib",
                                                   "node_latency_us",
                                                   "network_gbs",
                                                   "network_part",
                                                   "network_half_kib",
                                                   "network_latency_us",
                                                   "oversubscription",
                                                   "grade",
                                                   "framework",
                                                   "date",
                                                   "confidence",
                                                   "source"};

enum Column : std::size_t {
    name_at,
    aliases_at,
    bf16_at,
    fp8_at,
    fp4_at,
    memory_at,
    bandwidth_at,
    power_at,
    gemm_at,
    half_rows_at,
    half_columns_at,
    half_depth_at,
    fp8_gemm_at,
    kernel_bandwidth_at,
    wiring_at,
    node_chips_at,
    node_at,
    node_part_at,
    node_half_at,
    node_latency_at,
    network_at,
    network_part_at,
    network_half_at,
    network_latency_at,
    oversubscription_at,
    grade_at,
    framework_at,
    date_at,
    confidence_at,
    source_at
};

constexpr CsvWords<Wiring, 3> wirings{
    {{"switch", Wiring::crossbar}, {"mesh", Wiring::mesh}, {"ring", Wiring::ring}}};
constexpr CsvWords<Grade, 3> grades{
    {{"A", Grade::end_to_end}, {"B", Grade::kernels}, {"C", Grade::specification}}};

Fabric fabric_of(CsvRow& row) {
    return {
        .node = {.wiring = row.word(wiring_at, wirings),
                 .chips = std::max(1.0, row.number(node_chips_at, 1)),
                 .bandwidth = row.number(node_at, 0) * giga,
                 .efficiency = row.number(node_part_at, unmeasured_memory_part),
                 .half_bytes = row.number(node_half_at, 0) * kibi,
                 .latency_s = row.number(node_latency_at, 0) * micro},
        .network = {.wiring = Wiring::crossbar,
                    .chips = 0,
                    .bandwidth = row.number(network_at, 0) * giga,
                    .efficiency = row.number(network_part_at, unmeasured_memory_part),
                    .half_bytes = row.number(network_half_at, 0) * kibi,
                    .latency_s = row.number(network_latency_at, 0) * micro,
                    .oversubscription = std::max(1.0, row.number(oversubscription_at, 1))},
    };
}

Chip chip_of(CsvRow& row) {
    return {
        .name = row.text(name_at),
        .aliases = row.list(aliases_at),
        .specification = {.bf16_rate = row.number(bf16_at, 0) * tera,
                          .fp8_rate = row.number(fp8_at, 0) * tera,
                          .fp4_rate = row.number(fp4_at, 0) * tera,
                          .memory_bytes = row.number(memory_at, 0) * gibi,
                          .memory_bandwidth = row.number(bandwidth_at, 0) * giga,
                          .power_w = row.number(power_at, 0)},
        .measured = {.gemm = {.rate = row.number(gemm_at, 0) * tera,
                              .half_rows = row.number(half_rows_at, unmeasured_half_rows),
                              .half_columns = row.number(half_columns_at, unmeasured_half_width),
                              .half_depth = row.number(half_depth_at, unmeasured_half_width)},
                     .fp8_gemm_rate = row.number(fp8_gemm_at, 0) * tera,
                     .memory_bandwidth = row.number(kernel_bandwidth_at, 0) * giga},
        .fabric = fabric_of(row),
        .grade = row.word(grade_at, grades),
        .framework = row.text(framework_at),
        .date = row.text(date_at),
        .source = row.text(source_at),
        .confidence = row.text(confidence_at),
    };
}

// Without these nothing can be reckoned.
Result<void> check(const CsvTable& table, std::size_t row, const Chip& chip) {
    if (chip.name.empty()) return table.bad_field(row, name_at, "a name");
    if (chip.specification.bf16_rate <= 0) return table.bad_field(row, bf16_at, "a rate above 0");
    if (chip.specification.memory_bytes <= 0) return table.bad_field(row, memory_at, "above 0");
    if (chip.specification.memory_bandwidth <= 0)
        return table.bad_field(row, bandwidth_at, "a bandwidth above 0");
    if (chip.fabric.node.bandwidth <= 0) return table.bad_field(row, node_at, "above 0");
    if (chip.fabric.network.bandwidth <= 0) return table.bad_field(row, network_at, "above 0");
    return {};
}

}  // namespace

std::string_view letter_of(Grade grade) {
    return std::ranges::find(grades, grade, &std::pair<std::string_view, Grade>::second)->first;
}

std::string_view description_of(Grade grade) {
    switch (grade) {
        case Grade::end_to_end: return "measured end to end";
        case Grade::kernels: return "measured kernels";
        case Grade::specification: break;
    }
    return "specification only";
}

GemmCurve Chip::gemm() const {
    GemmCurve curve = measured.gemm;
    if (curve.rate <= 0) curve.rate = specification.bf16_rate * unmeasured_gemm_part;
    return curve;
}

double Chip::fp8_gemm_rate() const {
    if (measured.fp8_gemm_rate > 0) return measured.fp8_gemm_rate;
    return specification.fp8_rate * unmeasured_gemm_part;
}

double Chip::fp4_gemm_rate() const { return specification.fp4_rate * unmeasured_gemm_part; }

double Chip::memory_bandwidth() const {
    if (measured.memory_bandwidth > 0) return measured.memory_bandwidth;
    return specification.memory_bandwidth * unmeasured_memory_part;
}

Result<Chips> Chips::parse(std::string path, std::string text) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_data_invalid"}, std::move(text), columns));
    Chips chips;
    for (std::size_t at = 0; at < table.rows(); ++at) {
        CsvRow row(table, at);
        Chip chip = chip_of(row);
        TRY(row.result());
        TRY(check(table, at, chip));
        if (chips.find(chip.name)) {
            return invalid("plan_data_invalid",
                           fmt::format("chip {} stands in the table twice; keep one", chip.name));
        }
        chips.chips_.push_back(std::move(chip));
    }
    return chips;
}

Result<const Chip*> Chips::find(std::string_view name) const {
    std::vector<std::string_view> known;
    for (const Chip& chip : chips_) {
        if (is_same_word(chip.name, name)) return &chip;
        for (const std::string& alias : chip.aliases)
            if (is_same_word(alias, name)) return &chip;
        known.push_back(chip.name);
    }
    const std::string_view meant = nearest(name, known);
    return not_found("plan_chip_unknown",
                     fmt::format("the planner has no profile of chip \"{}\"{}; data/plan/chips.csv "
                                 "lists those it has, and takes more",
                                 name, meant.empty() ? "" : fmt::format(" ({}?)", meant)));
}

}  // namespace dayu::plan
