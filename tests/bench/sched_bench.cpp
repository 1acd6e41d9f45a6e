// Placements a second of the scheduler alone: 200,000 jobs of so many shapes wait for 100 centres of
// 1,000 nodes; rounds go on, and the World takes up what each decided, until 100,000 are placed. Then what a
// round costs that can place nothing: every node is taken and the queue is full.
#include <benchmark/benchmark.h>

#include "sched/decide.h"
#include "sched/testing/worlds.h"

namespace {

using namespace dayu;
using namespace dayu::sched;
using namespace dayu::sched::testing;

constexpr int centers = 100;
constexpr int nodes = 1'000;
constexpr int jobs = 200'000;
constexpr std::size_t wanted = 100'000;

enum class Nodes { free, taken };

World make_world(int shapes, Nodes state) {
    World world;
    world.put_chip(chip("A100"));
    std::uint64_t running_job = 10'000'000;
    for (int c = 1; c <= centers; ++c) {
        const Pool offered = pool({.nodes = nodes});
        world.put_center({static_cast<std::uint32_t>(c)},
                         center("center-" + std::to_string(c), {offered}), {});
        if (state == Nodes::free) continue;
        for (int n = 0; n < nodes; ++n) {
            world.occupy(
                running(++running_job, c, n, start_of_tests + seconds(600 + n * 7'919 % 86'400)));
        }
    }
    for (int s = 1; s <= shapes; ++s) {
        world.put_shape({static_cast<std::uint32_t>(s)}, spec({.chips = 1 + s % 8, .hours = 1}));
    }
    for (int j = 1; j <= jobs; ++j) world.enqueue(queued(j, 1 + j % shapes));
    return world;
}

std::size_t take_up(World& world, const Decisions& decisions) {
    std::size_t placed = 0;
    for (const ClassDecision& one : decisions.classes) {
        for (const Placement& placement : one.placements) {
            const Candidate& offer = one.table.candidates[placement.candidate];
            world.dequeue(placement.job);
            world.occupy(
                {placement.job, offer.center, offer.pool, placement.nodes, start_of_tests + hour});
            ++placed;
        }
    }
    return placed;
}

void place(benchmark::State& bench) {
    std::size_t placed = 0;
    for (auto _ : bench) {
        bench.PauseTiming();
        World world = make_world(static_cast<int>(bench.range(0)), Nodes::free);
        for (std::size_t now = 0, before = 1; now < wanted && now != before;) {
            before = now;
            bench.ResumeTiming();
            const Decisions decisions = decide(world, policy(), start_of_tests);
            bench.PauseTiming();
            now += take_up(world, decisions);
            placed += now - before;
        }
        bench.ResumeTiming();
    }
    bench.SetItemsProcessed(static_cast<std::int64_t>(placed));
    bench.counters["placed"] = static_cast<double>(placed);
}

void round_of_a_full_house(benchmark::State& bench) {
    const World world = make_world(static_cast<int>(bench.range(0)), Nodes::taken);
    for (auto _ : bench) benchmark::DoNotOptimize(decide(world, policy(), start_of_tests));
}

BENCHMARK(place)->Arg(1)->Arg(1'000)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(round_of_a_full_house)->Arg(1)->Arg(1'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
