#include "plan/terms.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 4> columns{"center", "price_part", "carbon_g_per_kwh",
                                                  "pue"};
enum Column : std::size_t { center_at, price_at, carbon_at, pue_at };

constexpr double least_pue = 1;

void add(TermSums& sums, const HourTerms& hour, double part) {
    sums.yuan_per_chip += part * hour.price_per_chip_h;
    sums.kwh_per_kw += part * hour.pue;
    sums.carbon_g_per_kw += part * hour.pue * hour.carbon_g_per_kwh;
}

}  // namespace

TermSums sums_of(const Terms& terms, double from_hour, double hours) {
    const auto period = static_cast<double>(terms.size());
    TermSums sums;
    // Whole turns through the hours at once, and what is left of the run hour by hour.
    const double turns = std::floor(hours / period);
    if (turns > 0)
        for (const HourTerms& hour : terms) add(sums, hour, turns);
    double at = std::fmod(from_hour, period);
    double left = hours - turns * period;
    while (left > 0) {
        const double part = std::min(left, std::floor(at) + 1 - at);
        add(sums, terms[static_cast<std::size_t>(at)], part);
        left -= part;
        at = std::floor(at) + 1 < period ? std::floor(at) + 1 : 0;
    }
    return sums;
}

Result<HourTable> HourTable::parse(std::string path, std::string text) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_data_invalid"}, std::move(text), columns));
    HourTable hours;
    hours.rows_ = TRY(rows_of(table, [](CsvRow& row) {
        const Row read{.center = row.text(center_at),
                       .price_part = row.number(price_at, 1),
                       .carbon_g_per_kwh = row.number(carbon_at, -1),
                       .pue = row.number(pue_at, -1)};
        if (!row.is_empty(pue_at) && read.pue < least_pue) row.refuse(pue_at, "a number from 1");
        return read;
    }));
    return hours;
}

Terms HourTable::terms_of(std::string_view center, const HourTerms& declared) const {
    const auto names = [&](std::string_view name) {
        return std::ranges::any_of(rows_, [&](const Row& row) { return row.center == name; });
    };
    const std::string_view asked = names(center) ? center : "";
    Terms terms;
    for (const Row& row : rows_) {
        if (row.center != asked) continue;
        terms.push_back({.price_per_chip_h = declared.price_per_chip_h * row.price_part,
                         .carbon_g_per_kwh = row.carbon_g_per_kwh < 0 ? declared.carbon_g_per_kwh
                                                                      : row.carbon_g_per_kwh,
                         .pue = row.pue < 0 ? declared.pue : row.pue});
    }
    if (terms.empty()) terms.push_back(declared);
    return terms;
}

}  // namespace dayu::plan
