#include "sched/optimise.h"

#include <algorithm>
#include <limits>
#include <random>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/testing/markets.h"

namespace dayu::sched {
namespace {

using testing::hour;
using testing::market_class;
using testing::market_pool;
using testing::yuan_of;

Optimum best(const Market& market, Duration horizon = hour) {
    return std::move(optimise(market, horizon)).value();
}

std::int64_t started(const Optimum& optimum, std::uint32_t shape, std::uint32_t center) {
    std::int64_t jobs = 0;
    for (const Start& start : optimum.starts) {
        if (start.shape.value == shape && start.center.value == center) jobs += start.jobs;
    }
    return jobs;
}

Market two_pools(std::int64_t free_here, std::int64_t free_there) {
    Market market;
    market.pools = {market_pool(1, 64, free_here), market_pool(2, 64, free_there)};
    return market;
}

TEST(Optimise, ThePlaceGoesToTheOneWhoHasNoOther) {
    Market market = two_pools(8, 8);
    market.classes = {market_class({.shape = 1}, {{0, 80}, {1, 81}}),
                      market_class({.shape = 2}, {{0, 80}})};
    const Optimum optimum = best(market);
    EXPECT_EQ(started(optimum, 1, 2), 1);
    EXPECT_EQ(started(optimum, 2, 1), 1);
    EXPECT_EQ(optimum.prices.value, yuan_of(7 + 8));
    EXPECT_EQ(optimum.prices.bound, optimum.prices.value);
    EXPECT_EQ(distance_ppm(optimum.prices), 0);
}

TEST(Optimise, AFullPoolIsWorthWhatWaitingForItCosts) {
    Market market = two_pools(0, 8);
    market.classes = {
        market_class({.shape = 1, .jobs = 5}, {{0, 80}}),
        market_class({.shape = 2, .jobs = 2, .wait_yuan_per_chip_hour = 3}, {{0, 80}})};
    const Optimum optimum = best(market);
    EXPECT_TRUE(optimum.starts.empty());
    EXPECT_EQ(optimum.prices.rows[0].scarcity, yuan_of(3));
    EXPECT_EQ(optimum.prices.rows[0].wanted_milli, 7 * 8000);
    EXPECT_EQ(optimum.prices.rows[1].scarcity, Money{});
    EXPECT_EQ(optimum.prices.jobs, 7);
}

TEST(Optimise, NobodyPaysForALastPlaceThatNobodyElseWants) {
    Market market = two_pools(16, 0);
    market.classes = {market_class({.jobs = 2}, {{0, 80}})};
    EXPECT_EQ(best(market).prices.rows[0].scarcity, Money{});
    market.classes[0].jobs = 3;
    EXPECT_EQ(best(market).prices.rows[0].scarcity, yuan_of(1));
}

TEST(Optimise, ADearPoolIsWorthItToThoseWhoWouldWaitTooLong) {
    Market market = two_pools(0, 8);
    market.classes = {market_class({}, {{0, 80}, {1, 100}})};
    EXPECT_EQ(started(best(market), 1, 2),
              0);  // twenty yuan more, and an hour of waiting costs eight
    const Optimum patient = best(market, {.ms = 3 * hour.ms});
    EXPECT_EQ(started(patient, 1, 2), 1);
    EXPECT_EQ(patient.prices.value, yuan_of(4));
    // A place here would save it the twenty: for one of eight chips and one of three hours.
    EXPECT_EQ(patient.prices.rows[0].scarcity, Money{833'333});
}

TEST(Optimise, AVariantStartsWhereItTakesFewerOfTheScarceChips) {
    Market market = two_pools(8, 16);
    market.classes = {market_class({.jobs = 3}, {{0, 80}})};
    MarketOffer other = market.classes[0].offers[0];
    market.classes[0].offers[0].variant = 0;
    other.pool = 1;
    other.variant = 1;
    other.wanted_milli = 16'000;
    other.wait_per_hour = yuan_of(16);
    market.classes[0].offers.push_back(other);
    const Optimum optimum = best(market);
    EXPECT_EQ(started(optimum, 1, 1), 1);
    EXPECT_EQ(started(optimum, 1, 2), 1);
    EXPECT_EQ(optimum.starts[1].variant, VariantIndex{1});
}

TEST(Optimise, AnEmptyMarketIsWorthNothing) {
    EXPECT_EQ(best({}).prices.bound, Money{});
    Market market = two_pools(8, 8);
    market.classes = {market_class({.jobs = 0}, {{0, 80}}), market_class({.shape = 2}, {})};
    const Optimum optimum = best(market);
    EXPECT_TRUE(optimum.starts.empty());
    EXPECT_EQ(optimum.prices.rows.size(), 2u);
}

TEST(ExpectedWait, IsHalfOfTheTimeToRunAllThatWaits) {
    Market market = two_pools(0, 0);  // 64 chips each, at ten yuan: 1,280 an hour
    EXPECT_EQ(expected_wait(market), hour);
    market.classes = {market_class({.jobs = 100}, {{0, 128}, {1, 200}})};
    EXPECT_EQ(expected_wait(market), (Duration{5 * hour.ms}));
    market.classes[0].jobs = 1'000'000;
    EXPECT_EQ(expected_wait(market), (Duration{7 * 24 * hour.ms}));
    EXPECT_EQ(expected_wait({}), hour);
}

// Up to three pools and four classes of up to three jobs, some of which take fractions of a chip.
Market any_market() {
    const auto upto = [](std::int64_t from, std::int64_t to) {
        return *rc::gen::inRange(from, to + 1);
    };
    Market market;
    const std::int64_t pools = upto(1, 3);
    for (std::int64_t i = 0; i < pools; ++i) {
        market.pools.push_back(market_pool(static_cast<std::uint32_t>(i + 1), 64, 0));
        market.pools.back().free_milli = upto(0, 40) * 500;
    }
    const std::int64_t classes = upto(1, 4);
    for (std::int64_t i = 0; i < classes; ++i) {
        MarketClass one{
            .shape = {static_cast<std::uint32_t>(i + 1)}, .jobs = upto(0, 3), .offers = {}};
        const std::int64_t wanted = upto(1, 20) * 500;
        const std::int64_t wait = upto(0, 20);
        for (std::size_t pool = 0; pool < market.pools.size(); ++pool) {
            if (upto(0, 3) == 0) continue;
            one.offers.push_back({.pool = pool,
                                  .wanted_milli = wanted * upto(1, 2),
                                  .cost = {upto(0, 30'000'000)},
                                  .wait_per_hour = yuan_of(wait)});
        }
        market.classes.push_back(std::move(one));
    }
    return market;
}

Money value_of(const MarketClass& one, const MarketOffer& offer) {
    std::int64_t later = std::numeric_limits<std::int64_t>::max();
    for (const MarketOffer& other : one.offers)
        later = std::min(later, other.cost.micro_yuan + other.wait_per_hour.micro_yuan);
    return {later - offer.cost.micro_yuan};
}

// Tries everything.
std::int64_t best_value(Market& market, std::size_t job_class, std::size_t offer,
                        std::int64_t jobs_left) {
    if (job_class == market.classes.size()) return 0;
    const MarketClass& one = market.classes[job_class];
    if (offer == one.offers.size()) {
        const std::size_t next = job_class + 1;
        return best_value(market, next, 0,
                          next < market.classes.size() ? market.classes[next].jobs : 0);
    }
    const MarketOffer& way = one.offers[offer];
    std::int64_t& free = market.pools[way.pool].free_milli;
    const std::int64_t before = free;
    std::int64_t most = std::numeric_limits<std::int64_t>::min();
    for (std::int64_t jobs = 0; jobs <= jobs_left && jobs * way.wanted_milli <= before; ++jobs) {
        free = before - jobs * way.wanted_milli;
        most = std::max(most, jobs * value_of(one, way).micro_yuan +
                                  best_value(market, job_class, offer + 1, jobs_left - jobs));
    }
    free = before;
    return most;
}

std::int64_t best_value(Market market) {
    return best_value(market, 0, 0, market.classes.front().jobs);
}

RC_GTEST_PROP(OptimiseProperty, NothingIsWorthMoreThanTheBound, ()) {
    const Market market = any_market();
    const Optimum optimum = best(market);
    const std::int64_t most = best_value(market);
    RC_ASSERT(optimum.prices.value.micro_yuan <= most);
    RC_ASSERT(most <= optimum.prices.bound.micro_yuan);
    RC_ASSERT(distance_ppm(optimum.prices) >= 0);
}

RC_GTEST_PROP(OptimiseProperty, WhatStartsThereIsThereAndWaits, ()) {
    const Market market = any_market();
    std::int64_t value = 0;
    std::vector<std::int64_t> free, jobs;
    for (const MarketPool& pool : market.pools) free.push_back(pool.free_milli);
    for (const MarketClass& one : market.classes) jobs.push_back(one.jobs);
    const Optimum optimum = best(market);
    for (const Start& start : optimum.starts) {
        const MarketClass& one = market.classes[start.shape.value - 1];
        const std::size_t pool = start.center.value - 1;
        const auto way = std::ranges::find(one.offers, pool, &MarketOffer::pool);
        RC_ASSERT(way != one.offers.end());
        RC_ASSERT(start.jobs > 0);
        RC_ASSERT((free[pool] -= start.jobs * way->wanted_milli) >= 0);
        RC_ASSERT((jobs[start.shape.value - 1] -= start.jobs) >= 0);
        RC_ASSERT(value_of(one, *way) > Money{});
        value += start.jobs * value_of(one, *way).micro_yuan;
    }
    RC_ASSERT(value == optimum.prices.value.micro_yuan);
}

// The price of a pool lies between what the next chip would bring and what the last one has brought; so it is nothing
// where a chip is left over. By the bounds, which lie above the programme's optimum by no more than rounding adds.
RC_GTEST_PROP(OptimiseProperty, APriceIsWhatOneMoreChipIsWorth, ()) {
    const Market market = any_market();
    const PriceIndex prices = best(market).prices;
    std::int64_t slack = 1000;
    for (const PriceRow& row : prices.rows) slack += row.scarcity.micro_yuan / 250;
    for (std::size_t pool = 0; pool < prices.rows.size(); ++pool) {
        const std::int64_t price = prices.rows[pool].scarcity.micro_yuan;
        RC_ASSERT(price >= 0);
        Market more = market;
        more.pools[pool].free_milli += 1000;
        RC_ASSERT(best(more).prices.bound.micro_yuan - prices.bound.micro_yuan <= price + slack);
        if (market.pools[pool].free_milli < 1000) continue;
        Market less = market;
        less.pools[pool].free_milli -= 1000;
        RC_ASSERT(prices.bound.micro_yuan - best(less).prices.bound.micro_yuan >= price - slack);
    }
}

RC_GTEST_PROP(OptimiseProperty, TheOrderOfTheMarketDoesNotMatter, (std::uint32_t seed)) {
    const Market market = any_market();
    std::mt19937 random(seed);
    Market other = market;
    std::vector<std::size_t> place(market.pools.size());
    for (std::size_t i = 0; i < place.size(); ++i) place[i] = i;
    std::ranges::shuffle(place, random);
    for (std::size_t i = 0; i < place.size(); ++i) other.pools[place[i]] = market.pools[i];
    for (MarketClass& one : other.classes) {
        for (MarketOffer& offer : one.offers) offer.pool = place[offer.pool];
        std::ranges::shuffle(one.offers, random);
    }
    std::ranges::shuffle(other.classes, random);
    RC_ASSERT(best(market) == best(other));
}

// A hundred markets of forty classes over twelve pools, at every load: in the mean the whole jobs come within
// five percent of what no division can pass.
TEST(Optimise, ComesCloseToTheBound) {
    std::int64_t sum_ppm = 0;
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
        std::mt19937 random(seed);
        const auto upto = [&](std::int64_t to) { return static_cast<std::int64_t>(random()) % to; };
        Market market;
        for (std::uint32_t i = 1; i <= 12; ++i)
            market.pools.push_back(market_pool(i, 512, 8 * upto(1 + seed % 40)));
        for (std::uint32_t i = 1; i <= 40; ++i) {
            MarketClass one = market_class(
                {.shape = i, .jobs = 1 + upto(10), .chips = std::int64_t{1} << upto(6)}, {});
            for (std::size_t pool = 0; pool < 12; ++pool) {
                if (upto(3) == 0) continue;
                const std::int64_t chips = std::int64_t{1} << (i % 6);
                one.offers.push_back({.pool = pool,
                                      .wanted_milli = chips * 1000,
                                      .cost = yuan_of(chips * upto(3)),
                                      .wait_per_hour = yuan_of(chips * (1 + i % 3))});
            }
            market.classes.push_back(std::move(one));
        }
        sum_ppm += distance_ppm(best(market).prices);
    }
    EXPECT_LT(sum_ppm / 100, 50'000);
}

}  // namespace
}  // namespace dayu::sched
