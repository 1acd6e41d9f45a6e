// The optimiser alone, on a market of a country: 1,000 classes over 300 pools, of as many chip models as the argument
// says; jobs that want so many times what is free. The report says how far from the bound the whole jobs are.
#include <array>
#include <random>

#include <benchmark/benchmark.h>

#include "sched/optimise.h"

namespace {

using namespace dayu;
using namespace dayu::sched;

constexpr std::uint32_t pools = 300;
constexpr std::uint32_t classes = 1'000;
constexpr std::array<std::int64_t, 6> hours{1, 1, 2, 8, 24, 72};
constexpr std::array<std::int64_t, 6> wait_yuan{1, 1, 1, 5, 20, 100};

Market make_market(std::uint32_t models, std::int64_t load_percent) {
    std::mt19937 random(1);
    const auto upto = [&](std::int64_t from, std::int64_t to) {
        return from + static_cast<std::int64_t>(random()) % (to - from + 1);
    };
    Market market;
    std::int64_t free_chips = 0;
    for (std::uint32_t i = 0; i < pools; ++i) {
        MarketPool pool{.center = {1 + i / 3},
                        .pool = std::to_string(i % 3),
                        .chip = std::to_string(i % models)};
        pool.total_milli = 8'000 * upto(50, 600);
        pool.free_milli = pool.total_milli / 100 * upto(0, 30);
        pool.list = {upto(500, 2'000) * 10'000};
        free_chips += pool.free_milli / 1000;
        market.pools.push_back(std::move(pool));
    }
    for (std::uint32_t i = 0; i < classes; ++i) {
        const std::int64_t chips = std::int64_t{1} << upto(0, 6);
        const std::int64_t limit_hours = hours[i % hours.size()];
        MarketClass one{
            .shape = {1 + i},
            .jobs = 1 + free_chips * load_percent / 100 * upto(1, 200) / 100 / classes / chips};
        const std::int64_t wait = chips * wait_yuan[static_cast<std::size_t>(upto(0, 5))];
        for (std::size_t pool = upto(0, models - 1); pool < pools; pool += models) {
            if (upto(0, 9) == 0) continue;
            one.offers.push_back(
                {.pool = pool,
                 .wanted_milli = chips * 1000,
                 .cost = {market.pools[pool].list.micro_yuan * chips * limit_hours},
                 .wait_per_hour = {wait * micro_yuan_per_yuan}});
        }
        market.classes.push_back(std::move(one));
    }
    return market;
}

void optimise_country(benchmark::State& bench) {
    const Market market = make_market(static_cast<std::uint32_t>(bench.range(0)), bench.range(1));
    PriceIndex prices;
    for (auto _ : bench) prices = std::move(optimise(market, seconds(3600))).value().prices;
    std::int64_t offers = 0;
    for (const MarketClass& one : market.classes) offers += std::ssize(one.offers);
    bench.counters["offers"] = static_cast<double>(offers);
    bench.counters["jobs"] = static_cast<double>(prices.jobs);
    bench.counters["distance_ppm"] = static_cast<double>(distance_ppm(prices));
}
BENCHMARK(optimise_country)
    ->ArgNames({"models", "load_percent"})
    ->ArgsProduct({{1, 6}, {50, 120, 300, 2000}})
    ->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
