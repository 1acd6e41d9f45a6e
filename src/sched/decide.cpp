#include "sched/decide.h"

#include "sched/advice.h"
#include "sched/offer_book.h"
#include "sched/round/round.h"

namespace dayu::sched {

Decisions decide(World& world, const Policy& policy, OfferBook& book, Advice& advice, Time now,
                 Work work) {
    world.advance(now);
    book.trim();
    return Round(world, policy, book, advice, now, work).run();
}

Decisions decide(World& world, const Policy& policy, OfferBook& book, Time now, Work work) {
    Advice none;
    return decide(world, policy, book, none, now, work);
}

Decisions decide(World& world, const Policy& policy, Time now, Work work) {
    OfferBook book;
    return decide(world, policy, book, now, work);
}

}  // namespace dayu::sched
