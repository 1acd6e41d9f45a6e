#include "dayu/plan_center.h"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/nearest.h"
#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/plan_data.h"
#include "dayu/small_file.h"

namespace dayu::app {
namespace {

constexpr std::string_view all_centers = "all";

// Decimals are strings in JSON: "1.250".
double decimal(const wire::Json& object, std::string_view key) {
    const std::string digits = text(object, key);
    double value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

double chip_count(const wire::Json& pool, std::string_view key) {
    return static_cast<double>(number(pool, key) / 1000);
}

// Of the planner's chips the one that the registry calls so, by its name or an alias.
Result<const plan::Chip*> planned_chip(const std::string& name, const wire::Json& registry,
                                       const plan::Chips& chips) {
    const Result<const plan::Chip*> by_name = chips.find(name);
    if (by_name) return by_name;
    for (const wire::Json& chip : list(registry, "chips")) {
        if (text(chip, "name") != name) continue;
        for (const std::string& alias : texts(chip, "aliases"))
            if (const Result<const plan::Chip*> found = chips.find(alias)) return found;
    }
    return by_name;
}

std::string note_of(const wire::Json& center) {
    if (flag(center, "drained")) return "drained";
    return text(center, "contact") == "ok" ? "" : "no contact";
}

void add_pools(PlanSites& all, const wire::Json& center, const wire::Json& registry,
               const plan::Chips& chips, const plan::HourTable& hours) {
    const std::string name = text(center, "name");
    const wire::Json& energy = member(center, "energy");
    for (const wire::Json& pool : list(center, "pools")) {
        const std::string called = text(pool, "chip");
        if (called.empty()) continue;
        const Result<const plan::Chip*> chip = planned_chip(called, registry, chips);
        if (!chip) {
            all.passed.push_back({name, text(pool, "name"), chip.error().message});
            continue;
        }
        const plan::HourTerms declared{.price_per_chip_h = decimal(pool, "price_per_chip_hour"),
                                       .carbon_g_per_kwh = decimal(energy, "grid_gco2e_per_kwh"),
                                       .pue = decimal(energy, "pue")};
        all.sites.push_back({.center = name,
                             .pool = text(pool, "name"),
                             .chip = *chip,
                             .chips = chip_count(pool, "chips_milli"),
                             .free_chips = chip_count(pool, "free_chips_milli"),
                             .chips_per_node = static_cast<double>(number(pool, "chips_per_node")),
                             .terms = hours.terms_of(name, declared),
                             .note = note_of(center)});
    }
}

Result<void> check_names(const wire::Json& centers, const std::vector<std::string>& wanted) {
    std::vector<std::string> names;
    for (const wire::Json& center : list(centers, "centers")) names.push_back(text(center, "name"));
    for (const std::string& name : wanted) {
        if (name == all_centers || std::ranges::find(names, name) != names.end()) continue;
        const std::vector<std::string_view> known(names.begin(), names.end());
        const std::string_view meant = nearest(name, known);
        return not_found("center_unknown",
                         fmt::format("--center {}: there is no such centre{}; `dayu centers` lists "
                                     "them, and \"all\" takes every one",
                                     name, meant.empty() ? "" : fmt::format(" ({}?)", meant)));
    }
    return {};
}

}  // namespace

Result<PlanSites> sites_of(const wire::Json& centers, const wire::Json& registry,
                           const std::vector<std::string>& wanted, const plan::Chips& chips,
                           const plan::HourTable& hours) {
    TRY(check_names(centers, wanted));
    const auto is_wanted = [&](const std::string& name) {
        return std::ranges::any_of(
            wanted, [&](const std::string& one) { return one == all_centers || one == name; });
    };
    PlanSites all;
    for (const wire::Json& center : list(centers, "centers"))
        if (is_wanted(text(center, "name"))) add_pools(all, center, registry, chips, hours);
    return all;
}

Result<PlanSites> read_plan_sites(const Globals& globals, const std::vector<std::string>& wanted,
                                  const plan::Chips& chips, const plan::HourTable& hours) {
    Connection connection = TRY(Connection::open(globals));
    const Result<wire::Json> centers = connection.get("/v1/centers");
    if (!centers) {
        Error error = centers.error();
        if (error.kind == ErrorKind::unavailable)
            error.message +=
                "; without a server, name what --center would: --chip, --count, --price (yuan a "
                "chip-hour), --carbon (gCO2e/kWh) and --pue";
        return error;
    }
    return sites_of(*centers, TRY(connection.get("/v1/chips")), wanted, chips, hours);
}

Result<plan::HourTable> read_hour_table(const std::string& file) {
    if (file.empty()) return plan::HourTable();
    return plan::HourTable::parse(file, TRY(read_small_file(file, max_plan_file_bytes)));
}

}  // namespace dayu::app
