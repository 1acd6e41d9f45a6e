#include "plan/calibrate.h"

#include <algorithm>
#include <set>

namespace dayu::plan {
namespace {

// Constants of layers, which stay while the others are fitted to rows whose layers are known.
constexpr std::array<std::string_view, 7> layer_constants{
    "gemm", "gemm_half", "attention", "memory", "layer_launch_s", "collective_launch_s", "node"};
constexpr int rounds = 2;  // of classes and the rest in turn; a third changes nothing that shows
constexpr std::uint32_t held_out_evaluations = 1500;

struct Fitted {
    Constants constants;
    std::vector<MeasuredLayer> layers;
};

void set_factors(std::vector<MeasuredStep>& rows, const MeasuredLayers& layers,
                 const Calibration& names) {
    for (MeasuredStep& row : rows) {
        const LayerFactors* factors =
            layers.find(names.chip, names.framework, layer_class_of(row.job, row.plan));
        row.factors = factors != nullptr ? *factors : LayerFactors{};
    }
}

Fitted fit_whole(std::vector<MeasuredStep> rows, const Calibration& names, FitSetting setting) {
    Fitted fitted;
    fitted.constants = fit(rows, setting);
    setting.held.insert(setting.held.end(), layer_constants.begin(), layer_constants.end());
    setting.starts = 1;
    for (int round = 0; round < rounds; ++round) {
        fitted.layers =
            fit_layers(rows, machine_of(*setting.chip, fitted.constants, setting.traits),
                       names.chip, names.framework);
        set_factors(rows, MeasuredLayers(fitted.layers), names);
        setting.start = fitted.constants;
        fitted.constants = fit(rows, setting);
    }
    return fitted;
}

std::vector<HeldOut> held_out(const std::vector<MeasuredStep>& rows, const Machine& machine) {
    const std::vector<double> errors = residuals(rows, machine);
    std::vector<HeldOut> all;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        all.push_back({.residual = errors[i],
                       .leaves_node = rows[i].plan.chips() > machine.fabric.node.chips});
    }
    return all;
}

// Leaves out the rows of one group after another, and predicts them by a fit to the rest.
template <class Predict>
std::vector<HeldOut> leave_out(std::span<const MeasuredStep> rows,
                               std::uint32_t MeasuredStep::* group, const Predict& predict) {
    std::set<std::uint32_t> groups;
    for (const MeasuredStep& row : rows) groups.insert(row.*group);
    std::vector<HeldOut> errors;
    for (const std::uint32_t held : groups) {
        std::vector<MeasuredStep> kept, left;
        for (const MeasuredStep& row : rows) (row.*group == held ? left : kept).push_back(row);
        if (kept.empty()) return {};
        const std::vector<HeldOut> part = predict(kept, left);
        errors.insert(errors.end(), part.begin(), part.end());
    }
    return errors;
}

// Fewer rows held out than this say nothing of a quantile; the wider figure is taken instead.
constexpr std::size_t least_held_out = 10;

void set_residuals(Calibrated& result) {
    std::vector<double> all, network, measured;
    for (const HeldOut& one : result.other_models) {
        all.push_back(one.residual);
        if (one.leaves_node) network.push_back(one.residual);
    }
    for (const HeldOut& one : result.other_questions) measured.push_back(one.residual);
    Calibration& calibration = result.calibration;
    if (all.size() >= least_held_out) calibration.residual_90 = conformal_90(all);
    calibration.residual_90_network = network.size() >= least_held_out
                                          ? std::max(conformal_90(network), calibration.residual_90)
                                          : calibration.residual_90;
    calibration.residual_90_measured =
        measured.size() >= least_held_out ? conformal_90(measured) : calibration.residual_90;
}

}  // namespace

Calibrated calibrate(std::span<const MeasuredStep> rows, const Calibration& calibration,
                     const FitSetting& setting) {
    const std::vector<MeasuredStep> all(rows.begin(), rows.end());
    const Fitted fitted = fit_whole(all, calibration, setting);
    FitSetting again = setting;
    again.start = fitted.constants;
    again.starts = 1;
    again.evaluations = std::min(setting.evaluations, held_out_evaluations);

    Calibrated result;
    result.calibration = calibration;
    result.calibration.constants = fitted.constants;
    result.calibration.rows = static_cast<double>(rows.size());
    result.layers = fitted.layers;
    result.other_models = leave_out(rows, &MeasuredStep::model, [&](auto kept, auto left) {
        return held_out(left, machine_of(*setting.chip, fit(kept, again), setting.traits));
    });
    // The constants hardly move with one question; the classes do.
    const Machine machine = machine_of(*setting.chip, fitted.constants, setting.traits);
    result.other_questions = leave_out(rows, &MeasuredStep::question, [&](auto kept, auto left) {
        const MeasuredLayers layers(
            fit_layers(kept, machine, calibration.chip, calibration.framework));
        set_factors(left, layers, calibration);
        std::erase_if(left, [&](const MeasuredStep& row) {
            return layers.find(calibration.chip, calibration.framework,
                               layer_class_of(row.job, row.plan)) == nullptr;
        });
        return held_out(left, machine);
    });
    set_residuals(result);
    return result;
}

}  // namespace dayu::plan
