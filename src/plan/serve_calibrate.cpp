#include "plan/serve_calibrate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <cstdint>
#include <map>
#include <set>

#include <fmt/core.h>

#include "plan/evaluate_serve.h"
#include "plan/fit.h"

namespace dayu::plan {
namespace {

constexpr std::string_view any = "any";
constexpr std::uint32_t parts = 5;      // that rows are left out in
constexpr std::size_t least_rows = 12;  // for constants of a chip
constexpr double ttft_weight = 0.4;     // beside TPOT, which repeats to 4 % where TTFT does to 8 %
constexpr double most_error = 1.0;      // ln: what is further off than that is another thing
constexpr double pull = 2e-3;           // of each constant towards where it starts

struct Sample {
    const ServeRow* row = nullptr;
    std::string engine;  // whose constants it takes
    const Chip* chip = nullptr;
    std::uint32_t part = 0;
};

// ln(predicted/measured); 0 where nothing was measured.
struct Errors {
    double ttft = 0, tpot = 0;
};

Errors errors_of(const ServeRow& row, const ServeMachine& machine) {
    const ServeTimes times = times_of(row, machine);
    const auto off = [](double predicted, double measured) {
        return measured > 0 ? std::log(predicted / measured) : 0;
    };
    return {.ttft = off(times.ttft_s, row.measured_ttft_s),
            .tpot = off(times.tpot_s, row.measured_tpot_s)};
}

ServeConstants fit(std::span<const Sample> samples, const ServeConstants& start,
                   std::uint32_t evaluations) {
    const auto loss = [&](const ServeConstants& constants) {
        double sum = 0;
        for (const Sample& sample : samples) {
            const Errors off = errors_of(*sample.row, serve_machine_of(*sample.chip, constants));
            sum += std::min(std::abs(off.tpot), most_error) +
                   ttft_weight * std::min(std::abs(off.ttft), most_error);
        }
        return sum / static_cast<double>(samples.size());
    };
    return fit_constants(ConstantSpace<ServeConstants>(serve_constant_fields, start, {}), start,
                         loss, {.starts = 1, .evaluations = evaluations}, pull);
}

// What its rows share but for the concurrency.
std::string serving_of(const ServeRow& row) {
    const auto words = [](const ServePlan& plan) {
        return fmt::format("{}x{}x{}x{}", plan.tp, plan.attention_dp, plan.moe_tp, plan.moe_ep);
    };
    return fmt::format(
        "{}/{}/{}/{}/{}/{}/{}", parameters_of(row.shape), row.chip, row.engine,
        row.is_split() ? words(row.splits.front().prefill) + words(row.splits.front().decode)
                       : words(row.plan),
        static_cast<int>(row.is_split() ? row.splits.front().decode.products : row.plan.products),
        row.load.isl, row.load.osl);
}

// As one measurement is written under two names: the last digits differ.
std::int64_t digits_of(double seconds) { return std::llround(1e9 * seconds); }

// Each measurement once: the table repeats some under other names.
std::vector<Sample> samples_of(std::span<const ServeRow> rows, const Chips& chips, LeftOutBy by) {
    std::map<std::string, std::uint32_t> groups;
    std::set<std::pair<std::int64_t, std::int64_t>> seen;
    std::vector<Sample> samples;
    for (const ServeRow& row : rows) {
        const auto chip = chips.find(row.chip);
        if (!row.missing.empty() || row.measured_tpot_s <= 0 || !chip) continue;
        if (!seen.emplace(digits_of(row.measured_ttft_s), digits_of(row.measured_tpot_s)).second)
            continue;
        const auto number = static_cast<std::uint32_t>(groups.size());
        const std::string name =
            by == LeftOutBy::models ? fmt::format("{}", parameters_of(row.shape)) : serving_of(row);
        const std::uint32_t group = groups.emplace(name, number).first->second;
        samples.push_back({.row = &row,
                           .engine = row.is_split() ? pools_of(row.engine) : row.engine,
                           .chip = *chip,
                           .part = group % parts});
    }
    return samples;
}

double quantile_90(const std::vector<double>& errors, double otherwise) {
    constexpr std::size_t least = 10;
    return errors.size() >= least ? conformal_90(errors) : otherwise;
}

// Whose constants: of "any" chip or engine, and with an empty word of all versions.
struct Owner {
    std::string chip, engine, version;

