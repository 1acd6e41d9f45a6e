// dayu plan bench: how fast the planner is on this machine.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/output.h"
#include "dayu/plan_data.h"
#include "dayu/verbs.h"
#include "plan/serve_search.h"
#include "plan/train_search.h"

namespace dayu::app {
namespace {

// The question that searches are compared by: GPT3-175B on 512 A100.
constexpr std::string_view model_name = "GPT3-175B";
constexpr std::string_view chip_name = "A100-80GB";
constexpr double chip_count = 512;
constexpr std::size_t centers = 40;
constexpr std::size_t kinds = 8;  // of chips at each
constexpr double least_measured_s = 0.5;
// Of serving: LLaMA2-70B on four H100 a replica, requests as long as Azure's conversations of 2023 in the mean.
constexpr std::string_view served_name = "LLaMA2-70B";
constexpr std::string_view serving_chip = "H100";
constexpr double replayed_replicas = 4;
constexpr std::size_t replayed_requests = 20'000;

double wall_s(const std::function<void()>& work) {
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// Of this thread on its core, so that what else runs on the machine does not count.
double core_s(const std::function<void()>& work) {
    const auto now_s = [] {
        timespec now{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
    };
    const double began_s = now_s();
    work();
    return now_s() - began_s;
}

// Work again and again until it can be timed: runs a second of a core.
double runs_per_s(const std::function<void()>& work) {
    double spent_s = 0;
    double runs = 0;
    while (spent_s < least_measured_s) {
        spent_s += core_s(work);
        ++runs;
    }
    return runs / spent_s;
}

struct Speeds {
    std::uint64_t plans = 0;
    double evaluations_per_s = 0;  // step and memory of a plan, nothing kept from the last one
    double search_evaluations_per_s = 0;  // as a search does it: layers kept
    double search_ms = 0;
    double centers_s = 0;  // 40 centres of 8 chips, on two threads
};

// One at a time: step and memory of all plans that a search lists.
double single_evaluations_per_s(const plan::TrainJob& job, const plan::Machine& machine,
                                const std::vector<plan::RankedPlan>& plans) {
    double sum = 0;  // so that no evaluation is left out
    const double passes = runs_per_s([&] {
        for (const plan::RankedPlan& one : plans)
            sum += plan::train_step(job, one.plan, machine).step_s +
                   plan::train_memory(job, one.plan, machine).used();
    });
    return sum > 0 ? passes * static_cast<double>(plans.size()) : 0;
}

void search_centers(const plan::Knowledge& knowledge, const plan::TrainJob& job, std::size_t first,
                    std::size_t step) {
    const std::vector<plan::Chip>& chips = knowledge.chips.all();
    for (std::size_t at = first; at < centers * kinds; at += step) {
        const auto basis =
            plan::basis_of_framework(knowledge, chips[at % kinds % chips.size()].name, "");
        if (basis) plan::train_search(job, basis->machine, {.chips = chip_count, .top = 10});
    }
}

Result<Speeds> measure(const plan::Knowledge& knowledge) {
    const plan::Transformer* const model = knowledge.models.find(model_name);
    if (model == nullptr)
        return not_found("model_config_missing", fmt::format("models.csv has no {}", model_name));
    const plan::TrainJob job{.model = *model, .sequence = 2048, .global_batch = 1536};
    const plan::Basis basis = TRY(plan::basis_of_framework(knowledge, chip_name, ""));
    Speeds speeds;
    const plan::TrainSearchResult all =
        plan::train_search(job, basis.machine, {.chips = chip_count, .top = 1'000'000});
    speeds.plans = all.weighed;
    speeds.evaluations_per_s = single_evaluations_per_s(job, basis.machine, all.plans);
    const double searches = runs_per_s(
        [&] { plan::train_search(job, basis.machine, {.chips = chip_count, .top = 10}); });
    speeds.search_ms = 1000 / searches;
    speeds.search_evaluations_per_s = searches * static_cast<double>(all.weighed);
    speeds.centers_s = wall_s([&] {
        const auto other =
            std::async(std::launch::async, [&] { search_centers(knowledge, job, 1, 2); });
        search_centers(knowledge, job, 0, 2);
        other.wait();
    });
    return speeds;
}

struct ServeSpeeds {
    double requests_per_s = 0;  // replayed, with their quantiles
    double search_ms = 0;
};

Result<ServeSpeeds> measure_serving(const plan::ServeKnowledge& knowledge) {
    const plan::Transformer* const model = knowledge.models.find(served_name);
    if (model == nullptr)
        return not_found("model_config_missing", fmt::format("models.csv has no {}", served_name));
    const plan::ServeBasis basis = TRY(plan::serve_basis_of(knowledge, serving_chip, ""));
    plan::ServeJob job{.model = *model, .rate = 20, .prompt = 1155, .answer = 211, .engine = {}};
    job.long_prompt = job.prompt;
    job.longest = job.prompt + job.answer;
    job.targets = {.ttft_s = 0.5, .tpot_s = 0.05};
    const plan::ServeOffer offer{
        .plan = {.tp = 4}, .replicas = replayed_replicas, .decode_plan = {}};
    const plan::ServeTrace trace = plan::drawn_trace(
        replayed_requests, {.prompt = job.prompt, .answer = job.answer}, {.rate = job.rate});
    const plan::ServeFleet fleet = plan::fleet_of(job, basis.machine, offer);
    ServeSpeeds speeds;
    speeds.requests_per_s = static_cast<double>(replayed_requests) * runs_per_s([&] {
                                const plan::Replay replay =
                                    plan::replay_requests(trace, fleet, job.engine);
                                plan::figures_of(trace, fleet, replay, job.targets);
                            });
    speeds.search_ms = 1000 / runs_per_s([&] { plan::serve_search(job, basis.machine, {}); });
    return speeds;
}

Result<int> bench(const std::string& tables, const Globals& globals) {
    const std::string folder = TRY(find_plan_folder(tables));
    const Speeds speeds = TRY(measure(TRY(read_plan_knowledge(folder))));
    const ServeSpeeds serving = TRY(measure_serving(TRY(read_serve_knowledge(folder))));
    if (is_structured(globals)) {
        print_figures(globals, {{"evaluations_per_s", speeds.evaluations_per_s},
                                {"search_evaluations_per_s", speeds.search_evaluations_per_s},
                                {"search_plans", static_cast<std::int64_t>(speeds.plans)},
                                {"search_ms", speeds.search_ms},
                                {"centers_s", speeds.centers_s},
                                {"replayed_requests_per_s", serving.requests_per_s},
                                {"serve_search_ms", serving.search_ms}});
        return 0;
    }
    Table table({{"WHAT"}, {"VALUE", Column::Kind::number}});
    table.add({"evaluations a second of a core, one by one",
               fmt::format("{:.2f} M", speeds.evaluations_per_s / 1e6)});
    table.add({"evaluations a second of a core, in a search",
               fmt::format("{:.2f} M", speeds.search_evaluations_per_s / 1e6)});
    table.add({fmt::format("{} on {:.0f} chips: {} plans", model_name, chip_count, speeds.plans),
               fmt::format("{:.2f} ms", speeds.search_ms)});
    table.add({fmt::format("{} centres with {} kinds of chip, two threads", centers, kinds),
               fmt::format("{:.2f} s", speeds.centers_s)});
    table.add({fmt::format("requests replayed a second of a core, {} on {:.0f} replicas",
                           served_name, replayed_replicas),
               fmt::format("{:.2f} M", serving.requests_per_s / 1e6)});
    table.add({fmt::format("plans of serving {} on {}", served_name, serving_chip),
               fmt::format("{:.2f} ms", serving.search_ms)});
    print_table(globals, table);
    return 0;
}

}  // namespace

Verb plan_bench_verb() {
    const auto tables = std::make_shared<std::string>();
    return {
        .name = "plan bench",
        .help = "Measure how fast the planner is on this machine",
        .options = {{"--tables", tables.get(), "folder of the planner's tables"}},
        .run = [tables](const Globals& globals) { return bench(*tables, globals); },
        .detail =
            "An evaluation is the step time and the memory of one plan. A search keeps what it "
            "knows of layers from one plan to the next. Seconds are of a core, but for the "
            "centres'.",
        .examples = {"dayu plan bench"},
    };
}

}  // namespace dayu::app
