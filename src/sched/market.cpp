#include "sched/market.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "sched/wide.h"

namespace dayu::sched {
namespace {

constexpr Duration shortest_wait = seconds(3600);
constexpr Duration longest_wait = seconds(7 * 24 * 3600);

}  // namespace

Duration mean_wait(const Backlog& backlog) {
    constexpr std::int64_t half_an_hour_ms = 1'800'000;
    if (backlog.earns <= Money{}) return shortest_wait;
    const auto ms =
        product_over({backlog.waits.micro_yuan, half_an_hour_ms}, backlog.earns.micro_yuan);
    return {std::clamp(ms.value_or(longest_wait.ms), shortest_wait.ms, longest_wait.ms)};
}

Duration expected_wait(const Market& market) {
    Backlog backlog;
    for (const MarketClass& one : market.classes) {
        if (one.offers.empty()) continue;
        const auto cheapest = std::ranges::min(one.offers, {}, &MarketOffer::cost);
        const auto cost = product_over({cheapest.cost.micro_yuan, one.jobs}, 1);
        backlog.waits = {saturating_sum({backlog.waits.micro_yuan, cost})};
    }
    for (const MarketPool& pool : market.pools) {
        const auto by_the_hour = product_over({pool.list.micro_yuan, pool.total_milli}, 1000);
        backlog.earns = {saturating_sum({backlog.earns.micro_yuan, by_the_hour})};
    }
    return mean_wait(backlog);
}

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
