#include "plan/evaluate_serve.h"

#include <cmath>
#include <map>

#include <fmt/core.h>

namespace dayu::plan {
namespace {

// A measured plan did fit: where memory says otherwise the row's weights or cache are smaller than it tells, and it is predicted
// as if there were room.
constexpr double roomy_bytes = 1e15;

// Requests that begin and end together.
ServeTimes batch_times(const ReplicaCost& replica, const ServeRow& row) {
    const double tokens = row.concurrency * row.load.isl;
    ServeTimes times;
    times.obstacle = memory_obstacle(replica, row.load.isl + row.load.osl);
    times.decoding = row.concurrency;
    times.ttft_s =
        replica.machine().constants.request_s +
        replica.iteration_s({.prefill_tokens = tokens, .prefill_pairs = tokens * row.load.isl / 2});
    times.tpot_s = replica.decode_s(row.concurrency, row.load.isl + row.load.osl / 2);
    return times;
}

ServeTimes split_times(const ServeRow& row, const SplitPlan& split, const ServeMachine& machine,
                       EngineBounds bounds) {
    if (split.accepted > 0) bounds.accepted = split.accepted;
    bounds.drafts = split.drafts;
    bounds.places = split.places;
    const ReplicaCost prefill(row.shape, split.prefill, machine);
    const ReplicaCost decode(row.shape, split.decode, machine);
    SplitFleet fleet{.prefill = &prefill,
                     .prefill_workers = std::max(1.0, split.prefill_workers),
                     .decode = &decode,
                     .decode_workers = split.decode_workers};
    // Not said: as many as keep up.
    constexpr double most_workers = 16, keeps_up = 0.9;
    while (true) {
        ServeTimes times = closed_loop(fleet, row.load, row.concurrency, bounds);
        if (split.prefill_workers > 0 || times.busy_part < keeps_up ||
            fleet.prefill_workers >= most_workers)
            return times;
        ++fleet.prefill_workers;
    }
}

// Of several pools that the row may mean, the geometric mean.
ServeTimes split_times(const ServeRow& row, const ServeMachine& machine,
                       const EngineBounds& bounds) {
    ServeTimes mean{.ttft_s = 1, .tpot_s = 1};
    const double part = 1 / static_cast<double>(row.splits.size());
    for (const SplitPlan& split : row.splits) {
        ServeTimes times = split_times(row, split, machine, bounds);
        if (!times.obstacle.empty()) return times;
        mean.ttft_s *= std::pow(times.ttft_s, part);
        mean.tpot_s *= std::pow(times.tpot_s, part);
    }
    return mean;
}

ServeTimes engine_times(const ServeRow& row, const ServeMachine& machine) {
    const EngineBounds bounds{.accepted = row.habits.accepted};
    if (row.is_split()) return split_times(row, machine.of_pools(), bounds);
    const ReplicaCost replica(row.shape, row.plan, machine);
    if (row.is_batch) return batch_times(replica, row);
    return closed_loop(replica, row.load, row.concurrency, bounds);
}

// As the harness saw it.
ServeTimes steady(const ServeRow& row, const ServeMachine& machine) {
    ServeTimes times = engine_times(row, machine);
    const double answer_s = row.load.osl * times.tpot_s;
    times.ttft_s += (row.habits.first_tokens - 1) * times.tpot_s +
                    row.habits.queued * answer_s / std::max(1.0, row.concurrency);
    return times;
}

ServeTimes steady_with_room(const ServeRow& row, ServeMachine machine) {
    machine.memory_bytes = roomy_bytes;
    return steady(row, machine);
}

ServeVerdict predict(const ServeKnowledge& knowledge, const ServeRow& row) {
    ServeVerdict verdict{.id = row.id,
                         .family = row.family,
                         .ttft_s = {},
                         .tpot_s = {},
                         .measured_ttft_s = row.measured_ttft_s,
                         .measured_tpot_s = row.measured_tpot_s};
    if (!row.missing.empty()) {
        verdict.reason = "not given: " + row.missing;
        return verdict;
    }
    const Result<ServeBasis> basis =
        serve_basis_of(knowledge, row.chip, row.engine, row.engine_version());
    if (!basis) {
        verdict.reason = basis.error().message;
        return verdict;
    }
    ServeTimes times = steady(row, basis->machine);
    verdict.is_feasible = times.obstacle.empty();
    verdict.reason =
        verdict.is_feasible ? std::string(description_of(basis->grade)) : times.obstacle;
    if (!verdict.is_feasible) times = steady_with_room(row, basis->machine);
    verdict.ttft_s = basis->ttft(times.ttft_s, row.is_split());
    verdict.tpot_s = basis->tpot(times.tpot_s, row.is_split());
    return verdict;
}

}  // namespace

ServeTimes times_of(const ServeRow& row, const ServeMachine& machine) {
    ServeTimes times = steady(row, machine);
    return times.obstacle.empty() ? times : steady_with_room(row, machine);
}

std::vector<ServeVerdict> predict_rows(const ServeKnowledge& knowledge,
                                       std::span<const ServeRow> rows) {
    std::vector<ServeVerdict> verdicts;
    verdicts.reserve(rows.size());
    for (const ServeRow& row : rows) verdicts.push_back(predict(knowledge, row));
    return verdicts;
}

std::vector<ServeFamilyFigures> figures_of(std::span<const ServeVerdict> verdicts) {
    struct Family {
        std::vector<Judged> ttft, tpot;
        std::int64_t refused = 0;
    };
    std::map<std::string_view, Family> families;
    for (const ServeVerdict& verdict : verdicts) {
        if (verdict.measured_ttft_s <= 0 && verdict.measured_tpot_s <= 0) continue;
        Family& family = families[verdict.family];
        if (verdict.tpot_s.value <= 0) {
            ++family.refused;
            continue;
        }
        if (verdict.measured_ttft_s > 0)
            family.ttft.push_back({verdict.ttft_s, verdict.measured_ttft_s});
        if (verdict.measured_tpot_s > 0)
            family.tpot.push_back({verdict.tpot_s, verdict.measured_tpot_s});
    }
    std::vector<ServeFamilyFigures> all;
    for (const auto& [name, family] : families) {
        all.push_back({.family = std::string(name),
                       .ttft = error_figures_of(family.ttft),
                       .tpot = error_figures_of(family.tpot),
                       .refused = family.refused});
    }
    return all;
}

}  // namespace dayu::plan
