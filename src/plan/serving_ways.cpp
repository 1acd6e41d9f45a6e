#include "plan/serving_ways.h"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "plan/serve_confirm.h"
#include "plan/ways/serving_way.h"

namespace dayu::plan {
namespace {

// Offers of a chip, with the fewest chips in the mean, that are replayed: the first that keeps its promises is taken.
constexpr std::size_t most_replayed = 4;
constexpr std::uint32_t searched = 32;
constexpr std::uint64_t seed = 1;  // of drawn requests: the same question has the same answer

constexpr std::string_view usual_engine = "vllm";  // all chips have it
constexpr double thousand = 1e3;
constexpr double us_per_s = 1e6;

Result<ServeJob> job_of(const Serving& serving, const KnownModels& known) {
    ServeJob job;
    job.model = TRY(transformer_asked(serving.model, known));
    job.rate = static_cast<double>(serving.rate_milli) / thousand;
    job.prompt = static_cast<double>(serving.prompt);
    job.answer = static_cast<double>(serving.answer);
    job.long_prompt = job.prompt;
    job.longest = job.prompt + job.answer;
    job.targets = {.ttft_s = static_cast<double>(serving.ttft_us) / us_per_s,
                   .tpot_s = static_cast<double>(serving.tpot_us) / us_per_s,
                   .quantile = static_cast<double>(serving.quantile_milli) / thousand};
    return job;
}

Result<void> check_framework(const std::string& framework, const ServeCalibrations& calibrations) {
    if (framework.empty() || framework == "mindie") return {};
    for (const ServeCalibration& one : calibrations.all())
        if (one.engine == framework) return {};
    return invalid("plan_framework_unknown",
                   fmt::format("model.framework: nothing was calibrated with \"{}\"; known are "
                               "vllm, sglang, trtllm and mindie",
                               framework));
}

// What was found, and what stood in the way where most was kept.
struct Found {
    std::vector<Way> ways;
    std::vector<std::string> unknown;  // chips without a profile
    ServeLimit limit = ServeLimit::none;
    std::string obstacle;
    std::string not_launched;
};

void note_obstacle(Found& found, ServeLimit limit, std::string words) {
    if (!found.obstacle.empty() && limit <= found.limit) return;
    found.limit = limit;
    found.obstacle = std::move(words);
}

// The replicas lie on nodes of their own within one pool.
std::optional<ReplicaLayout> layout_in(const ChipSupply& supply, const ServeOffer& offer) {
    const auto layout = layout_of(static_cast<std::int64_t>(offer.replicas),
                                  static_cast<std::int64_t>(offer.plan.chips()), supply.node_chips);
    const bool has_room = layout && layout->nodes * supply.node_chips <= supply.most_chips;
    return has_room ? layout : std::nullopt;
}

std::optional<Way> best_way(const ServingQuestion& asked, const std::vector<ServeOffer>& offers,
                            Found& found) {
    std::size_t replayed = 0;
    for (const ServeOffer& offer : offers) {
        if (!layout_in(asked.supply, offer)) continue;
        if (replayed++ == most_replayed) break;
        const ConfirmedOffer confirmed = confirm_drawn(asked.job, asked.basis.machine, offer, seed);
        const auto layout = layout_in(asked.supply, confirmed.offer);
        if (!confirmed.keeps_targets || !layout) continue;
        const Result<std::string> launch = launch_of(asked, confirmed.offer.plan, *layout);
        if (!launch) found.not_launched = launch.error().message;
        if (!launch && asked.bounds.runs_launcher) continue;
        return way_of(asked, confirmed, *layout, launch ? *launch : "");
    }
    return {};
}

Result<void> look_at(const ServeKnowledge& knowledge, const Serving& serving, const ServeJob& job,
                     const ChipSupply& supply, const Bounds& bounds, Found& found) {
    const Chip* const chip = planned_chip(knowledge.chips, supply);
    if (chip == nullptr) {
        found.unknown.push_back(supply.chip);
        return {};
    }
    const std::string_view engine =
        serving.model.framework.empty() ? usual_engine : serving.model.framework;
    ServeBasis basis = TRY(serve_basis_of(knowledge, chip->name, engine));
    double& node = basis.machine.fabric.node.chips;
    node = std::min(node, static_cast<double>(supply.node_chips));
    const ServingQuestion asked{.knowledge = knowledge,
                                .serving = serving,
                                .job = job,
                                .supply = supply,
                                .basis = basis,
                                .bounds = bounds};
    const ServeSearch search{.formats = {*number_format(to_string(serving.precision))},
                             .chips = static_cast<double>(supply.most_chips),
                             .top = searched};
    const ServeSearchResult result = serve_search(job, basis.machine, search);
    if (result.offers.empty()) {
        note_obstacle(found, result.obstacle.limit,
                      supply.chip + ", " + describe(result.obstacle, job, basis.machine));
        return {};
    }
    if (std::optional<Way> way = best_way(asked, result.offers, found)) {
        found.ways.push_back(*std::move(way));
        return {};
    }
    note_obstacle(found, ServeLimit::rate,
                  fmt::format("{}, plans keep the promises in the mean, and none on whole nodes of "
                              "one pool for {:g} of the requests; nearest change: a quantile of "
                              "0.5, or promises further from what one request alone takes",
                              supply.chip, job.targets.quantile));
    return {};
}

Error none_found(const Serving& serving, const Found& found, const Bounds& bounds) {
    if (bounds.runs_launcher && !found.not_launched.empty()) {
        return invalid(
            "plan_launch_impossible",
            "run: it is missing, and no plan can be started without it: " + found.not_launched);
    }
    if (!found.obstacle.empty())
        return invalid("plan_infeasible", "slo: no plan serves this: " + found.obstacle);
    return no_chips(serving.model, found.unknown, "");
}

}  // namespace

Result<std::vector<Way>> serving_ways(const ServeKnowledge& knowledge, const Serving& serving,
                                      const PlanGround& ground, const Bounds& bounds) {
    const ServeJob job = TRY(job_of(serving, knowledge.models));
    TRY(check_framework(serving.model.framework, knowledge.calibrations));
    Found found;
    for (const ChipSupply& one : ground.supply) {
        if (is_allowed(serving.model, one))
            TRY(look_at(knowledge, serving, job, one, bounds, found));
    }
    if (found.ways.empty()) return none_found(serving, found, bounds);
    std::ranges::stable_sort(
        found.ways, {}, [](const Way& way) { return std::tie(way.plan.chips, way.plan.chip); });
    if (found.ways.size() > most_ways) found.ways.resize(most_ways);
    return std::move(found.ways);
}

}  // namespace dayu::plan
