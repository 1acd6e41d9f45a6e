#include "sched/market.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace dayu::sched {

void put_in_order(Market& market) {
    std::vector<std::size_t> order(market.pools.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t pool) {
        return std::tie(market.pools[pool].center, market.pools[pool].pool);
    });
    std::vector<MarketPool> pools;
    std::vector<std::size_t> place(order.size());
    for (const std::size_t pool : order) {
        place[pool] = pools.size();
        pools.push_back(std::move(market.pools[pool]));
    }
    market.pools = std::move(pools);
    std::ranges::sort(market.classes, {}, &MarketClass::shape);
    for (MarketClass& one : market.classes) {
        for (MarketOffer& offer : one.offers) offer.pool = place[offer.pool];
        std::ranges::sort(one.offers, {}, [](const MarketOffer& offer) {
            return std::tie(offer.pool, offer.variant);
        });
    }
}

}  // namespace dayu::sched
