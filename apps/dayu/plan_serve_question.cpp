#include "dayu/plan_serve_question.h"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "dayu/number_option.h"
#include "dayu/plan_center.h"
#include "dayu/plan_model.h"
#include "dayu/serve_trace_file.h"
#include "plan/serve_confirm.h"

namespace dayu::app {
namespace {

constexpr double s_per_ms = 1e-3;
constexpr std::int64_t most_top = 100;

Result<double> tokens_of(std::string_view option, const std::string& text) {
    return std::round(TRY(number_between(option, text, 1, 1e7)));
}

Result<plan::NumberFormat> format_of(const std::string& word) {
    if (const auto format = plan::number_format(word)) return *format;
    return invalid("usage",
                   fmt::format("{} is no number format; expected bf16, fp8, fp4 or int4", word));
}

// Yuan a chip-hour, of all chips or of one kind: "12", "H100=18".
struct Price {
    const plan::Chip* chip = nullptr;
    double yuan = 0;
};

Result<std::vector<Price>> prices_of(const std::vector<std::string>& words,
                                     const plan::Chips& chips) {
    std::vector<Price> prices;
    for (const std::string& word : words) {
        const std::size_t sign = word.rfind('=');
        Price price;
        if (sign != std::string::npos) price.chip = TRY(chips.find(word.substr(0, sign)));
        const std::string digits = sign == std::string::npos ? word : word.substr(sign + 1);
        price.yuan = TRY(number_between("--price", digits, 0, 1e9));
        prices.push_back(price);
    }
    return prices;
}

// The lengths and arrivals: a trace's, or those that the options say.
Result<void> take_requests(const ServeOptions& options, ServeQuestion& question) {
    plan::ServeJob& job = question.job;
    job.rate = TRY(number_between("--rate", options.rate, 0, 1e6));
    if (!options.trace.empty()) {
        const plan::Arrivals arrivals{.rate = job.rate > 0 ? job.rate : 1, .seed = question.seed};
        question.trace = TRY(read_serve_trace(options.trace, arrivals));
        if (job.rate > 0) question.trace = plan::stretched_to(std::move(question.trace), job.rate);
        job.rate = question.trace.rate();
        plan::describe_trace(question.trace, job);
        if (job.rate > 0) return {};
        return invalid(
            "usage", fmt::format("{} has no rate of arrivals; say it with --rate", options.trace));
    }
    if (job.rate <= 0 || options.prompt == "0" || options.answer == "0") {
        return invalid("usage",
                       "--rate, --isl and --osl say what is asked for; expected all three, or "
                       "--trace with a file of requests");
    }
    job.prompt = TRY(tokens_of("--isl", options.prompt));
    job.answer = TRY(tokens_of("--osl", options.answer));
    job.long_prompt = job.prompt;
    job.longest = job.prompt + job.answer;
    job.found_part = TRY(number_between("--prefix-hit", options.found, 0, 1));
    job.engine.found_part = job.found_part;
    return {};
}

Result<void> take_formats(const ServeOptions& options, ServeQuestion& question) {
    question.search.cache = TRY(format_of(options.cache));
    question.asks_for_formats = !options.formats.empty();
    if (!question.asks_for_formats) return {};
    question.search.formats.clear();
    for (const std::string& word : options.formats)
        question.search.formats.push_back(TRY(format_of(word)));
    return {};
}

Result<std::vector<const plan::Chip*>> chips_of(const ServeOptions& options,
                                                const plan::Chips& known) {
    std::vector<const plan::Chip*> chips;
    for (const std::string& name : options.chips) chips.push_back(TRY(known.find(name)));
    if (chips.empty())
        for (const plan::Chip& chip : known.all()) chips.push_back(&chip);
    return chips;
}

// Pools of centres, with their own terms; of the chips that are compared.
Result<std::vector<ServePlace>> places_of_centers(const ServeOptions& options,
                                                  const Globals& globals,
                                                  const plan::ServeKnowledge& knowledge) {
    const std::vector<const plan::Chip*> chips = TRY(chips_of(options, knowledge.chips));
    const PlanSites sites = TRY(read_plan_sites(globals, options.centers, knowledge.chips,
                                                TRY(read_hour_table(options.hours))));
    std::vector<ServePlace> places;
    for (const PlanSite& site : sites.sites) {
        if (std::ranges::find(chips, site.chip) == chips.end()) continue;
        ServePlace place{.center = site.center, .pool = site.pool, .basis = {}, .terms = {}};
        place.basis = TRY(plan::serve_basis_of(knowledge, site.chip->name, options.framework));
        place.chips = site.chips;
        place.terms.terms = site.terms;
        places.push_back(std::move(place));
    }
    if (!places.empty()) return places;
    return not_found("plan_no_site",
                     "none of these centres has a pool of chips that the planner knows and that is "
                     "asked for; `dayu centers` lists them, data/plan/chips.csv what it knows");
}

// As many chips as it takes, on the terms that the options say.
Result<std::vector<ServePlace>> places_anywhere(const ServeOptions& options,
                                                const plan::ServeKnowledge& knowledge) {
    const std::vector<Price> prices = TRY(prices_of(options.prices, knowledge.chips));
    plan::HourTerms terms{
        .carbon_g_per_kwh = TRY(number_between("--carbon", options.carbon, 0, 1e6)),
        .pue = TRY(number_between("--pue", options.pue, 1, 10))};
    std::vector<ServePlace> places;
    for (const plan::Chip* const chip : TRY(chips_of(options, knowledge.chips))) {
        terms.price_per_chip_h = 0;
        for (const Price& price : prices)
            if (price.chip == nullptr || price.chip == chip) terms.price_per_chip_h = price.yuan;
        ServePlace place{.center = {}, .pool = {}, .basis = {}, .terms = {}};
        place.basis = TRY(plan::serve_basis_of(knowledge, chip->name, options.framework));
        place.chips = static_cast<double>(options.count);
        place.terms.terms = {terms};
        places.push_back(std::move(place));
    }
    return places;
}

}  // namespace

std::vector<Option> serve_option_list(ServeOptions& options) {
    return {{"--model", &options.model, "config.json of Hugging Face, or a known name", true},
            {"--rate", &options.rate, "requests/s; a trace is stretched to it"},
            {"--isl", &options.prompt, "tokens of a prompt"},
            {"--osl", &options.answer, "tokens of an answer"},
            {"--trace", &options.trace,
             "requests to replay, in place of --isl and --osl: Azure's or Vidur's CSV, Mooncake's "
             "JSON lines"},
            {"--ttft-ms", &options.ttft_ms, "from arrival to the first token, at most"},
            {"--tpot-ms", &options.tpot_ms, "from one token to the next, at most"},
            {"--quantile", &options.quantile, "of requests that must keep both (0.9)"},
            {"--chip", &options.chips, "kinds to compare (all that the planner knows)"},
            {"--center", &options.centers,
             "centres of the server, or all: their chips, prices and energy"},
            {"--hours", &options.hours, "CSV with the hours of centres"},
            {"--count", &options.count, "chips that there are (as many as it takes)"},
            {"--framework",
             &options.framework,
             "whose calibration is used (vllm)",
             false,
             {"vllm", "sglang", "trtllm", "mindie"}},
            {"--precision",
             &options.formats,
             "of weights and products (bf16, and fp8 where the chip has it)",
             false,
             {"bf16", "fp8", "fp4", "int4"}},
            {"--cache", &options.cache, "of keys and values (bf16)", false, {"bf16", "fp8"}},
            {"--prefix-hit", &options.found, "part of prompts that is in the cache already (0)"},
            {"--speculative", &options.accepted, "tokens that an iteration gives a sequence (1)"},
            {"--draft", &options.draft,
             "what drafting and checking adds to an iteration, as a part of it (0.2)"},
            {"--disaggregated", &options.may_split, "weigh pools of their own for prompts, too"},
            {"--price", &options.prices, "yuan a chip and hour, or CHIP=YUAN for one kind"},
            {"--carbon", &options.carbon, "gCO2e a kWh"},
            {"--pue", &options.pue, "of the centre (1.25)"},
            {"--top", &options.top, "plans of each place to show (10, of several places 1)"},
            {"--launch", &options.shows_launch, "show the command lines that start its replicas"},
            {"--plot", &options.plot,
             "SVG to write: what may be chosen among, and the latencies of the cheapest"},
            {"--seed", &options.seed, "of drawn arrivals (1)"},
            {"--tables", &options.tables, "folder of the planner's tables"}};
}

Result<ServeQuestion> serve_question(const ServeOptions& options, const Globals& globals,
                                     const plan::ServeKnowledge& knowledge) {
    ServeQuestion question;
    plan::ServeJob& job = question.job;
    if (options.top < 0 || options.top > most_top)
        return invalid("usage", fmt::format("--top {}; expected 1 to {}", options.top, most_top));
    if (options.count < 0)
        return invalid("usage", fmt::format("--count {}; expected 1 or more", options.count));
    question.seed = static_cast<std::uint64_t>(options.seed);
    job.model = TRY(read_train_model(options.model, knowledge.models));
    job.targets = {.ttft_s = s_per_ms * TRY(number_between("--ttft-ms", options.ttft_ms, 0, 1e9)),
                   .tpot_s = s_per_ms * TRY(number_between("--tpot-ms", options.tpot_ms, 0, 1e9)),
                   .quantile = TRY(number_between("--quantile", options.quantile, 0.01, 1))};
    job.engine.accepted = TRY(number_between("--speculative", options.accepted, 1, 32));
    const double draft = TRY(number_between("--draft", options.draft, 0, 100));
    job.engine.draft_part = job.engine.accepted > 1 ? draft : 0;
    question.search.may_split = options.may_split;
    TRY(take_requests(options, question));
    TRY(take_formats(options, question));
    question.places = TRY(options.centers.empty() ? places_anywhere(options, knowledge)
                                                  : places_of_centers(options, globals, knowledge));
    const std::int64_t usual = question.places.size() > 1 ? 1 : 10;
    question.top = static_cast<std::uint32_t>(options.top > 0 ? options.top : usual);
    return question;
}

}  // namespace dayu::app
