#include "sched/round/table.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace dayu::sched {
namespace {

// Of one code this many rows are shown before others of the same are left out.
constexpr std::size_t rows_of_a_code = 4;

struct RefusedRow {
    std::uint32_t pool = 0;
    std::uint32_t choice = 0;
    const Rule* rule = nullptr;           // that is broken whatever runs there
    std::optional<Refusal> at_present{};  // or this

    std::string_view code() const { return rule != nullptr ? rule->code : at_present->code; }
    Reason tier() const { return rule != nullptr ? rule->tier : at_present->tier; }
};

Candidate name_candidate(const Subject& subject, std::uint32_t pool, std::uint32_t choice) {
    const PoolPlan& plan = subject.plans[pool];
    const Center& center = plan.center().center;
    const JobSpec& spec = subject.offers.choices.specs[choice];
    Candidate candidate;
    if (subject.offers.choices.are_variants) candidate.variant = choice;
    candidate.center = plan.center().id;
    candidate.center_name = center.name;
    candidate.pool = plan.pool().name;
    candidate.engine = center.engine.kind;
    candidate.chip = plan.pool().chip;
    candidate.chips_milli = spec.nodes * spec.resources.chips_milli;
    return candidate;
}

Candidate refused_row(const Subject& subject, const RefusedRow& row) {
    Candidate candidate = name_candidate(subject, row.pool, row.choice);
    if (row.rule == nullptr) {
        candidate.refusal = row.at_present;
        return candidate;
    }
    const PoolPlan& plan = subject.plans[row.pool];
    const JobSpec& spec = subject.offers.choices.specs[row.choice];
    const Case broken{plan.center().center, plan.pool(), find_chip(subject.world, spec), spec};
    candidate.refusal = Refusal{.code = std::string(row.rule->code),
                                .tier = row.rule->tier,
                                .detail = row.rule->detail(broken)};
    return candidate;
}

// By (pool, choice): by a rule, or by how things are at present.
std::vector<RefusedRow> all_refused(const Subject& subject) {
    std::vector<RefusedRow> rows;
    for (const RefusedPool& one : subject.offers.refused)
        rows.push_back({.pool = one.pool, .choice = one.choice, .rule = one.rule});
    for (const Offer& offer : subject.offers.offers) {
        auto refusal = refusal_now(subject.plans[offer.pool], offer,
                                   subject.offers.choices.specs[offer.choice], subject.spent);
        if (!refusal) continue;
        rows.push_back(
            {.pool = offer.pool, .choice = offer.choice, .at_present = std::move(refusal)});
    }
    std::ranges::sort(rows, {},
                      [](const RefusedRow& row) { return std::pair{row.pool, row.choice}; });
    return rows;
}

std::vector<RefusalCount> count_by_code(const Subject& subject,
                                        const std::vector<RefusedRow>& rows) {
    struct Tally {
        Reason tier = Reason::never_fits;
        std::int64_t pools = 0, centers = 0;
        std::uint32_t last_pool = ~std::uint32_t{0};
        CenterId last_center;
    };
    std::map<std::string_view, Tally> tallies;
    for (const RefusedRow& row : rows) {
        Tally& tally = tallies[row.code()];
        const CenterId center = subject.plans[row.pool].center().id;
        tally.tier = row.tier();
        tally.pools += row.pool != tally.last_pool ? 1 : 0;
        tally.centers += center != tally.last_center ? 1 : 0;
        tally.last_pool = row.pool;
        tally.last_center = center;
    }
    std::vector<RefusalCount> counts;
    for (const auto& [code, tally] : tallies) {
        counts.push_back({.code = std::string(code),
                          .tier = tally.tier,
                          .centers = tally.centers,
                          .pools = tally.pools});
    }
    return counts;
}

// Where not all are shown: some of each code, in their order.
std::vector<const RefusedRow*> choose_shown(const std::vector<RefusedRow>& rows, std::size_t most) {
    std::vector<const RefusedRow*> shown;
    std::map<std::string_view, std::size_t> of_code;
    for (const RefusedRow& row : rows) {
        if (shown.size() == most) break;
        if (rows.size() <= most || ++of_code[row.code()] <= rows_of_a_code) shown.push_back(&row);
    }
    return shown;
}

RefusedRows find_refused(const Subject& subject, std::size_t most) {
    const std::vector<RefusedRow> rows = all_refused(subject);
    RefusedRows refused{.shown = {}, .counts = count_by_code(subject, rows)};
    for (const RefusedRow* row : choose_shown(rows, most))
        refused.shown.push_back(refused_row(subject, *row));
    return refused;
}

bool is_any_refused_now(const Subject& subject) {
    return std::ranges::any_of(subject.offers.offers, [&](const Offer& offer) {
        const JobSpec& spec = subject.offers.choices.specs[offer.choice];
        return !is_open(subject.plans[offer.pool], spec) ||
               !is_affordable(offer, spec, subject.spent);
    });
}

// What rules alone refuse is the same for every table on record. `others` keeps what is found for this one alone.
const RefusedRows& refused_rows(const Subject& subject, std::size_t most, RefusedRows& others) {
    if (most != refusals_on_record || is_any_refused_now(subject))
        return others = find_refused(subject, most);
    auto& known = subject.offers.refused_on_record;
    if (!known) known = find_refused(subject, most);
    return *known;
}

}  // namespace

Candidate offer_row(const Subject& subject, const Row& row) {
    const Terms& terms = row.offer->terms;
    const JobSpec& spec = subject.offers.choices.specs[row.offer->choice];
    Candidate candidate = name_candidate(subject, row.offer->pool, row.offer->choice);
    candidate.start = row.room + terms.wait;
    candidate.end = candidate.start + spec.time_limit;
    candidate.price = row.offer->at_most.price;
    candidate.energy_mwh = row.offer->at_most.energy_mwh;
    candidate.carbon_mg = row.offer->at_most.carbon_mg;
    candidate.bytes_moved = terms.bytes_moved;
    if (spec.runtime) {
        candidate.finished = Finished{.run = *spec.runtime,
                                      .price = terms.price,
                                      .energy_mwh = terms.energy_mwh,
                                      .carbon_mg = terms.carbon_mg};
    }
    candidate.objective = row.objective;
    return candidate;
}

CandidateTable make_table(const Subject& subject, const std::vector<Row>& rows,
                          std::size_t most_refused) {
    CandidateTable table;
    RefusedRows others;
    const RefusedRows& refused = refused_rows(subject, most_refused, others);
    table.candidates.reserve(rows.size() + refused.shown.size());
    for (const Row& row : rows) table.candidates.push_back(offer_row(subject, row));
    table.candidates.insert(table.candidates.end(), refused.shown.begin(), refused.shown.end());
    table.refusals = refused.counts;
    table.centers = std::ssize(subject.world.centers());
    table.omitted = std::ssize(subject.offers.offers) + std::ssize(subject.offers.refused) -
                    std::ssize(table.candidates);
    return table;
}

}  // namespace dayu::sched
