// dayu plan train: on which chip, at which centre, under which parallel plan, for how long and at what price a model is trained.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <memory>

#include <fmt/core.h>

#include "dayu/number_option.h"
#include "dayu/output.h"
#include "dayu/plan_center.h"
#include "dayu/plan_data.h"
#include "dayu/plan_model.h"
#include "dayu/plan_plot.h"
#include "dayu/plan_train_report.h"
#include "dayu/progress.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr double most_chips = 1'000'000;
constexpr std::size_t most_counts = 64;  // that one question compares
constexpr std::size_t most_pairs = 100;

struct Options {
    std::string model;
    std::string tokens;
    std::int64_t sequence = 4096;
    std::int64_t global_batch = 1024;
    std::vector<std::string> centers;
    std::vector<std::string> chips;
    std::string counts;
    std::string framework;
    std::string task = "pretrain";
    std::string precision = "bf16";
    std::int64_t top = 0;  // 0: as many as there is room for
    std::string price = "0";
    std::string carbon = "0";
    std::string pue = "1.25";
    std::string hours;
    std::int64_t from_hour = 0;
    std::string data;
    std::string plot;
    bool shows_launch = false;
    bool is_mixed = false;
};

Result<double> number_of(std::string_view option, std::string_view text) {
    const std::optional<double> value = parse_number(text);
    if (value && *value >= 0) return *value;
    return invalid("usage", fmt::format("{} {}; expected a number from 0, as 2e12", option, text));
}

Result<double> count_of(std::string_view option, std::int64_t value, std::int64_t most) {
    if (value >= 1 && value <= most) return static_cast<double>(value);
    return invalid("usage", fmt::format("{} {}; expected 1 to {}", option, value, most));
}

Result<double> chip_count_of(std::string_view text) {
    const Result<double> count = number_of("--count", text);
    if (count && *count >= 1 && *count <= most_chips && *count == std::floor(*count)) return count;
    return invalid("usage", fmt::format("--count {}; expected counts of chips from 1 to {:.0f}: "
                                        "512, or 256,512,1024, or 64-1024, which doubles",
                                        text, most_chips));
}

// "512", "256,512,1024", "64-1024": the last doubles from the first on.
Result<std::vector<double>> counts_of(std::string_view text) {
    std::vector<double> counts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view part = text.substr(0, comma);
        const std::size_t dash = std::min(part.find('-'), part.size());
        const double first = TRY(chip_count_of(part.substr(0, dash)));
        const double last = dash < part.size() ? TRY(chip_count_of(part.substr(dash + 1))) : first;
        for (double count = first; count <= last; count *= 2) counts.push_back(count);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    if (counts.size() <= most_counts) return counts;
    return invalid("usage", fmt::format("--count names {} counts; expected {} at most",
                                        counts.size(), most_counts));
}

Result<plan::TrainQuestion> question_of(const Options& options, const plan::KnownModels& known) {
    plan::TrainQuestion question;
    question.job.model = TRY(read_train_model(options.model, known));
    question.job.sequence = TRY(count_of("--seq", options.sequence, 16'777'216));
    question.job.global_batch = TRY(count_of("--gbs", options.global_batch, 1'000'000));
    if (options.precision == "fp8") question.job.precision = plan::Precision::fp8;
    if (options.task == "lora") question.job.task = plan::TrainTask::lora;
    if (options.task == "finetune") question.job.task = plan::TrainTask::finetune;
    question.run.tokens = TRY(number_of("--tokens", options.tokens));
    if (options.from_hour < 0)
        return invalid("usage",
                       fmt::format("--from-hour {}; expected an hour from 0", options.from_hour));
    question.run.from_hour = static_cast<double>(options.from_hour);
    return question;
}

