// dayu plan evaluate: predicts a table of measured runs, and says how far off it was.
#include "dayu/plan_evaluate.h"

#include <cstdio>
#include <limits>
#include <memory>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/plan_data.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"
#include "plan/evaluate_serve.h"
#include "plan/evaluate_train.h"

namespace dayu::app {
namespace {

struct Options {
    std::string rows;
    std::string kind = "train";
    std::string data;
};

std::vector<Figure> figures_of_row(const plan::TrainVerdict& verdict) {
    std::vector<Figure> figures{{"id", verdict.id}};
    const bool is_predicted = verdict.step_s.value > 0;
    const double none = std::numeric_limits<double>::quiet_NaN();
    figures.push_back({"predicted_step_s", is_predicted ? verdict.step_s.value : none});
    figures.push_back({"low", is_predicted ? verdict.step_s.low : none});
    figures.push_back({"high", is_predicted ? verdict.step_s.high : none});
    figures.push_back({"feasible", verdict.is_feasible});
    figures.push_back({"reason", verdict.reason});
    return figures;
}

std::vector<Figure> figures_of_family(const plan::FamilyFigures& family) {
    return {{"group", family.family},
            {"rows", family.errors.rows},
            {"not_predicted", family.refused},
            {"mape_pct", 100 * family.errors.mean_error},
            {"median_pct", 100 * family.errors.median_error},
            {"bias_pct", 100 * family.errors.bias},
            {"p90_pct", 100 * family.errors.p90_error},
            {"coverage_pct", 100 * family.errors.coverage},
            {"plan_groups", family.questions},
            {"regret_mean_pct", 100 * family.mean_regret},
            {"regret_worst_pct", 100 * family.worst_regret},
            {"top3_pct", 100 * family.top_3}};
}

void print_families(const Globals& globals, const std::vector<plan::FamilyFigures>& families) {
    using Kind = Column::Kind;
    Table table({{"GROUP"},
                 {"ROWS", Kind::number},
                 {"MAPE %", Kind::number},
                 {"MEDIAN %", Kind::number},
                 {"BIAS %", Kind::number},
                 {"P90 %", Kind::number},
                 {"INSIDE %", Kind::number},
                 {"REGRET %", Kind::number},
                 {"WORST %", Kind::number},
                 {"TOP 3 %", Kind::number}});
    const auto percent = [](double part) { return fmt::format("{:.1f}", 100 * part); };
    for (const plan::FamilyFigures& family : families) {
        const bool is_ranked = family.questions > 0;
        table.add({family.family, std::to_string(family.errors.rows),
                   percent(family.errors.mean_error), percent(family.errors.median_error),
                   percent(family.errors.bias), percent(family.errors.p90_error),
                   percent(family.errors.coverage), is_ranked ? percent(family.mean_regret) : "",
                   is_ranked ? percent(family.worst_regret) : "",
                   is_ranked ? percent(family.top_3) : ""});
    }
    print_table(globals, table);
}

std::vector<Figure> figures_of_row(const plan::ServeVerdict& verdict) {
    constexpr double milli = 1e-3;
    const double none = std::numeric_limits<double>::quiet_NaN();
    const bool is_predicted = verdict.tpot_s.value > 0;
    const auto ms = [&](double seconds) { return is_predicted ? seconds / milli : none; };
    const plan::Estimate& ttft = verdict.ttft_s;
    const plan::Estimate& tpot = verdict.tpot_s;
    return {{"id", verdict.id},
            {"predicted_ttft_ms", ms(ttft.value)},
            {"ttft_low_ms", ms(ttft.low)},
            {"ttft_high_ms", ms(ttft.high)},
            {"predicted_tpot_ms", ms(tpot.value)},
            {"tpot_low_ms", ms(tpot.low)},
            {"tpot_high_ms", ms(tpot.high)},
            {"low", ms(tpot.low)},
            {"high", ms(tpot.high)},
            {"feasible", verdict.is_feasible},
            {"reason", verdict.reason}};
}

std::vector<Figure> figures_of_family(const plan::ServeFamilyFigures& family) {
    std::vector<Figure> figures{
        {"group", family.family}, {"rows", family.tpot.rows}, {"not_predicted", family.refused}};
    for (const auto& [name, errors] : {std::pair{"tpot", family.tpot}, {"ttft", family.ttft}}) {
        const auto add = [&](std::string_view figure, double part) {
            figures.push_back({fmt::format("{}_{}_pct", name, figure), 100 * part});
        };
        add("mape", errors.mean_error);
        add("median", errors.median_error);
        add("bias", errors.bias);
        add("p90", errors.p90_error);
        add("coverage", errors.coverage);
    }
    return figures;
}

void print_families(const Globals& globals, const std::vector<plan::ServeFamilyFigures>& families) {
    using Kind = Column::Kind;
    Table table({{"GROUP"},
                 {"OF"},
                 {"ROWS", Kind::number},
                 {"MAPE %", Kind::number},
                 {"MEDIAN %", Kind::number},
                 {"BIAS %", Kind::number},
                 {"P90 %", Kind::number},
                 {"INSIDE %", Kind::number}});
    const auto percent = [](double part) { return fmt::format("{:.1f}", 100 * part); };
    for (const plan::ServeFamilyFigures& family : families) {
        for (const auto& [name, errors] : {std::pair{"TPOT", family.tpot}, {"TTFT", family.ttft}})
            table.add({family.family, name, std::to_string(errors.rows), percent(errors.mean_error),
                       percent(errors.median_error), percent(errors.bias),
                       percent(errors.p90_error), percent(errors.coverage)});
    }
    print_table(globals, table);
}

template <class Verdict, class Family>
void print_all(const Globals& globals, const std::vector<Verdict>& verdicts,
               const std::vector<Family>& families) {
    if (!is_structured(globals)) return print_families(globals, families);
    Evaluation evaluation;
    for (const Verdict& verdict : verdicts) evaluation.rows.push_back(figures_of_row(verdict));
    for (const Family& family : families) evaluation.groups.push_back(figures_of_family(family));
    print_evaluation(evaluation);
}

Result<int> evaluate(const Options& options, const Globals& globals) {
    const std::string tables = TRY(find_plan_folder(options.data));
    const std::string text =
        TRY(read_small_file(find_plan_rows(options.rows), max_plan_file_bytes));
    if (options.kind == "serve") {
        const plan::ServeKnowledge knowledge = TRY(read_serve_knowledge(tables));
        const auto rows = TRY(plan::parse_serve_rows(options.rows, text, knowledge.models,
                                                     knowledge.harnesses, knowledge.recipes));
        const auto verdicts = plan::predict_rows(knowledge, rows);
        print_all(globals, verdicts, plan::figures_of(verdicts));
    } else {
        const plan::Knowledge knowledge = TRY(read_plan_knowledge(tables));
        const auto rows = TRY(plan::parse_train_rows(options.rows, text, knowledge.models));
        const auto verdicts = plan::predict_rows(knowledge, rows);
        print_all(globals, verdicts, plan::figures_of(verdicts));
    }
    return 0;
}

}  // namespace

// JSON is YAML too: both are written alike.
void print_evaluation(const Evaluation& evaluation) {
    const auto list = [](const std::vector<std::vector<Figure>>& objects) {
        std::string text;
        for (const std::vector<Figure>& object : objects) {
            std::string one = figures_as_json(object);
            one.pop_back();  // the end of its last line
            text += (text.empty() ? "" : ", ") + one;
        }
        return text;
    };
    const std::string text = fmt::format("{{\"rows\": [{}],\n\"groups\": [{}]}}\n",
                                         list(evaluation.rows), list(evaluation.groups));
    std::fwrite(text.data(), 1, text.size(), stdout);
}

Verb plan_evaluate_verb() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "plan evaluate",
        .help = "Predict a table of measured runs, and show how far off the planner is",
        .options = {{"--rows", &options->rows,
                     "CSV: a run a line; also below the folder beside DAYU_TRACES", true},
                    {"--kind", &options->kind, "of runs", false, {"train", "serve"}},
                    {"--tables", &options->data, "folder of the planner's tables"}},
        .run = [options](const Globals& globals) { return evaluate(*options, globals); },
        .detail =
            "Each row is predicted by its own plan, without a look at its measurement, which may "
            "be "
            "left empty. Errors are of predicted over measured: steps, or mean TTFT and TPOT; "
            "INSIDE "
            "is the part of measurements within the interval of 90 %. Trainings that differ in "
            "their "
            "plan alone form a question; over those with four plans or more, REGRET is how much "
            "longer the plan that was predicted fastest took than the fastest, and TOP 3 the part "
            "where the fastest is among the three predicted so.",
        .examples = {"dayu plan evaluate --rows training_measured.csv --kind train -o json",
                     "dayu plan evaluate --rows serving_measured.csv --kind serve"},
    };
}

}  // namespace dayu::app
