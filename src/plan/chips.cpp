#include "plan/chips.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/core.h>

#include "base/csv.h"
#include "base/nearest.h"

namespace dayu::plan {
namespace {

// Of a published peak, what large kernels reach where nobody measured: the measured ones of chips.csv reach 0.78 to 0.99
// of products and about 0.85 of memory. The interval says how little this is.
constexpr double unmeasured_gemm_part = 0.75;
constexpr double unmeasured_memory_part = 0.8;
constexpr double unmeasured_half_rows = 128;
constexpr double unmeasured_half_width = 256;

constexpr double tera = 1e12, giga = 1e9, gibi = 1073741824.0, kibi = 1024, micro = 1e-6;

constexpr std::array<std::string_view, 29> columns{"name",
                                                   "aliases",
                                                   "bf16_tflops",
                                                   "fp8_tflops",
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

bool same_word(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

// Reads a row's numbers, and keeps the first thing that is wrong, so that the reading itself stays a list.
class Row {
   public:
    Row(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

    std::string text(Column column) const { return std::string(table_.text(row_, column)); }

    // An empty field is `otherwise`.
    double number(Column column, double unit, double otherwise) {
        if (table_.text(row_, column).empty()) return otherwise;
        const Result<double> value = table_.number(row_, column);
        if (value && *value >= 0) return *value * unit;
        note(table_.bad_field(row_, column, "a number from 0, or nothing"));
        return otherwise;
    }

    template <class Value, std::size_t Count>
    Value word(Column column, const std::array<std::pair<std::string_view, Value>, Count>& words) {
        for (const auto& [word, value] : words)
            if (table_.text(row_, column) == word) return value;
        std::string expected;
        for (const auto& [word, value] : words)
            expected += fmt::format("{}{}", expected.empty() ? "" : ", ", word);
        note(table_.bad_field(row_, column, expected));
        return words.front().second;
    }

    void note(Error error) {
        if (result_) result_ = Result<void>(std::move(error));
    }
    const Result<void>& result() const { return result_; }

   private:
    const CsvTable& table_;
    std::size_t row_;
    Result<void> result_;
};

constexpr std::array<std::pair<std::string_view, Wiring>, 3> wirings{
    {{"switch", Wiring::crossbar}, {"mesh", Wiring::mesh}, {"ring", Wiring::ring}}};
constexpr std::array<std::pair<std::string_view, Grade>, 3> grades{
    {{"A", Grade::end_to_end}, {"B", Grade::kernels}, {"C", Grade::specification}}};

std::vector<std::string> split_aliases(std::string_view text) {
    std::vector<std::string> aliases;
    while (!text.empty()) {
        const std::size_t bar = std::min(text.find('|'), text.size());
        aliases.emplace_back(text.substr(0, bar));
        text.remove_prefix(std::min(bar + 1, text.size()));
    }
    return aliases;
}

Fabric fabric_of(Row& row) {
    return {
        .node = {.wiring = row.word(wiring_at, wirings),
                 .chips = std::max(1.0, row.number(node_chips_at, 1, 1)),
                 .bandwidth = row.number(node_at, giga, 0),
                 .efficiency = row.number(node_part_at, 1, unmeasured_memory_part),
                 .half_bytes = row.number(node_half_at, kibi, 0),
                 .latency_s = row.number(node_latency_at, micro, 0)},
        .network = {.wiring = Wiring::crossbar,
                    .chips = 0,
                    .bandwidth = row.number(network_at, giga, 0),
                    .efficiency = row.number(network_part_at, 1, unmeasured_memory_part),
                    .half_bytes = row.number(network_half_at, kibi, 0),
                    .latency_s = row.number(network_latency_at, micro, 0),
                    .oversubscription = std::max(1.0, row.number(oversubscription_at, 1, 1))},
    };
}

Chip chip_of(Row& row) {
    return {
        .name = row.text(name_at),
        .aliases = split_aliases(row.text(aliases_at)),
        .specification = {.bf16_rate = row.number(bf16_at, tera, 0),
                          .fp8_rate = row.number(fp8_at, tera, 0),
                          .memory_bytes = row.number(memory_at, gibi, 0),
                          .memory_bandwidth = row.number(bandwidth_at, giga, 0),
                          .power_w = row.number(power_at, 1, 0)},
        .measured = {.gemm = {.rate = row.number(gemm_at, tera, 0),
                              .half_rows = row.number(half_rows_at, 1, unmeasured_half_rows),
                              .half_columns = row.number(half_columns_at, 1, unmeasured_half_width),
                              .half_depth = row.number(half_depth_at, 1, unmeasured_half_width)},
                     .fp8_gemm_rate = row.number(fp8_gemm_at, tera, 0),
                     .memory_bandwidth = row.number(kernel_bandwidth_at, giga, 0)},
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

double Chip::memory_bandwidth() const {
    if (measured.memory_bandwidth > 0) return measured.memory_bandwidth;
    return specification.memory_bandwidth * unmeasured_memory_part;
}

Result<Chips> Chips::parse(std::string path, std::string text) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_data_invalid"}, std::move(text), columns));
    Chips chips;
    for (std::size_t at = 0; at < table.rows(); ++at) {
        Row row(table, at);
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
        if (same_word(chip.name, name)) return &chip;
        for (const std::string& alias : chip.aliases)
            if (same_word(alias, name)) return &chip;
        known.push_back(chip.name);
    }
    const std::string_view meant = nearest(name, known);
    return not_found("plan_chip_unknown",
                     fmt::format("the planner has no profile of chip \"{}\"{}; data/plan/chips.csv "
                                 "lists those it has, and takes more",
                                 name, meant.empty() ? "" : fmt::format(" ({}?)", meant)));
}

}  // namespace dayu::plan
