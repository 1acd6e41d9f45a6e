// dayu plan train: on which chip, under which parallel plan, for how long and at what price a model is trained.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/plan_data.h"
#include "dayu/plan_model.h"
#include "dayu/progress.h"
#include "dayu/verbs.h"
#include "plan/plan_words.h"
#include "plan/train_cost.h"
#include "plan/train_search.h"

namespace dayu::app {
namespace {

constexpr double gibi = 1073741824.0;
constexpr double chips_per_server = 8;  // of the usual one; a switch may join those of many

struct Options {
    std::string model;
    std::string tokens;
    std::int64_t sequence = 4096;
    std::int64_t global_batch = 1024;
    std::vector<std::string> chips;
    std::int64_t count = 0;
    std::string framework;
    std::string task = "pretrain";
    std::string precision = "bf16";
    std::int64_t top = 10;
    std::string price = "0";
    std::string carbon = "0";
    std::string pue = "1.25";
    std::string data;
    bool shows_launch = false;
};

// One plan on one chip, and what the whole run would take.
struct Offer {
    const plan::Chip* chip = nullptr;
    plan::Grade grade = plan::Grade::specification;
    plan::RankedPlan ranked;
    plan::Estimate step_s;
    plan::RunCost cost;
};

struct Question {
    plan::TrainJob job;
    plan::RunSetting run;
    double count = 0;
    std::uint32_t top = 0;
    bool shows_launch = false;
};

Result<double> number_of(std::string_view option, const std::string& text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, failure] = std::from_chars(text.data(), end, value);
    if (failure == std::errc() && stopped == end && std::isfinite(value) && value >= 0)
        return value;
    return invalid("usage", fmt::format("{} {}; expected a number from 0, as 2e12", option, text));
}

Result<double> count_of(std::string_view option, std::int64_t value, std::int64_t most) {
    if (value >= 1 && value <= most) return static_cast<double>(value);
    return invalid("usage", fmt::format("{} {}; expected 1 to {}", option, value, most));
}

Result<Question> question_of(const Options& options, const plan::KnownModels& known) {
    Question question;
    question.job.model = TRY(read_train_model(options.model, known));
    question.job.sequence = TRY(count_of("--seq", options.sequence, 16'777'216));
    question.job.global_batch = TRY(count_of("--gbs", options.global_batch, 1'000'000));
    question.count = TRY(count_of("--count", options.count, 1'000'000));
    question.top = static_cast<std::uint32_t>(TRY(count_of("--top", options.top, 1000)));
    if (options.precision == "fp8") question.job.precision = plan::Precision::fp8;
    if (options.task == "lora") question.job.task = plan::TrainTask::lora;
    if (options.task == "finetune") question.job.task = plan::TrainTask::finetune;
    question.shows_launch = options.shows_launch;
    question.run.tokens = TRY(number_of("--tokens", options.tokens));
    question.run.terms = {{.price_per_chip_h = TRY(number_of("--price", options.price)),
                           .carbon_g_per_kwh = TRY(number_of("--carbon", options.carbon)),
                           .pue = TRY(number_of("--pue", options.pue))}};
    return question;
}

double mfu_of(const Question& question, const plan::Machine& machine, double step_s) {
    const bool is_fp8 = question.job.precision == plan::Precision::fp8 && machine.fp8_peak > 0;
    const double peak = is_fp8 ? machine.fp8_peak : machine.peak;
    return plan::model_flops(question.job, true) / (step_s * question.count * peak);
}

std::vector<Figure> figures_of(const Offer& offer, const Question& question, double mfu) {
    const plan::TrainPlan& plan = offer.ranked.plan;
    const plan::TrainStep& step = offer.ranked.step;
    const auto whole = [](double count) { return static_cast<std::int64_t>(count); };
    return {{"chip", offer.chip->name},
            {"evidence", std::string(letter_of(offer.grade))},
            {"evidence_words", std::string(description_of(offer.grade))},
            {"chips", whole(question.count)},
            {"plan", words_of(plan)},
            {"tp", whole(plan.tp)},
            {"pp", whole(plan.pp)},
            {"vpp", whole(plan.vpp)},
            {"dp", whole(plan.dp)},
            {"cp", whole(plan.cp)},
            {"ep", whole(plan.ep)},
            {"zero", whole(plan.zero)},
            {"micro_batch", whole(plan.micro_batch)},
            {"recompute", std::string(words_of(plan.recompute))},
            {"sequence_parallel", plan.sequence_parallel},
            {"step_s", offer.step_s.value},
            {"step_s_low", offer.step_s.low},
            {"step_s_high", offer.step_s.high},
            {"compute_s", step.compute_s},
            {"tensor_exchange_s", step.tensor_exchange_s},
            {"pipeline_send_s", step.pipeline_send_s},
            {"bubble_s", step.bubble_s},
            {"data_exchange_s", step.data_exchange_s},
            {"optimizer_s", step.optimizer_s},
            {"fixed_s", step.fixed_s},
            {"mfu_pct", 100 * mfu},
            {"memory_gib", offer.ranked.memory.used() / gibi},
            {"memory_margin_gib", offer.ranked.memory.margin() / gibi},
            {"hours", offer.cost.hours},
            {"goodput", offer.cost.goodput},
            {"cost_yuan", offer.cost.cost_yuan},
            {"energy_kwh", offer.cost.energy_kwh},
            {"carbon_kg", offer.cost.carbon_kg},
            {"joule_per_token", offer.cost.joule_per_token}};
}

// The command line that starts the offer's plan.
Result<std::string> launch_line(const Offer& offer, const Question& question,
                                const plan::Launchers& launchers) {
    const plan::TrainLaunch setting{
        .launcher = TRY(launchers.for_training(offer.chip->name)),
        .tokens = question.run.tokens,
        .chips_per_node = std::min(offer.chip->fabric.node.chips, chips_per_server)};
    return shell_line(TRY(plan::launch_training(question.job, offer.ranked.plan, setting)));
}

// Nothing is known of a price, or of carbon, that was not given.
std::string known_or_dash(double value, int digits) {
    return value > 0 ? fmt::format("{:.{}f}", value, digits) : "-";
}

void print_offers(const Globals& globals, const std::vector<Offer>& offers) {
    using Kind = Column::Kind;
    Table table({{"CHIP"},
                 {"PLAN"},
                 {"STEP S", Kind::number},
                 {"90 %", Kind::number},
                 {"BUBBLE %", Kind::number},
                 {"GIB", Kind::number},
                 {"FREE", Kind::number},
                 {"HOURS", Kind::number},
                 {"YUAN", Kind::number},
                 {"MWH", Kind::number},
                 {"TCO2E", Kind::number},
                 {"EVIDENCE"}});
    for (const Offer& offer : offers) {
        const plan::TrainStep& step = offer.ranked.step;
        table.add({offer.chip->name, words_of(offer.ranked.plan),
                   fmt::format("{:.3g}", offer.step_s.value),
                   fmt::format("{:.3g}-{:.3g}", offer.step_s.low, offer.step_s.high),
                   fmt::format("{:.0f}", 100 * step.bubble_s / step.step_s),
                   fmt::format("{:.1f}", offer.ranked.memory.used() / gibi),
                   fmt::format("{:.1f}", offer.ranked.memory.margin() / gibi),
                   fmt::format("{:.0f}", offer.cost.hours), known_or_dash(offer.cost.cost_yuan, 0),
                   fmt::format("{:.0f}", offer.cost.energy_kwh / 1000),
                   known_or_dash(offer.cost.carbon_kg / 1000, 1),
                   std::string(description_of(offer.grade))});
    }
    print_table(globals, table);
}

// Why none fits, and what would help.
Error infeasible(const Question& question, const plan::Basis& basis,
                 const plan::TrainSearchResult& found) {
    if (found.nearest.plan.tp == 0) {
        return invalid(
            "plan_infeasible",
            fmt::format("{} chips cannot be divided among a batch of {} and {} heads; "
                        "take a power of two, or a batch that it divides",
                        question.count, question.job.global_batch, question.job.model.heads));
    }
    return invalid("plan_infeasible",
                   fmt::format("no plan fits {} of {}; the nearest, {}: {}", question.count,
                               basis.chip->name, words_of(found.nearest.plan),
                               describe(plan::TrainObstacle::memory, question.job,
                                        found.nearest.plan, basis.machine)));
}

Result<std::vector<Offer>> offers_on(const std::string& chip, const Options& options,
                                     const Question& question, const plan::Knowledge& knowledge,
                                     Progress& progress) {
    const plan::Basis basis = TRY(plan::basis_of_framework(knowledge, chip, options.framework));
    const plan::TrainSearchResult found = plan::train_search(
        question.job, basis.machine,
        {.chips = question.count, .top = question.top, .progress = [&](double part) {
             progress.say(fmt::format("searching plans on {}: {:.0f} %", chip, 100 * part));
         }});
    if (found.plans.empty()) return infeasible(question, basis, found);
    std::vector<Offer> offers;
    for (const plan::RankedPlan& ranked : found.plans) {
        const plan::TrainForecast forecast =
            plan::forecast(knowledge, basis, question.job, ranked.plan);
        offers.push_back(
            {.chip = basis.chip,
             .grade = basis.grade,
             .ranked = {.plan = ranked.plan, .step = forecast.step, .memory = ranked.memory},
             .step_s = forecast.step_s,
             .cost = plan::run_cost(question.job, question.count, forecast.step_s.value,
                                    basis.chip->specification.power_w, question.run)});
    }
    return offers;
}

Result<int> plan_train(const Options& options, const Globals& globals) {
    const plan::Knowledge knowledge = TRY(read_plan_knowledge(TRY(find_plan_folder(options.data))));
    const Question question = TRY(question_of(options, knowledge.models));
    std::vector<Offer> offers;
    {
        Progress progress("searching plans");
        for (const std::string& chip : options.chips) {
            const std::vector<Offer> part =
                TRY(offers_on(chip, options, question, knowledge, progress));
            offers.insert(offers.end(), part.begin(), part.end());
        }
    }
    std::ranges::sort(offers, {}, [](const Offer& offer) { return offer.step_s.value; });
    offers.resize(std::min<std::size_t>(offers.size(), question.top));
    if (!is_structured(globals)) {
        print_offers(globals, offers);
        if (question.shows_launch)
            print_line("\n" + TRY(launch_line(offers.front(), question, knowledge.launchers)));
        return 0;
    }
    std::vector<std::vector<Figure>> rows;
    for (const Offer& offer : offers) {
        const plan::Basis basis =
            TRY(plan::basis_of_framework(knowledge, offer.chip->name, options.framework));
        rows.push_back(
            figures_of(offer, question, mfu_of(question, basis.machine, offer.step_s.value)));
        if (question.shows_launch)
            rows.back().push_back(
                {"launch", TRY(launch_line(offer, question, knowledge.launchers))});
    }
    print_figure_list(rows);
    return 0;
}

}  // namespace