    friend auto operator<=>(const Owner&, const Owner&) = default;
};

struct Fitted {
    Owner owner;
    ServeConstants constants;
    double rows = 0;
};

const Fitted* find(std::span<const Fitted> all, const Owner& owner) {
    const auto found = std::ranges::find(all, owner, &Fitted::owner);
    return found == all.end() ? nullptr : &*found;
}

// From the widest to its own.
using Owners = std::array<Owner, 4>;

Owners owners_of(const Sample& sample) {
    const std::string& chip = sample.chip->name;
    const std::string version(sample.row->engine_version());
    return {{{std::string(any), std::string(any), {}},
             {std::string(any), sample.engine, {}},
             {chip, sample.engine, {}},
             {chip, sample.engine, version}}};
}

// Of the first so many of these the last that has constants.
const Fitted* nearest_of(std::span<const Fitted> all, const Owners& owners, std::size_t count) {
    while (count > 0)
        if (const Fitted* const one = find(all, owners[--count])) return one;
    return nullptr;
}

// Each begins where the one above it ended, and stays near there.
std::vector<Fitted> fit_all(std::span<const Sample> samples, const ServeFitSetting& setting) {
    std::array<std::map<Owner, std::vector<Sample>>, std::tuple_size_v<Owners>> levels;
    for (const Sample& sample : samples) {
        const Owners owners = owners_of(sample);
        for (std::size_t i = 0; i < owners.size(); ++i) levels[i][owners[i]].push_back(sample);
    }
    std::vector<Fitted> all;
    const bool has_engines = levels[1].size() > 1;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        // What one engine alone was measured with does not speak for others.
        if (i == 0 && !has_engines) continue;
        for (const auto& [owner, of_owner] : levels[i]) {
            const bool is_only = i == 1 && !has_engines;
            if (i > 0 && of_owner.size() < least_rows && !is_only) continue;
            const Fitted* const above = nearest_of(all, owners_of(of_owner.front()), i);
            const auto rows = static_cast<double>(of_owner.size());
            // The only version of a chip's rows is the chip's.
            if (!owner.version.empty() && above != nullptr && above->rows == rows) continue;
            const ServeConstants start = above != nullptr ? above->constants : setting.start;
            all.push_back({owner, fit(of_owner, start, setting.evaluations), rows});
        }
    }
    return all;
}

// A row that a fit did not see.
struct Unseen {
    const ServeRow* row = nullptr;
    Errors errors;
    std::uint32_t part = 0;
    Owner owner;  // of the constants
};

struct UnseenRows {
    std::map<Owner, std::vector<Unseen>> of_owner;  // by its constants
    std::vector<Unseen> by_nearest;                 // each row once
};

// Nothing of what is left out reaches a fit by those that it begins from.
UnseenRows leave_out(std::span<const Sample> samples, const ServeFitSetting& setting) {
    UnseenRows unseen;
    for (std::uint32_t part = 0; part < parts; ++part) {
        std::vector<Sample> kept, left;
        for (const Sample& sample : samples) (sample.part == part ? left : kept).push_back(sample);
        if (kept.empty() || left.empty()) continue;
        const std::vector<Fitted> fitted = fit_all(kept, setting);
        for (const Sample& sample : left) {
            Unseen one{.row = sample.row, .errors = {}, .part = part, .owner = {}};
            const Owners owners = owners_of(sample);
            for (std::size_t i = 0; i < owners.size(); ++i) {
                const Fitted* const nearest = nearest_of(fitted, owners, i + 1);
                if (nearest == nullptr) continue;
                one.errors =
                    errors_of(*sample.row, serve_machine_of(*sample.chip, nearest->constants));
                one.owner = nearest->owner;
                unseen.of_owner[owners[i]].push_back(one);
            }
            const bool has_constants = !one.owner.engine.empty();
            if (has_constants) unseen.by_nearest.push_back(one);
        }
    }
    return unseen;
}

// The quantiles that intervals are made of.
Errors residuals_90(std::span<const Unseen> unseen) {
    std::vector<double> ttft, tpot;
    for (const Unseen& one : unseen) {
        tpot.push_back(std::abs(one.errors.tpot));
        if (one.row->measured_ttft_s > 0) ttft.push_back(std::abs(one.errors.ttft));
    }
    return {.ttft = quantile_90(ttft, 1), .tpot = quantile_90(tpot, 1)};
}

// Of the same constants, by what the rows of other parts erred: neither the row nor others of its serving are among them.
Errors residuals_beside(const UnseenRows& unseen, const Unseen& row) {
    std::vector<Unseen> others;
    for (const Unseen& one : unseen.of_owner.at(row.owner))
        if (one.part != row.part) others.push_back(one);
    return residuals_90(others);
}

Judged judged(double error, double measured, double residual) {
    return {.predicted = within(measured * std::exp(error), residual), .measured = measured};
}

std::vector<LeftOut> figures_of(const UnseenRows& unseen) {
    struct Family {
        std::vector<Judged> ttft, tpot;
    };
    std::map<std::string, Family> families;
    std::map<std::pair<Owner, std::uint32_t>, Errors> residuals;
    for (const Unseen& one : unseen.by_nearest) {
        const auto [found, is_new] = residuals.try_emplace({one.owner, one.part});
        if (is_new) found->second = residuals_beside(unseen, one);
        const Errors& residual = found->second;
        Family& family = families[one.row->family];
        family.tpot.push_back(judged(one.errors.tpot, one.row->measured_tpot_s, residual.tpot));
        if (one.row->measured_ttft_s > 0)
            family.ttft.push_back(judged(one.errors.ttft, one.row->measured_ttft_s, residual.ttft));
    }
    std::vector<LeftOut> all;
    for (const auto& [name, family] : families)
        all.push_back({.family = name,
                       .ttft = error_figures_of(family.ttft),
                       .tpot = error_figures_of(family.tpot)});
    return all;
}

}  // namespace

ServeCalibrated calibrate_serving(std::span<const ServeRow> rows, const Chips& chips,
                                  const ServeFitSetting& setting) {
    const std::vector<Sample> all = samples_of(rows, chips, setting.left_out_by);
    ServeCalibrated made;
    if (all.empty()) return made;
    UnseenRows unseen = leave_out(all, setting);
    for (const Fitted& one : fit_all(all, setting)) {
        ServeCalibration calibration{.chip = one.owner.chip,
                                     .engine = one.owner.engine,
                                     .engine_version = one.owner.version,
                                     .version = setting.version,
                                     .date = setting.date,
                                     .constants = one.constants,
                                     .rows = one.rows,
                                     .source = setting.source};
        const Errors residual = residuals_90(unseen.of_owner[one.owner]);
        calibration.ttft_residual_90 = residual.ttft;
        calibration.tpot_residual_90 = residual.tpot;
        made.calibrations.push_back(std::move(calibration));
    }
    made.left_out = figures_of(unseen);
    return made;
}

}  // namespace dayu::plan
