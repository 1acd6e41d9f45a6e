#include "plan/evaluate_serve.h"

#include <map>

#include <fmt/core.h>

namespace dayu::plan {
namespace {

// A measured plan did fit: where memory says otherwise the row's weights or cache are smaller than it tells, and it is predicted
// as if there were room.
constexpr double roomy_bytes = 1e15;

ServeTimes steady(const ServeRow& row, const ServeMachine& machine) {
    if (!row.split)
        return closed_loop(ReplicaCost(row.shape, row.plan, machine), row.load, row.concurrency);
    const ReplicaCost prefill(row.shape, row.split->prefill, machine);
    const ReplicaCost decode(row.shape, row.split->decode, machine);
    return closed_loop(SplitFleet{.prefill = &prefill,
                                  .prefill_workers = row.split->prefill_workers,
                                  .decode = &decode,
                                  .decode_workers = row.split->decode_workers},
                       row.load, row.concurrency);
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
    const Result<ServeBasis> basis = serve_basis_of(knowledge, row.chip, row.engine);
    if (!basis) {
        verdict.reason = basis.error().message;
        return verdict;
    }
    ServeTimes times = steady(row, basis->machine);
    verdict.is_feasible = times.obstacle.empty();
    verdict.reason =
        verdict.is_feasible ? std::string(description_of(basis->grade)) : times.obstacle;
    if (!verdict.is_feasible) times = times_of(row, basis->machine);
    verdict.ttft_s = basis->ttft(times.ttft_s, row.split.has_value());
    verdict.tpot_s = basis->tpot(times.tpot_s, row.split.has_value());
    return verdict;
}

}  // namespace

ServeTimes times_of(const ServeRow& row, const ServeMachine& machine) {
    ServeTimes times = steady(row, machine);
    if (times.obstacle.empty()) return times;
    ServeMachine roomy = machine;
    roomy.memory_bytes = roomy_bytes;
    return steady(row, roomy);
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
