// dayu plan scu: what a chip gets done, in standard compute units, and what that rests on.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/plan_data.h"
#include "dayu/verbs.h"
#include "plan/scu.h"

namespace dayu::app {
namespace {

struct ScuOptions {
    std::string data;
    bool without_server = false;
};

std::vector<StepRatios> ratios_in(const wire::Json& answer) {
    std::vector<StepRatios> all;
    for (const wire::Json& row : list(answer, "ratios")) {
        all.push_back({.work = text(row, "work"),
                       .chip = text(row, "chip"),
                       .framework = text(row, "framework"),
                       .attempts = number(row, "attempts"),
                       .sum_ppm = number(row, "sum_ppm"),
                       .squares_ppm = number(row, "squares_ppm"),
                       .version = static_cast<std::uint64_t>(number(row, "version"))});
    }
    return all;
}

std::vector<Figure> figures_of(const plan::ScuRow& row) {
    const StepCorrection correction = correction_of(row.measured);
    return {{"work", row.work},
            {"chip", row.chip},
            {"framework", row.framework},
            {"scu", row.scu.value},
            {"scu_low", row.scu.low},
            {"scu_high", row.scu.high},
            {"evidence", std::string(letter_of(row.grade))},
            {"evidence_words", std::string(description_of(row.grade))},
            {"attempts", row.measured.attempts},
            {"step_factor", correction.factor},
            {"version", static_cast<std::int64_t>(row.measured.version)}};
}

void print_rows(const Globals& globals, const std::vector<plan::ScuRow>& rows) {
    using Kind = Column::Kind;
    Table table({{"WORK"},
                 {"CHIP"},
                 {"FRAMEWORK"},
                 {"SCU", Kind::number},
                 {"90 %", Kind::number},
                 {"ATTEMPTS", Kind::number},
                 {"VERSION", Kind::number},
                 {"EVIDENCE"}});
    for (const plan::ScuRow& row : rows) {
        const bool is_measured = row.measured.attempts > 0;
        table.add({row.work, row.chip, row.framework, fmt::format("{:.2f}", row.scu.value),
                   fmt::format("{:.2f}-{:.2f}", row.scu.low, row.scu.high),
                   std::to_string(row.measured.attempts),
                   is_measured ? std::to_string(row.measured.version) : "-",
                   std::string(description_of(row.grade))});
    }
    print_table(globals, table);
}

Result<int> show_scu(const ScuOptions& options, const Globals& globals) {
    const plan::Knowledge knowledge = TRY(read_plan_knowledge(TRY(find_plan_folder(options.data))));
    std::vector<StepRatios> measured;
    if (!options.without_server) {
        Connection connection = TRY(Connection::open(globals));
        measured = ratios_in(TRY(connection.get("/v1/step-ratios")));
    }
    const std::vector<plan::ScuRow> rows = TRY(plan::scu_table(knowledge, measured));
    if (!is_structured(globals)) {
        print_rows(globals, rows);
        return 0;
    }
    std::vector<std::vector<Figure>> figures;
    for (const plan::ScuRow& row : rows) figures.push_back(figures_of(row));
    print_figure_list(figures);
    return 0;
}

}  // namespace

Verb plan_scu_verb() {
    const auto options = std::make_shared<ScuOptions>();
    return {.name = "plan scu",
            .help = "Show what each chip gets done of a class of work, relative to one A100-80GB",
            .options = {{"--without-server", &options->without_server,
                         "by the planner's tables alone, without what attempts measured"},
                        {"--tables", &options->data, "folder of the planner's tables"}},
            .run = [options](const Globals& globals) { return show_scu(*options, globals); },
            .detail =
                "A standard compute unit is what one A100-80GB gets done of a class of work. It is "
                "told by a reference training on one node of each chip, as it is forecast and as "
                "attempts that reported their steps (DAYU_STEPS) have corrected that. ATTEMPTS are "
                "those of that class on that chip; VERSION is the entry of the journal that "
                "changed it last.",
            .examples = {"dayu plan scu", "dayu plan scu --without-server -o json"}};
}

}  // namespace dayu::app
