// The table of candidates that goes with a decision: offers with what they come to, the refused with why.
#pragma once

#include <limits>
#include <vector>

#include "sched/round/offers.h"

namespace dayu::sched {

// An offer and from when on its pool has room.
struct Row {
    const Offer* offer = nullptr;
    Time room;
    Money objective;  // of a start then
};

inline auto order_of(const Row& row) {
    return std::tuple{row.objective, row.offer->pool, row.offer->choice};
}

// What a table is about.
struct Subject {
    const World& world;
    const std::vector<PoolPlan>& plans;
    const ShapeOffers& offers;
    Money spent;  // by the job before
};

// The row of a table that shows an offer.
Candidate offer_row(const Subject& subject, const Row& row);

// Rows of a table on record. What a person asks for shows all.
inline constexpr std::size_t offers_on_record = 32;
inline constexpr std::size_t refusals_on_record = 16;

// `rows` in their order, then the refused by (center, pool), up to so many: some of each code, where not all
// are shown.
CandidateTable make_table(const Subject& subject, const std::vector<Row>& rows,
                          std::size_t most_refused = std::numeric_limits<std::size_t>::max());

}  // namespace dayu::sched
