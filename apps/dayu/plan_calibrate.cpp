// dayu plan calibrate: fits the constants of a chip with a framework to measured steps.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include <fmt/core.h>

#include "base/time.h"
#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/plan_data.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"
#include "plan/calibrate.h"
#include "plan/serve_calibrate.h"
#include "plan/train_rows.h"

namespace dayu::app {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string rows;
    std::string kind = "train";
    std::string chip;
    std::string framework;
    std::string data;
    std::vector<std::string> hold;
    std::string version = "1";
    std::string left_out = "servings";
    bool writes = false;
};

constexpr std::string_view used_split = "calib";  // column `split`: rows that may be fitted to

// Rows of the calibration's families on its chip.
std::vector<plan::MeasuredStep> steps_of(const std::vector<plan::TrainRow>& rows,
                                         const plan::Knowledge& knowledge,
                                         const plan::Calibration& calibration) {
    std::map<std::string, std::uint32_t> models, questions;
    std::vector<plan::MeasuredStep> steps;
    for (const plan::TrainRow& row : rows) {
        const auto chip = knowledge.chips.find(row.chip);
        const bool is_wanted =
            row.missing.empty() && row.measured_step_s > 0 && row.split == used_split && chip &&
            knowledge.calibrations.find((*chip)->name, row.family) == &calibration;
        if (!is_wanted) continue;
        plan::TrainPlan plan = row.plan;
        if (plan.tp > 1 && calibration.traits.sequence_parallel) plan.sequence_parallel = true;
        const auto number = [](auto& names, const std::string& name) {
            return names.emplace(name, static_cast<std::uint32_t>(names.size())).first->second;
        };
        steps.push_back({.job = row.job,
                         .plan = plan,
                         .step_s = row.measured_step_s,
                         .model = number(models, row.model),
                         .question = number(questions, fmt::format("{}/{}", row.model, row.chips)),
                         .factors = {}});
    }
    return steps;
}

Result<void> check_hold(const std::vector<std::string>& hold) {
    for (const std::string& name : hold) {
        const bool is_known = std::ranges::any_of(
            plan::constant_fields, [&](const auto& field) { return field.name == name; });
        if (is_known) continue;
        std::string known;
        for (const plan::ConstantField& field : plan::constant_fields)
            known.append(known.empty() ? "" : ", ").append(field.name);
        return invalid("usage", fmt::format("--hold {}; expected of {}", name, known));
    }
    return {};
}

Result<void> write_tables(const std::string& folder, const plan::Knowledge& knowledge,
                          const plan::Calibrated& made) {
    std::vector<plan::Calibration> calibrations = knowledge.calibrations.all();
    for (plan::Calibration& one : calibrations)
        if (one.chip == made.calibration.chip && one.framework == made.calibration.framework)
            one = made.calibration;
    TRY(replace_small_file((fs::path(folder) / "calibrations.csv").string(),
                           plan::write_calibrations(calibrations)));
    const plan::MeasuredLayers layers =
        knowledge.layers.with(made.calibration.chip, made.calibration.framework, made.layers);
    return replace_small_file((fs::path(folder) / "measured_layers.csv").string(),
                              plan::write_measured_layers(layers.all()));
}

void print(const Globals& globals, const plan::Calibrated& made) {
    const plan::Calibration& calibration = made.calibration;
    std::vector<Figure> figures{{"chip", calibration.chip},
                                {"framework", calibration.framework},
                                {"rows", static_cast<std::int64_t>(calibration.rows)}};
    for (const plan::ConstantField& field : plan::constant_fields)
        figures.push_back({std::string(field.name), calibration.constants.*field.member});
    figures.push_back({"classes", static_cast<std::int64_t>(made.layers.size())});
    figures.push_back({"residual_90", calibration.residual_90});
    figures.push_back({"residual_90_measured", calibration.residual_90_measured});
    if (is_structured(globals)) return print_figures(globals, figures);
    Table table({{"CONSTANT"}, {"VALUE", Column::Kind::number}});
    for (const plan::ConstantField& field : plan::constant_fields) {
        table.add(
            {std::string(field.name), fmt::format("{:.4g}", calibration.constants.*field.member)});
    }
    print_table(globals, table);
    remark(
        fmt::format("{:.0f} rows, {} classes of layers; of models left out 90 % were within "
                    "{:.1f} %, of other runs of measured classes within {:.1f} %",
                    calibration.rows, made.layers.size(), 100 * calibration.residual_90,
                    100 * calibration.residual_90_measured));
}

void print_serving(const Globals& globals, const plan::ServeCalibrated& made) {
    using Kind = Column::Kind;
    std::vector<Column> columns{{"CHIP"}, {"ENGINE"}, {"VERSION"}, {"ROWS", Kind::number}};
    for (const plan::ServeConstantField& field : plan::serve_constant_fields)
        columns.push_back({std::string(field.name), Kind::number});
    columns.push_back({"TPOT 90 %", Kind::number});
    columns.push_back({"TTFT 90 %", Kind::number});
    Table table(std::move(columns));
    for (const plan::ServeCalibration& one : made.calibrations) {
        std::vector<Cell> row{one.chip, one.engine, one.engine_version,
                              fmt::format("{:.0f}", one.rows)};
        for (const plan::ServeConstantField& field : plan::serve_constant_fields)
            row.push_back(fmt::format("{:.3g}", one.constants.*field.member));
        row.push_back(fmt::format("{:.3f}", one.tpot_residual_90));
        row.push_back(fmt::format("{:.3f}", one.ttft_residual_90));
        table.add(std::move(row));
    }
    print_table(globals, table);
    for (const plan::LeftOut& family : made.left_out) {
        remark(fmt::format(
            "{}: of {} rows left out TPOT errs by {:.1f} % in the mean, TTFT by "
            "{:.1f} % in the median; the 90 % interval holds {:.1f} and {:.1f} % of them",
            family.family, family.tpot.rows, 100 * family.tpot.mean_error,
            100 * family.ttft.median_error, 100 * family.tpot.coverage,
            100 * family.ttft.coverage));
    }
}

