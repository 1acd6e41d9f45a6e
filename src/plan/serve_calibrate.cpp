#include "plan/serve_calibrate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/core.h>

#include "plan/evaluate_serve.h"
#include "plan/fit.h"

namespace dayu::plan {
namespace {

constexpr std::string_view any = "any";
constexpr int parts = 5;                // that rows are left out in
constexpr std::size_t least_rows = 12;  // for constants of a chip
constexpr double ttft_weight = 0.4;     // beside TPOT, which repeats to 4 % where TTFT does to 8 %
constexpr double most_error = 1.0;      // ln: what is further off than that is another thing
constexpr double pull = 2e-3;           // of each constant towards where it starts

struct Sample {
    const ServeRow* row = nullptr;
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
        "{}/{}/{}/{}/{}/{}/{}", row.model, row.chip, row.engine,
        row.split ? words(row.split->prefill) + words(row.split->decode) : words(row.plan),
        static_cast<int>(row.split ? row.split->decode.products : row.plan.products), row.load.isl,
        row.load.osl);
}

// Each measurement once: the table repeats some under other names.
std::vector<Sample> samples_of(std::span<const ServeRow> rows, const Chips& chips) {
    std::map<std::string, std::uint32_t> servings;
    std::set<std::pair<double, double>> seen;
    std::vector<Sample> samples;
    for (const ServeRow& row : rows) {
        const auto chip = chips.find(row.chip);
        if (!row.missing.empty() || row.measured_tpot_s <= 0 || !chip) continue;
        if (!seen.emplace(row.measured_ttft_s, row.measured_tpot_s).second) continue;
        const auto number = static_cast<std::uint32_t>(servings.size());
        const std::uint32_t serving = servings.emplace(serving_of(row), number).first->second;
        samples.push_back({.row = &row, .chip = *chip, .part = serving % parts});
    }
    return samples;
}

double quantile_90(const std::vector<double>& errors, double otherwise) {
    constexpr std::size_t least = 10;
    return errors.size() >= least ? conformal_90(errors) : otherwise;
}

// A row that a fit did not see.
struct Unseen {
    const ServeRow* row = nullptr;
    Errors errors;
};

// Each fit begins where the first did, so that nothing of what is left out reaches it.
std::vector<Unseen> leave_out(std::span<const Sample> samples, const ServeFitSetting& setting) {
    std::vector<Unseen> unseen;
    for (std::uint32_t part = 0; part < parts; ++part) {
        std::vector<Sample> kept, left;
        for (const Sample& sample : samples) (sample.part == part ? left : kept).push_back(sample);
        if (kept.empty() || left.empty()) continue;
        const ServeConstants constants = fit(kept, setting.start, setting.evaluations);
        for (const Sample& sample : left) {
            const ServeMachine machine = serve_machine_of(*sample.chip, constants);
            unseen.push_back({.row = sample.row, .errors = errors_of(*sample.row, machine)});
        }
    }
    return unseen;
}

void set_residuals(ServeCalibration& calibration, std::span<const Unseen> unseen) {
    std::vector<double> ttft, tpot, split_ttft, split_tpot;
    for (const Unseen& one : unseen) {
        const bool is_split = one.row->split.has_value();
        (is_split ? split_tpot : tpot).push_back(std::abs(one.errors.tpot));
        if (one.row->measured_ttft_s > 0)
            (is_split ? split_ttft : ttft).push_back(std::abs(one.errors.ttft));
    }
    calibration.ttft_residual_90 = quantile_90(ttft, quantile_90(split_ttft, 1));
    calibration.tpot_residual_90 = quantile_90(tpot, quantile_90(split_tpot, 1));
    calibration.split_ttft_residual_90 =
        quantile_90(split_ttft, std::max(calibration.ttft_residual_90, 1.0));
    calibration.split_tpot_residual_90 =
        quantile_90(split_tpot, std::max(calibration.tpot_residual_90, 0.5));
}

std::vector<LeftOut> figures_of(std::span<const Unseen> unseen) {
    struct Family {
        std::vector<Judged> ttft, tpot;
    };
    std::map<std::string, Family> families;
    const auto judged = [](double error, double measured) {
        return Judged{.predicted = {.value = measured * std::exp(error)}, .measured = measured};
    };
    for (const Unseen& one : unseen) {
        Family& family = families[one.row->family];
        family.tpot.push_back(judged(one.errors.tpot, one.row->measured_tpot_s));
        if (one.row->measured_ttft_s > 0)
            family.ttft.push_back(judged(one.errors.ttft, one.row->measured_ttft_s));
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
    const std::vector<Sample> all = samples_of(rows, chips);
    ServeCalibrated made;
    std::vector<Unseen> left_out;
    const auto add = [&](std::string_view chip, std::string_view engine,
                         std::span<const Sample> samples, const ServeConstants& start) {
        ServeCalibration one{.chip = std::string(chip),
                             .engine = std::string(engine),
                             .version = setting.version,
                             .date = setting.date,
                             .constants = fit(samples, start, setting.evaluations),
                             .rows = static_cast<double>(samples.size()),
                             .source = setting.source};
        const std::vector<Unseen> unseen = leave_out(samples, setting);
        set_residuals(one, unseen);
        if (chip != any) left_out.insert(left_out.end(), unseen.begin(), unseen.end());
        made.calibrations.push_back(std::move(one));
        return made.calibrations.back().constants;
    };
    if (all.empty()) return made;
    std::map<std::string_view, std::map<std::string_view, std::vector<Sample>>> engines;
    for (const Sample& sample : all)
        engines[sample.row->engine][sample.chip->name].push_back(sample);
    // What one engine alone was measured with does not speak for others.
    const ServeConstants of_all =
        engines.size() > 1 ? add(any, any, all, setting.start) : setting.start;
    for (const auto& [engine, by_chip] : engines) {
        std::vector<Sample> together;
        for (const auto& [chip, samples] : by_chip)
            together.insert(together.end(), samples.begin(), samples.end());
        const ServeConstants of_engine = add(any, engine, together, of_all);
        for (const auto& [chip, samples] : by_chip)
            if (samples.size() >= least_rows) add(chip, engine, samples, of_engine);
    }
    made.left_out = figures_of(left_out);
    return made;
}

}  // namespace dayu::plan
