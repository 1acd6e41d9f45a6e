#include "plan/training_ways.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/core.h>

#include "plan/train_search.h"
#include "plan/ways/training_way.h"

namespace dayu::plan {
namespace {

constexpr Duration longest_run = seconds(std::int64_t{365} * 24 * 3600);
constexpr Duration least_limit = seconds(600);
// Where the job says no time limit: of the interval's end, so that one run in twenty that takes longer is not lost at once.
constexpr double limit_over_high = 1.2;

Result<TrainJob> job_of(const Training& training, const KnownModels& known) {
    TrainJob job;
    job.model = TRY(transformer_asked(training.model, known));
    job.sequence = static_cast<double>(training.sequence);
    job.global_batch = static_cast<double>(training.global_batch);
    if (training.precision == TrainingPrecision::fp8) job.precision = Precision::fp8;
    if (training.task == TrainingTask::finetune) job.task = TrainTask::finetune;
    if (training.task == TrainingTask::lora) job.task = TrainTask::lora;
    return job;
}

// From the most to one: whole nodes, halved, and then parts of one.
std::vector<std::int64_t> counts_of(const ChipSupply& supply, std::int64_t asked) {
    const std::int64_t node = supply.node_chips;
    const auto is_divisible = [&](std::int64_t count) {
        return count <= node || count % node == 0;
    };
    if (asked > 0) {
        const bool has = asked <= supply.most_chips && is_divisible(asked);
        return has ? std::vector{asked} : std::vector<std::int64_t>();
    }
    std::vector<std::int64_t> counts;
    std::int64_t count = node;
    while (count <= supply.most_chips / 2) count *= 2;
    for (; count > node; count /= 2) counts.push_back(count);
    for (count = node; count > 0; count = count % 2 == 0 ? count / 2 : 0) counts.push_back(count);
    return counts;
}

Duration limit_of(Duration high) {
    constexpr std::int64_t minute_ms = 60'000;
    const auto ms = static_cast<std::int64_t>(limit_over_high * static_cast<double>(high.ms));
    const Duration whole{(ms / minute_ms + 1) * minute_ms};
    return std::clamp(whole, least_limit, longest_run);
}

Result<void> check_framework(const Training& training, const Calibrations& calibrations) {
    if (training.model.framework.empty()) return {};
    std::set<std::string_view> known;
    for (const Calibration& one : calibrations.all()) known.insert(one.framework);
    if (known.contains(training.model.framework)) return {};
    std::string names;
    for (const std::string_view name : known) names.append(names.empty() ? "" : ", ").append(name);
    return invalid("plan_framework_unknown",
                   fmt::format("model.framework: nothing was calibrated with \"{}\"; known are {}",
                               training.model.framework, names));
}

// The one that is expected to be fastest, once measured layers are taken into account; nothing where none fits, or where the
// job needs a launcher and none of the best can be launched.
std::optional<Way> fastest(const Question& asked, std::int64_t count, std::string& not_launched) {
    const TrainSearchResult found =
        train_search(asked.job, asked.basis.machine, {.chips = static_cast<double>(count)});
    std::optional<Candidate> best;
    for (const RankedPlan& ranked : found.plans) {
        const Estimate step_s =
            forecast(asked.knowledge, asked.basis, asked.job, ranked.plan).step_s;
        if (best && step_s.value >= best->forecast.value) continue;
        const Result<std::string> launch = launch_of(asked, ranked.plan);
        if (!launch) not_launched = launch.error().message;
        if (!launch && asked.runs_launcher) continue;
        best = {.ranked = ranked, .forecast = step_s, .launch = launch ? *launch : ""};
    }
    if (!best) return {};
    return way_of(asked, count, *best);
}

bool is_in_time(const WorkPlan& plan, const Bounds& bounds) {
    if (bounds.until_deadline && plan.run_high > *bounds.until_deadline) return false;
    return plan.run <= (bounds.limit == Duration{} ? longest_run : bounds.limit);
}

// All that was found, and what stood in the way of the rest.
struct Found {
    std::vector<std::vector<Way>> kinds;  // the fastest first
    std::vector<std::string> unknown;     // chips without a profile
    std::optional<WorkPlan> too_late;     // the fastest of them
    std::int64_t most_chips = 0;          // that were looked at
    std::string not_launched;             // why a plan could not be
};

void note_late(Found& found, const WorkPlan& plan) {
    if (!found.too_late || plan.run < found.too_late->run) found.too_late = plan;
}

const StepRatios* ratios_of(std::span<const StepRatios> all, std::string_view work,
                            std::string_view chip, const Basis& basis) {
    const auto found = std::ranges::find_if(all, [&](const StepRatios& one) {
        return one.work == work && one.chip == chip &&
               one.framework == basis.calibration->framework;
    });
    return found == all.end() ? nullptr : &*found;
}

Result<void> look_at(const Knowledge& knowledge, const Training& training, const TrainJob& job,
                     const PlanGround& ground, const ChipSupply& supply, const Bounds& bounds,
                     Found& found) {
    const Chip* const chip = planned_chip(knowledge.chips, supply);
    if (chip == nullptr) {
        found.unknown.push_back(supply.chip);
        return {};
    }
    Basis basis = TRY(basis_of_framework(knowledge, chip->name, training.model.framework));
    double& node = basis.machine.fabric.node.chips;
    node = std::min(node, static_cast<double>(supply.node_chips));
    const Question asked{
        .knowledge = knowledge,
        .training = training,
        .job = job,
        .supply = supply,
        .basis = basis,
        .measured = ratios_of(ground.measured, work_of(training, job), supply.chip, basis),
        .runs_launcher = bounds.runs_launcher};
    std::vector<Way> ways;  // the fewest chips first
    const std::vector<std::int64_t> counts = counts_of(supply, training.count);
    for (auto count = counts.rbegin(); count != counts.rend(); ++count) {
        found.most_chips = std::max(found.most_chips, *count);
        std::optional<Way> way = fastest(asked, *count, found.not_launched);
        if (!way) continue;
        if (!is_in_time(way->plan, bounds)) {
            note_late(found, way->plan);
            continue;
        }
        if (bounds.limit == Duration{}) way->variant.time_limit = limit_of(way->plan.run_high);
        if (ways.empty() || way->plan.run < ways.back().plan.run) ways.push_back(*std::move(way));
    }
    std::ranges::reverse(ways);
    if (!ways.empty()) found.kinds.push_back(std::move(ways));
    return {};
}

Error too_late(const WorkPlan& plan, const Bounds& bounds) {
    const bool is_deadline = bounds.until_deadline && plan.run_high > *bounds.until_deadline;
    const Duration limit = bounds.limit == Duration{} ? longest_run : bounds.limit;
    return invalid(
        "plan_too_long",
        fmt::format(
            "{}: the fastest plan, {} on {} {}, is expected to run {} ({} to {}), and has {}; "
            "allow more, train on fewer tokens, or allow other chips",
            is_deadline ? "deadline" : "time_limit", plan.plan, plan.chips, plan.chip,
            to_string(plan.run), to_string(plan.run_low), to_string(plan.run_high),
            to_string(is_deadline ? *bounds.until_deadline : limit)));
}

Error none_found(const Training& training, const Found& found, const Bounds& bounds) {
    if (found.too_late) return too_late(*found.too_late, bounds);
    if (bounds.runs_launcher && !found.not_launched.empty()) {
        return invalid(
            "plan_launch_impossible",
            "run: it is missing, and no plan can be started without it: " + found.not_launched);
    }
    if (found.most_chips > 0) {
        return invalid("plan_infeasible",
                       fmt::format("model: no plan fits into the memory of up to {} chips of any "
                                   "kind that is here, or divides a batch of {} (gbs); `dayu plan "
                                   "train` says what binds on which chip",
                                   found.most_chips, training.global_batch));
    }
    const std::string count =
        training.count > 0 ? fmt::format(", {} of one kind (count)", training.count) : "";
    return no_chips(training.model, found.unknown, count);
}

// Of each kind as many as the others leave it.
std::vector<Way> chosen(std::vector<std::vector<Way>> kinds) {
    std::ranges::sort(kinds, {}, [](const std::vector<Way>& ways) {
        return std::tie(ways.front().plan.run, ways.front().plan.chip);
    });
    if (kinds.size() > most_ways) kinds.resize(most_ways);
    std::vector<std::size_t> taken(kinds.size());
    std::size_t total = 0;
    for (bool more = true; more;) {
        more = false;
        for (std::size_t kind = 0; kind < kinds.size() && total < most_ways; ++kind) {
            if (taken[kind] == kinds[kind].size()) continue;
            ++taken[kind];
            ++total;
            more = true;
        }
    }
    std::vector<Way> ways;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        std::move(kinds[kind].begin(),
                  kinds[kind].begin() + static_cast<std::ptrdiff_t>(taken[kind]),
                  std::back_inserter(ways));
    }
    return ways;
}

}  // namespace

Result<std::vector<Way>> training_ways(const Knowledge& knowledge, const Training& training,
                                       const PlanGround& ground, const Bounds& bounds) {
    const TrainJob job = TRY(job_of(training, knowledge.models));
    TRY(check_framework(training, knowledge.calibrations));
    Found found;
    for (const ChipSupply& one : ground.supply) {
        if (is_allowed(training.model, one))
            TRY(look_at(knowledge, training, job, ground, one, bounds, found));
    }
    if (found.kinds.empty()) return none_found(training, found, bounds);
    return chosen(std::move(found.kinds));
}

}  // namespace dayu::plan