Result<int> calibrate_training(const Options& options, const Globals& globals) {
    if (options.chip.empty() || options.framework.empty())
        return invalid("usage",
                       "--kind train wants --chip and --framework, as calibrations.csv names them");
    TRY(check_hold(options.hold));
    const std::string folder = TRY(find_plan_folder(options.data));
    const plan::Knowledge knowledge = TRY(read_plan_knowledge(folder));
    const plan::Chip* const chip = TRY(knowledge.chips.find(options.chip));
    const plan::Calibration* const calibration =
        knowledge.calibrations.of_framework(chip->name, options.framework);
    if (calibration == nullptr) {
        return not_found(
            "plan_calibration_missing",
            fmt::format("calibrations.csv has no row for {} with {}; add one that says "
                        "its families and traits, and where the fit starts",
                        chip->name, options.framework));
    }
    const std::vector<plan::TrainRow> rows = TRY(plan::parse_train_rows(
        options.rows, TRY(read_small_file(find_plan_rows(options.rows), max_plan_file_bytes)),
        knowledge.models));
    const std::vector<plan::MeasuredStep> steps = steps_of(rows, knowledge, *calibration);
    if (steps.empty()) {
        return invalid("plan_rows_invalid",
                       fmt::format("{} has no measured row with a plan for {} with {}",
                                   options.rows, chip->name, calibration->framework));
    }
    plan::FitSetting setting;
    setting.chip = chip;
    setting.traits = calibration->traits;
    setting.start = calibration->constants;
    setting.held.assign(options.hold.begin(), options.hold.end());
    const plan::Calibrated made = plan::calibrate(steps, *calibration, setting);
    if (options.writes) TRY(write_tables(folder, knowledge, made));
    print(globals, made);
    return 0;
}

Result<plan::LeftOutBy> left_out_by(std::string_view word) {
    if (word == "servings") return plan::LeftOutBy::servings;
    if (word == "models") return plan::LeftOutBy::models;
    return invalid("usage", fmt::format("--leave-out {}; expected servings or models", word));
}

// All chips and engines of the table together: what one pair has too few rows for comes from the others.
Result<int> calibrate_serving(const Options& options, const Globals& globals) {
    const plan::LeftOutBy by = TRY(left_out_by(options.left_out));
    const std::string folder = TRY(find_plan_folder(options.data));
    const plan::ServeKnowledge knowledge = TRY(read_serve_knowledge(folder));
    const auto rows = TRY(plan::parse_serve_rows(
        options.rows, TRY(read_small_file(find_plan_rows(options.rows), max_plan_file_bytes)),
        knowledge.models, knowledge.harnesses, knowledge.recipes));
    const plan::ServeCalibrated made =
        plan::calibrate_serving(rows, knowledge.chips,
                                {.start = {},
                                 .left_out_by = by,
                                 .version = options.version,
                                 .date = to_string(system_clock().now()).substr(0, 10),
                                 .source = fs::path(options.rows).filename().string()});
    if (made.calibrations.empty()) {
        return invalid("plan_rows_invalid",
                       fmt::format("{} has no measured row that can be predicted", options.rows));
    }
    if (options.writes) {
        TRY(replace_small_file(
            (fs::path(folder) / "serve_calibrations.csv").string(),
            plan::write_serve_calibrations(knowledge.calibrations.with(made.calibrations).all())));
    }
    print_serving(globals, made);
    return 0;
}

}  // namespace

Verb plan_calibrate_verb() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "plan calibrate",
        .help = "Fit the planner's constants of a chip with a framework to measured steps",
        .options = {{"--rows", &options->rows, "CSV of measured runs, as of plan evaluate", true},
                    {"--kind", &options->kind, "of runs", false, {"train", "serve"}},
                    {"--chip", &options->chip, "as calibrations.csv names it"},
                    {"--framework", &options->framework, "as calibrations.csv names it"},
                    {"--label", &options->version, "version that the result is called by"},
                    {"--leave-out",
                     &options->left_out,
                     "a fifth of these at a time (serve)",
                     false,
                     {"servings", "models"}},
                    {"--hold", &options->hold, "constants that stay as they are"},
                    {"--tables", &options->data, "folder of the planner's tables"},
                    {"--write", &options->writes, "write the result into the tables"}},
        .run =
            [options](const Globals& globals) {
                return options->kind == "serve" ? calibrate_serving(*options, globals)
                                                : calibrate_training(*options, globals);
            },
        .detail =
            "Twelve constants at most, from 10 to 30 steps or more; hold those that the rows do "
            "not tell. The residuals from which intervals come are of models and of runs that "
            "were left out of the fit.",
        .examples =
            {"dayu plan calibrate --rows steps.csv --chip Ascend-910B --framework mindspeed "
             "--hold network --write"},
    };
}

}  // namespace dayu::app
