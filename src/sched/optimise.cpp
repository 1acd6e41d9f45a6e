#include "sched/optimise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "base/check.h"
#include "sched/optimise/rounding.h"
#include "sched/optimise/transport.h"
#include "sched/wide.h"

namespace dayu::sched {
namespace {

// Ways that the programme knows, at most: beyond them each class has its best ones. Prices, starts and the bound are
// about all of them nonetheless.
constexpr std::size_t max_columns = 200'000;
// What one start is worth, at most: a hundred million yuan.
constexpr std::int64_t max_value = 100'000'000 * micro_yuan_per_yuan;
constexpr std::int64_t milli = 1000;
constexpr std::int64_t ms_per_hour = 3'600'000;
// A little more than is free: where a pool is full, or its last job just fits, the dual is what one more would be
// worth, and not what one less would cost.
constexpr double one_more = 1.0 / milli;

constexpr double yuan_of(std::int64_t micro_yuan) {
    return static_cast<double>(micro_yuan) / micro_yuan_per_yuan;
}
constexpr double chips_of(std::int64_t chips_milli) {
    return static_cast<double>(chips_milli) / milli;
}

Money held(__int128 micro_yuan) {
    constexpr __int128 most = std::numeric_limits<std::int64_t>::max();
    return {static_cast<std::int64_t>(std::min(micro_yuan, most))};
}

// What one job comes to when it waits for the horizon and then starts in its best place.
std::int64_t cost_of_waiting(const MarketClass& one, Duration horizon) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (const MarketOffer& offer : one.offers) {
        const auto wait = product_over({offer.wait_per_hour.micro_yuan, horizon.ms}, ms_per_hour);
        least = std::min(least, saturating_sum({offer.cost.micro_yuan, wait}));
    }
    return least;
}

// All that are worth something.
std::vector<Way> find_ways(const Market& market, Duration horizon) {
    std::vector<Way> ways;
    for (std::size_t i = 0; i < market.classes.size(); ++i) {
        const std::int64_t later = cost_of_waiting(market.classes[i], horizon);
        for (const MarketOffer& offer : market.classes[i].offers) {
            const std::int64_t value = saturating_sum({later, -offer.cost.micro_yuan});
            if (value <= 0 || offer.wanted_milli <= 0) continue;
            ways.push_back({.job_class = i,
                            .pool = offer.pool,
                            .variant = offer.variant,
                            .wanted_milli = offer.wanted_milli,
                            .value = std::min(value, max_value)});
        }
    }
    return ways;
}

std::span<Way> ways_of_first(std::span<Way> ways) {
    const auto end = std::ranges::find_if(
        ways, [&](const Way& way) { return way.job_class != ways.front().job_class; });
    return ways.first(static_cast<std::size_t>(end - ways.begin()));
}

// Indexes of those that the programme is about, the best of each class.
std::vector<std::size_t> choose_columns(std::vector<Way>& ways, std::size_t classes) {
    const std::size_t of_each =
        std::max<std::size_t>(1, max_columns / std::max<std::size_t>(1, classes));
    std::vector<std::size_t> columns;
    std::span<Way> rest(ways);
    while (!rest.empty()) {
        const std::span<Way> one = ways_of_first(rest);
        std::vector<std::size_t> best;
        const auto begin = static_cast<std::size_t>(one.data() - ways.data());
        for (std::size_t i = 0; i < one.size(); ++i) best.push_back(begin + i);
        if (best.size() > of_each) {
            std::ranges::sort(best, {},
                              [&](std::size_t way) { return std::pair{-ways[way].value, way}; });
            best.resize(of_each);
            std::ranges::sort(best);
        }
        columns.insert(columns.end(), best.begin(), best.end());
        rest = rest.subspan(one.size());
    }
    return columns;
}

// A chip is worth at least what a class that the programme did not show it to would pay for it.
void price_in(const std::vector<Way>& ways, const std::vector<double>& surplus,
              std::vector<double>& worth) {
    for (const Way& way : ways) {
        const double beyond = yuan_of(way.value) - surplus[way.job_class];
        worth[way.pool] = std::max(worth[way.pool], beyond / chips_of(way.wanted_milli));
    }
}

// Writes the fractions into the ways, and returns what a chip of each pool is worth in whole micro-yuan.
Result<std::vector<std::int64_t>> solve_programme(const Market& market, std::vector<Way>& ways) {
    const std::vector<std::size_t> columns = choose_columns(ways, market.classes.size());
    Transport problem;
    for (const MarketClass& one : market.classes)
        problem.supply.push_back(static_cast<double>(one.jobs));
    for (const MarketPool& pool : market.pools)
        problem.capacity.push_back(chips_of(pool.free_milli) + one_more);
    for (const std::size_t column : columns) {
        const Way& way = ways[column];
        problem.columns.push_back({.from = way.job_class,
                                   .to = way.pool,
                                   .gain = yuan_of(way.value),
                                   .weight = chips_of(way.wanted_milli)});
    }
    const TransportSolution solution = TRY(solve(problem));
    for (std::size_t i = 0; i < columns.size(); ++i) ways[columns[i]].fraction = solution.moved[i];
    std::vector<double> worth = solution.price;
    if (columns.size() < ways.size()) price_in(ways, solution.surplus, worth);
    std::vector<std::int64_t> prices;
    for (const double yuan : worth) {
        const double micro_yuan = yuan * micro_yuan_per_yuan;
        prices.push_back(std::llround(std::clamp<double>(micro_yuan, 0, max_value)));
    }
    return prices;
}

// What chips cost by these prices that are free, and what each job would gain beyond its own: nobody can do better.
Money bound_by(const Market& market, std::vector<Way>& ways,
               const std::vector<std::int64_t>& prices) {
    __int128 sum = 0;  // in thousandths of micro-yuan
    for (std::size_t pool = 0; pool < prices.size(); ++pool)
        sum += static_cast<__int128>(market.pools[pool].free_milli) * prices[pool];
    std::span<Way> rest(ways);
    while (!rest.empty()) {
        const std::span<Way> one = ways_of_first(rest);
        const __int128 best = std::ranges::max(one, {}, &Way::gain).gain;
        if (best > 0) sum += best * market.classes[one.front().job_class].jobs;
        rest = rest.subspan(one.size());
    }
    return held((sum + milli - 1) / milli);
}

std::vector<PriceRow> rows_of(const Market& market, const std::vector<std::int64_t>& prices,
                              Duration horizon) {
    std::vector<PriceRow> rows;
    for (std::size_t i = 0; i < prices.size(); ++i) {
        const MarketPool& pool = market.pools[i];
        rows.push_back(
            {.center = pool.center,
             .center_name = pool.center_name,
             .pool = pool.pool,
             .chip = pool.chip,
             .list = pool.list,
             .scarcity = {saturating_sum({product_over({prices[i], ms_per_hour}, horizon.ms)})},
             .total_milli = pool.total_milli,
             .free_milli = pool.free_milli});
    }
    for (const MarketClass& one : market.classes) {
        if (one.offers.empty()) continue;
        const MarketOffer& best = *std::ranges::min_element(one.offers, {}, &MarketOffer::cost);
        rows[best.pool].wanted_milli += best.wanted_milli * one.jobs;
    }
    return rows;
}

}  // namespace