Verb plan_train_verb() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "plan train",
        .help = "Find the fastest parallel plans for training a model on a number of chips",
        .options =
            {{"--model", &options->model, "config.json of Hugging Face, or a known name", true},
             {"--tokens", &options->tokens, "to train on, as 2e12", true},
             {"--chip", &options->chips, "kinds to compare, one or more", true},
             {"--count", &options->count, "chips", true},
             {"--seq", &options->sequence, "tokens of a sequence (4096)"},
             {"--gbs", &options->global_batch, "sequences of a step (1024)"},
             {"--framework", &options->framework,
              "whose calibration is used (the chip's first; calibrations.csv lists them)"},
             {"--task", &options->task, "(pretrain)", false, {"pretrain", "finetune", "lora"}},
             {"--precision", &options->precision, "of products (bf16)", false, {"bf16", "fp8"}},
             {"--top", &options->top, "plans to show (10)"},
             {"--price", &options->price, "yuan a chip and hour"},
             {"--carbon", &options->carbon, "gCO2e a kWh"},
             {"--pue", &options->pue, "of the centre (1.25)"},
             {"--launch", &options->shows_launch,
              "also the command line that starts the best plan"},
             {"--tables", &options->data, "folder of the planner's tables"}},
        .run = [options](const Globals& globals) { return plan_train(*options, globals); },
        .detail =
            "All divisions of the chips into tensor, context, expert, pipeline (with interleaving) "
            "and "
            "data parallelism, ZeRO stages, micro-batches and recomputation are weighed; those "
            "that "
            "fit in memory are shown, the fastest first. The interval holds 90 % of measurements "
            "of "
            "the same evidence; a chip without measurements says so, and is off by 35 % at least. "
            "HOURS include checkpoints and failures.",
        .examples =
            {"dayu plan train --model config.json --tokens 2e12 --chip A100-80GB --count 512",
             "dayu plan train --model LLaMA2-70B --tokens 1e11 --chip A100-80GB --chip Ascend-910B "
             "--count 64 -o json"},
    };
}

}  // namespace dayu::app
