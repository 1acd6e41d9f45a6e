// dayu plan serve: on which chips, under which plan and with how many replicas a model is served as promised, and at what price.
#include <algorithm>
#include <map>
#include <memory>

#include <fmt/core.h>

#include "dayu/output.h"
#include "dayu/plan_data.h"
#include "dayu/plan_serve_plot.h"
#include "dayu/plan_serve_question.h"
#include "dayu/plan_serve_report.h"
#include "dayu/progress.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"
#include "plan/launch.h"

namespace dayu::app {
namespace {

constexpr std::size_t most_fast = 4;     // plans that are shown for their speed
constexpr std::uint32_t searched = 200;  // offers of a place, of which the front is made

// An offer of the search, before its quantiles are known.
struct Candidate {
    const ServePlace* place = nullptr;
    plan::ServeOffer offer;
    plan::ServePrice price;
};

struct Found {
    std::vector<Candidate> candidates;
    std::vector<PassedPlace> passed;
    plan::ServeLimit limit = plan::ServeLimit::none;  // of the place that came furthest
    std::string obstacle;
};

double e2e_s(const plan::ServeJob& job, const plan::ServeOffer& offer) {
    return offer.ttft_s + (job.answer - 1) * offer.tpot_s;
}

// Where no price is known, chips stand for it.
double cost_of(const plan::ServeOffer& offer, const plan::ServePrice& price) {
    return price.yuan_per_h > 0 ? price.yuan_per_h : offer.chips();
}

Found search_places(const ServeQuestion& question) {
    Found found;
    for (const ServePlace& place : question.places) {
        plan::ServeSearch search = question.search;
        search.chips = place.chips;
        search.top = searched;
        if (!question.asks_for_formats && place.basis.machine.fp8_rate > 0)
            search.formats.push_back(plan::NumberFormat::fp8);
        const plan::ServeMachine& machine = place.basis.machine;
        const plan::ServeSearchResult result = plan::serve_search(question.job, machine, search);
        for (const plan::ServeOffer& offer : result.offers) {
            found.candidates.push_back(
                {&place, offer, plan::price_of(question.job, offer, machine, place.terms)});
        }
        if (!result.offers.empty()) continue;
        found.passed.push_back({&place, plan::describe(result.obstacle, question.job, machine)});
        if (result.obstacle.limit <= found.limit) continue;
        found.limit = result.obstacle.limit;
        found.obstacle = fmt::format("{}, {}", place.basis.chip->name, found.passed.back().reason);
    }
    std::ranges::stable_sort(found.candidates, {}, [](const Candidate& candidate) {
        return cost_of(candidate.offer, candidate.price);
    });
    return found;
}

// The cheapest of each place, and the fastest few of the front over price and time.
std::vector<Candidate> best_of(const ServeQuestion& question, std::vector<Candidate> all) {
    std::vector<Candidate> best, fast;
    std::map<const ServePlace*, std::size_t> kept;
    double fastest_s = 0;
    for (Candidate& candidate : all) {
        const double seconds = e2e_s(question.job, candidate.offer);
        const bool is_faster = fastest_s == 0 || seconds < fastest_s;
        if (is_faster) fastest_s = seconds;
        if (kept[candidate.place]++ < question.top)
            best.push_back(std::move(candidate));
        else if (is_faster)
            fast.push_back(std::move(candidate));
    }
    const auto few = static_cast<std::ptrdiff_t>(std::min(fast.size(), most_fast));
    best.insert(best.end(), fast.end() - few, fast.end());
    return best;
}

std::vector<ServeAnswer> replay(const ServeQuestion& question,
                                const std::vector<Candidate>& candidates) {
    Progress progress("replaying requests");
    std::vector<ServeAnswer> answers;
    for (const Candidate& candidate : candidates) {
        const ServePlace& place = *candidate.place;
        progress.say(fmt::format("replaying requests on {}, {}", place.basis.chip->name,
                                 words_of(candidate.offer)));
        const plan::ServeMachine& machine = place.basis.machine;
        ServeAnswer answer;
        answer.place = &place;
        answer.confirmed =
            question.trace.requests.empty()
                ? plan::confirm_drawn(question.job, machine, candidate.offer, question.seed)
                : plan::confirm(question.trace, question.job, machine, candidate.offer);
        if (!answer.confirmed.keeps_targets) continue;
        answer.price =
            plan::price_of(question.job, answer.confirmed.offer, place.basis.machine, place.terms);
        answers.push_back(std::move(answer));
    }
    return answers;
}

// By price, with the front over price and time marked.
void rank(std::vector<ServeAnswer>& answers) {
    const auto cost = [](const ServeAnswer& answer) {
        return cost_of(answer.confirmed.offer, answer.price);
    };
    const auto seconds = [](const ServeAnswer& answer) {
        return answer.confirmed.figures.e2e_s.mean;
    };
    std::ranges::stable_sort(answers, [&](const ServeAnswer& left, const ServeAnswer& right) {
        if (cost(left) != cost(right)) return cost(left) < cost(right);
        return seconds(left) < seconds(right);
    });
    double fastest_s = 0;
    for (ServeAnswer& answer : answers) {
        answer.is_pareto = fastest_s == 0 || seconds(answer) < fastest_s;
        if (answer.is_pareto) fastest_s = seconds(answer);
    }
}

Result<std::string> launch_line(const plan::Launchers& launchers, const std::string& framework,
                                const plan::ServeBasis& basis, const plan::ServePlan& plan) {
    const plan::ServeLaunch setting{
        .launcher = TRY(launchers.for_serving(basis.chip->name, framework)),
        .chips_per_node = basis.machine.fabric.node.chips};
    return shell_line(TRY(plan::launch_serving(plan, setting)));
}

void add_launches(std::vector<ServeAnswer>& answers, const plan::Launchers& launchers,
                  const std::string& framework) {
    for (ServeAnswer& answer : answers) {
        // What no framework can start stands there as a comment of the shell.
        const auto line = [&](const plan::ServePlan& plan) {
            const auto made = launch_line(launchers, framework, answer.place->basis, plan);
            return made ? *made : "# " + made.error().message;
        };
        const plan::ServeOffer& offer = answer.confirmed.offer;
        answer.launch = line(offer.plan);
        if (offer.is_split()) answer.decode_launch = line(offer.decode_plan);
    }
}

Result<int> plan_serve(const ServeOptions& options, const Globals& globals) {
    const std::string folder = TRY(find_plan_folder(options.tables));
    const plan::ServeKnowledge knowledge = TRY(read_serve_knowledge(folder));
    const ServeQuestion question = TRY(serve_question(options, globals, knowledge));
    Found found = search_places(question);
    if (found.candidates.empty())
        return invalid("plan_infeasible", fmt::format("no plan serves this: {}", found.obstacle));
    std::vector<ServeAnswer> answers =
        replay(question, best_of(question, std::move(found.candidates)));
    if (answers.empty()) {
        return invalid("plan_infeasible",
                       fmt::format("plans keep the promises in the mean, and none for {:g} of the "
                                   "requests; nearest change: --quantile 0.5, or promises further "
                                   "from what one request alone takes",
                                   question.job.targets.quantile));
    }
    rank(answers);
    if (options.shows_launch) add_launches(answers, knowledge.launchers, options.framework);
    const ServeReport report{.answers = std::move(answers), .passed = std::move(found.passed)};
    if (!options.plot.empty())
        TRY(replace_small_file(options.plot, serve_picture(question, report)));
    print_serve_report(globals, question, report);
    return 0;
}

}  // namespace

Verb plan_serve_verb() {
    const auto options = std::make_shared<ServeOptions>();
    return {
        .name = "plan serve",
        .help = "Find the cheapest ways to serve a model at a rate, with promised latencies",
        .options = serve_option_list(*options),
        .run = [options](const Globals& globals) { return plan_serve(*options, globals); },
        .detail =
            "All plans of a replica are weighed by their means: tensor, pipeline and attention "
            "data "
            "parallelism, experts as tensors or apart, number formats; with --disaggregated also "
            "pools of their own for prompts. For each the fewest replicas are found that keep TTFT "
            "and TPOT. The requests, drawn or of a trace, are then replayed on the cheapest few "
            "and "
            "the fastest few, and the replicas moved until the quantile holds. TPOT is (e2e - "
            "TTFT) "
            "/ (OSL - 1). YUAN/M is of a million tokens of prompts and answers, OUTPUT of answers "
            "alone; PARETO marks what is either cheaper or faster than all others. The interval "
            "holds 90 % of measurements of the same evidence.",
        .examples = {"dayu plan serve --model LLaMA2-70B --rate 40 --isl 1024 --osl 256 --ttft-ms "
                     "500 --tpot-ms 50 --chip A100-80GB --price 12",
                     "dayu plan serve --model config.json --trace "
                     "serving/AzureLLMInferenceTrace_conv_2023.csv --ttft-ms 1000 --tpot-ms 60 -o "
                     "json"},
    };
}

}  // namespace dayu::app