// "A100-80GB:128": the number behind the last colon, if one stands there; chips have colons in their aliases.
struct NamedChip {
    std::string name;
    std::string count;  // empty: that of --count
};
NamedChip named_chip(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const bool has_count = colon != std::string::npos && colon + 1 < text.size() &&
                           text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
    if (!has_count) return {text, ""};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

// One site a chip that was named, on the terms that were.
Result<PlanSites> sites_by_hand(const Options& options, const plan::Chips& chips,
                                const plan::HourTable& hours) {
    const bool has_counts =
        !options.counts.empty() || std::ranges::none_of(options.chips, [](const std::string& chip) {
            return named_chip(chip).count.empty();
        });
    if (options.chips.empty() || !has_counts)
        return invalid("usage", "name --chip and --count, or a --center whose chips are taken");
    const plan::HourTerms terms{.price_per_chip_h = TRY(number_of("--price", options.price)),
                                .carbon_g_per_kwh = TRY(number_of("--carbon", options.carbon)),
                                .pue = TRY(number_of("--pue", options.pue))};
    PlanSites named;
    for (const std::string& chip : options.chips) {
        const NamedChip asked = named_chip(chip);
        PlanSite site{.chip = TRY(chips.find(asked.name)), .terms = hours.terms_of("", terms)};
        if (!asked.count.empty()) site.chips = TRY(chip_count_of(asked.count));
        named.sites.push_back(std::move(site));
    }
    return named;
}

Result<PlanSites> sites_of_centers(const Globals& globals, const Options& options,
                                   const plan::Chips& chips, const plan::HourTable& hours) {
    PlanSites found = TRY(read_plan_sites(globals, options.centers, chips, hours));
    if (options.chips.empty()) return found;
    std::vector<const plan::Chip*> wanted;
    for (const std::string& chip : options.chips)
        wanted.push_back(TRY(chips.find(named_chip(chip).name)));
    std::erase_if(found.sites, [&](const PlanSite& site) {
        return std::ranges::find(wanted, site.chip) == wanted.end();
    });
    return found;
}

// A chip's own count before that of all; where none is given, the largest power of two that the pool has.
std::vector<double> counts_at(const PlanSite& site, const std::vector<double>& asked) {
    if (site.center.empty() && site.chips >= 1) return {site.chips};
    if (!asked.empty() || site.chips < 1) return asked;
    return {static_cast<double>(std::bit_floor(static_cast<std::uint64_t>(site.chips)))};
}

// Each site with each count that it has.
Result<void> add_places(TrainReport& report, const PlanSites& found, const Options& options,
                        const plan::Knowledge& knowledge) {
    const std::vector<double> asked = TRY(counts_of(options.counts));
    for (const PlanSite& site : found.sites) {
        const plan::Basis basis =
            TRY(plan::basis_of_framework(knowledge, site.chip->name, options.framework));
        for (const double count : counts_at(site, asked)) {
            if (!site.center.empty() && count > site.chips) {
                report.passed.push_back(
                    {site.center, site.pool,
                     fmt::format("{} chips are wanted, and it has {}", count, site.chips)});
                continue;
            }
            report.sites.push_back(site);
            report.places.push_back({.basis = basis, .chips = count, .terms = site.terms});
        }
    }
    return {};
}

// Places of two kinds at one centre, or of two that were named by hand. At a single centre they are weighed unasked.
Result<std::vector<std::array<std::size_t, 2>>> pairs_of(const TrainReport& report,
                                                         const Options& options) {
    const bool is_one_center = options.centers.size() == 1 && options.centers.front() != "all";
    std::vector<std::array<std::size_t, 2>> pairs;
    if (!options.is_mixed && !is_one_center) return pairs;
    for (std::size_t one = 0; one < report.sites.size(); ++one) {
        for (std::size_t other = one + 1; other < report.sites.size(); ++other) {
            const bool is_pair = report.sites[one].center == report.sites[other].center &&
                                 report.sites[one].chip != report.sites[other].chip;
            if (is_pair) pairs.push_back({one, other});
        }
    }
    if (options.is_mixed && pairs.empty())
        return invalid("usage", "--mixed wants two kinds of --chip, or a --center that has two");
    if (pairs.size() <= most_pairs) return pairs;
    if (!options.is_mixed) return std::vector<std::array<std::size_t, 2>>();
    return invalid("usage", fmt::format("--mixed would weigh {} pairs of places; expected {} at "
                                        "most: name fewer chips, counts or centres",
                                        pairs.size(), most_pairs));
}

Result<void> search(TrainReport& report, const Options& options, const plan::Knowledge& knowledge) {
    const std::int64_t all = report.places.size() > 1 ? 1 : 10;
    report.question.top = static_cast<std::uint32_t>(
        TRY(count_of("--top", options.top == 0 ? all : options.top, 1000)));
    Progress progress("searching plans");
    report.question.progress = [&](double part) {
        progress.say(fmt::format("searching plans: {:.0f} %", 100 * part));
    };
    report.found = plan::offers_at(knowledge, report.question, report.places);
    report.question.progress = {};
    progress.say("searching pipelines over two kinds of chip");
    report.mixed = plan::mixed_offers(knowledge, report.question, report.places,
                                      TRY(pairs_of(report, options)), report.found.offers);
    return {};
}

Error none_fits(const TrainReport& report) {
    if (report.places.empty()) {
        return not_found(
            "plan_no_site",
            report.passed.empty()
                ? "the centres have no chips of that kind; `dayu pools` lists them"
                : fmt::format("{}/{}: {}", report.passed.front().center, report.passed.front().pool,
                              report.passed.front().reason));
    }
    const std::size_t more = report.found.passed.size() - 1;
    return invalid("plan_infeasible",
                   report.found.passed.front().reason +
                       (more > 0 ? fmt::format("; nor at {} more place(s)", more) : ""));
}

Result<int> plan_train(const Options& options, const Globals& globals) {
    const plan::Knowledge knowledge = TRY(read_plan_knowledge(TRY(find_plan_folder(options.data))));
    TrainReport report{.question = TRY(question_of(options, knowledge.models)),
                       .shows_launch = options.shows_launch};
    const plan::HourTable hours = TRY(read_hour_table(options.hours));
    const PlanSites found = options.centers.empty()
                                ? TRY(sites_by_hand(options, knowledge.chips, hours))
                                : TRY(sites_of_centers(globals, options, knowledge.chips, hours));
    report.passed = found.passed;
    TRY(add_places(report, found, options, knowledge));
    TRY(search(report, options, knowledge));
    if (report.found.offers.empty() && report.mixed.empty()) return none_fits(report);
    if (!options.plot.empty()) TRY(replace_small_file(options.plot, plan_picture(report)));
    TRY(print_report(globals, report, knowledge.launchers));
    return 0;
}

}  // namespace

