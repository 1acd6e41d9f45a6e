// The scheduler alone, at the size of a country: 1,000,000 jobs of so many shapes wait in 2,000 projects for 100
// centres of three pools, 100,000 nodes in all. What it takes to build that World; placements a second, with what the
// World takes to take them up; what a round costs that can place nothing, as every node is taken; and one after a
// hundredth of the nodes became free.
#include <random>

#include <benchmark/benchmark.h>

#include "sched/decide.h"
#include "sched/offer_book.h"
#include "sched/testing/worlds.h"

namespace {

using namespace dayu;
using namespace dayu::sched;
using namespace dayu::sched::testing;

constexpr int centers = 100;
constexpr int nodes = 333;  // of each pool
constexpr int tenants = 200;
constexpr int projects = 2'000;
constexpr std::size_t wanted = 200'000;
constexpr std::array chips{"A100", "H100", "Ascend910B"};

enum class Nodes { free, taken };

std::string path_of(int project) {
    return "tenant-" + std::to_string(project % tenants) + "/project-" + std::to_string(project);
}

void add_supply(World& world) {
    for (const char* name : chips) world.put_chip(chip(name));
    for (int c = 1; c <= centers; ++c) {
        std::vector<Pool> pools;
        for (const char* name : chips) {
            pools.push_back(pool({.name = name,
                                  .chip = name,
                                  .nodes = nodes,
                                  .yuan_per_chip_hour = 10 + c * 7 % 11}));
        }
        world.put_center({static_cast<std::uint32_t>(c)},
                         center("center-" + std::to_string(c), std::move(pools)), {});
    }
}

void take_all(World& world) {
    std::uint64_t job = 10'000'000;
    for (int c = 1; c <= centers; ++c) {
        for (const char* name : chips) {
            for (int n = 0; n < nodes; ++n) {
                ++job;
                RunningJob one =
                    running(job, c, n, start_of_tests + seconds(600 + job * 7'919 % 86'400));
                one.pool = name;
                one.queue = path_of(static_cast<int>(job % projects));
                world.occupy(one);
            }
        }
    }
}

void add_jobs(World& world, int jobs, int shapes) {
    world.reserve(static_cast<std::size_t>(jobs));
    for (int s = 1; s <= shapes; ++s) {
        JobSpec one = spec({.chip = chips[s % 3], .chips = 1 + s % 8, .hours = 1 + s % 24});
        one.resources.memory_mib = 1024 + s;
        world.put_shape({static_cast<std::uint32_t>(s)}, one);
    }
    std::mt19937 random(1);
    for (int j = 1; j <= jobs; ++j) {
        const auto shape = static_cast<std::uint32_t>(1 + random() % shapes);
        QueuedJob one = queued(static_cast<std::uint64_t>(j), shape);
        one.queue = path_of(static_cast<int>(random() % projects));
        one.submitted = start_of_tests - seconds(jobs - j);
        world.enqueue(one);
    }
}

World make_world(int jobs, int shapes, Nodes state) {
    World world;
    add_supply(world);
    if (state == Nodes::taken) take_all(world);
    add_jobs(world, jobs, shapes);
    return world;
}

std::size_t take_up(World& world, const Decisions& decisions) {
    std::size_t placed = 0;
    for (const ClassDecision& one : decisions.classes) {
        for (const Placement& placement : one.placements) {
            const Candidate& offer = one.table.candidates[placement.candidate];
            const std::string queue = world.find_queued(placement.job)->queue;
            world.dequeue(placement.job);
            world.occupy({.job = placement.job,
                          .center = offer.center,
                          .pool = offer.pool,
                          .nodes = placement.nodes,
                          .until = offer.end,
                          .queue = queue});
            ++placed;
        }
    }
    return placed;
}

int jobs_of(const benchmark::State& bench) { return static_cast<int>(bench.range(0)); }
int shapes_of(const benchmark::State& bench) { return static_cast<int>(bench.range(1)); }

void build(benchmark::State& bench) {
    for (auto _ : bench) {
        World world;
        add_jobs(world, jobs_of(bench), shapes_of(bench));
        benchmark::DoNotOptimize(world);
    }
}

void place(benchmark::State& bench) {
    std::size_t placed = 0;
    for (auto _ : bench) {
        bench.PauseTiming();
        World world = make_world(jobs_of(bench), shapes_of(bench), Nodes::free);
        OfferBook book;
        bench.ResumeTiming();
        for (std::size_t all = 0, before = 1; all < wanted && all != before;) {
            before = all;
            all += take_up(world, decide(world, policy(), book, start_of_tests));
            placed += all - before;
        }
    }
    bench.SetItemsProcessed(static_cast<std::int64_t>(placed));
    bench.counters["placed"] = static_cast<double>(placed);
}

void round_of_a_full_house(benchmark::State& bench) {
    World world = make_world(jobs_of(bench), shapes_of(bench), Nodes::taken);
    OfferBook book;
    (void)decide(world, policy(), book, start_of_tests);
    for (auto _ : bench) benchmark::DoNotOptimize(decide(world, policy(), book, start_of_tests));
}

void round_after_a_hundredth_changed(benchmark::State& bench) {
    World world = make_world(jobs_of(bench), shapes_of(bench), Nodes::taken);
    OfferBook book;
    (void)decide(world, policy(), book, start_of_tests);
    std::uint64_t job = 10'000'000;
    std::size_t placed = 0;
    for (auto _ : bench) {
        bench.PauseTiming();
        for (int i = 0; i < centers * nodes * 3 / 100; ++i) world.vacate({job += 97});
        bench.ResumeTiming();
        const Decisions decisions = decide(world, policy(), book, start_of_tests);
        bench.PauseTiming();
        placed += take_up(world, decisions);
        bench.ResumeTiming();
    }
    bench.counters["placed"] = static_cast<double>(placed);
}

constexpr int million = 1'000'000;
BENCHMARK(build)->Args({million, 1'000})->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(place)
    ->Args({million, 1})
    ->Args({million, 1'000})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);
BENCHMARK(round_of_a_full_house)->Args({million, 1'000})->Unit(benchmark::kMillisecond);
BENCHMARK(round_after_a_hundredth_changed)
    ->Args({million, 1'000})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(5);

}  // namespace

BENCHMARK_MAIN();
