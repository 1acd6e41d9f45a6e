#include "sched/market.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace dayu::sched {
namespace {

constexpr Duration shortest_wait = seconds(3600);
constexpr Duration longest_wait = seconds(7 * 24 * 3600);

}  // namespace

Duration expected_wait(const Market& market) {
    __int128 waits = 0;      // what all of it comes to, each job at its cheapest
    __int128 is_earned = 0;  // by the hour, in thousandths
    for (const MarketClass& one : market.classes) {
        if (one.offers.empty()) continue;
        const auto cheapest = std::ranges::min(one.offers, {}, &MarketOffer::cost);
        waits += static_cast<__int128>(cheapest.cost.micro_yuan) * one.jobs;
    }
    for (const MarketPool& pool : market.pools)
        is_earned += static_cast<__int128>(pool.list.micro_yuan) * pool.total_milli;
    if (is_earned <= 0) return shortest_wait;
    constexpr std::int64_t thousandths = 1000;
    constexpr std::int64_t half_an_hour_ms = 1'800'000;
    const __int128 wait_ms = waits * thousandths * half_an_hour_ms / is_earned;
    return {static_cast<std::int64_t>(
        std::clamp<__int128>(wait_ms, shortest_wait.ms, longest_wait.ms))};
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