std::int64_t distance_ppm(const PriceIndex& prices) {
    if (prices.bound.micro_yuan <= 0) return 0;
    const std::int64_t lacks = prices.bound.micro_yuan - prices.value.micro_yuan;
    return *product_over({lacks, 1'000'000}, prices.bound.micro_yuan);
}

Result<Optimum> optimise(Market market, Duration horizon) {
    CHECK(horizon.ms > 0);
    put_in_order(market);
    std::vector<Way> ways = find_ways(market, horizon);
    const std::vector<std::int64_t> prices = TRY(solve_programme(market, ways));
    for (Way& way : ways) {
        way.gain = static_cast<__int128>(way.value) * milli -
                   static_cast<__int128>(way.wanted_milli) * prices[way.pool];
    }
    const std::vector<std::int64_t> jobs = round_to_jobs(market, ways);

    Optimum optimum;
    __int128 value = 0;
    for (std::size_t i = 0; i < ways.size(); ++i) {
        if (jobs[i] == 0) continue;
        const MarketPool& pool = market.pools[ways[i].pool];
        value += static_cast<__int128>(ways[i].value) * jobs[i];
        optimum.starts.push_back({.shape = market.classes[ways[i].job_class].shape,
                                  .center = pool.center,
                                  .pool = pool.pool,
                                  .variant = ways[i].variant,
                                  .jobs = jobs[i]});
    }
    PriceIndex& index = optimum.prices;
    index.at = market.at;
    for (const MarketClass& one : market.classes) {
        index.jobs += one.jobs;
        optimum.weighed.push_back(one.shape);
    }
    index.value = held(value);
    index.bound = bound_by(market, ways, prices);
    index.rows = rows_of(market, prices, horizon);
    CHECK(index.value <= index.bound);
    return optimum;
}

}  // namespace dayu::sched