Verb plan_train_verb() {
    const auto options = std::make_shared<Options>();
    return {
        .name = "plan train",
        .help = "Find the fastest parallel plans for training a model, by chip, count and centre",
        .options =
            {{"--model", &options->model, "config.json of Hugging Face, or a known name", true},
             {"--tokens", &options->tokens, "to train on, as 2e12", true},
             {"--center", &options->centers,
              "whose chips, prices, PUE and carbon are taken, one or more, or \"all\""},
             {"--chip", &options->chips, "kinds to compare, one or more; NAME:COUNT has its own"},
             {"--count", &options->counts,
              "chips: 512, or 256,512,1024, or 64-1024, which doubles (at a centre, all that make "
              "a power of two)"},
             {"--seq", &options->sequence, "tokens of a sequence (4096)"},
             {"--gbs", &options->global_batch, "sequences of a step (1024)"},
             {"--framework", &options->framework,
              "whose calibration is used (the chip's first; calibrations.csv lists them)"},
             {"--task", &options->task, "(pretrain)", false, {"pretrain", "finetune", "lora"}},
             {"--precision", &options->precision, "of products (bf16)", false, {"bf16", "fp8"}},
             {"--top", &options->top, "plans of each place (10 of one, 1 of each of several)"},
             {"--price", &options->price, "yuan a chip and hour, without --center"},
             {"--carbon", &options->carbon, "gCO2e a kWh, without --center"},
             {"--pue", &options->pue, "without --center (1.25)"},
             {"--hours", &options->hours,
              "CSV of tariffs, carbon and PUE by the hour: center, price_part, carbon_g_per_kwh, "
              "pue"},
             {"--from-hour", &options->from_hour, "of those, in which the run starts (0)"},
             {"--mixed", &options->is_mixed,
              "also pipelines over two kinds of chip (unasked where one centre has both)"},
             {"--plot", &options->plot,
              "SVG to write: what may be chosen among, and the steps of the best plans"},
             {"--launch", &options->shows_launch,
              "also the command line that starts the best plan"},
             {"--tables", &options->data, "folder of the planner's tables"}},
        .run = [options](const Globals& globals) { return plan_train(*options, globals); },
        .detail =
            "All divisions of the chips into tensor, context, expert, pipeline (with interleaving) "
            "and data parallelism, ZeRO stages, micro-batches and recomputation are weighed; those "
            "that fit in memory are shown, the shortest run first. The interval holds 90 % of "
            "measurements of the same evidence; a chip without measurements says so, and is off "
            "by 35 % at least. HOURS include checkpoints and failures. PARETO marks what no other "
            "place beats in hours, money or carbon without being worse in another of them.",
        .examples =
            {"dayu plan train --model config.json --tokens 2e12 --chip A100-80GB --count 512",
             "dayu plan train --model LLaMA2-70B --tokens 1e11 --chip A100-80GB --chip Ascend-910B "
             "--count 64 -o json",
             "dayu plan train --model LLaMA2-70B --tokens 1e11 --center all --count 64-512",
             "dayu plan train --model LLaMA2-70B --tokens 1e11 --chip H100:64 --chip A100:64 "
             "--mixed"},
    };
}

}  // namespace dayu::app
