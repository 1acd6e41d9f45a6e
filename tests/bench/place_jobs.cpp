// Gives the jobs of mixed_jobs.py to the scheduler alone, all at once, and holds rounds until nothing more starts.
//
//   place_jobs CHIPS_PER_NODE CPUS_PER_NODE MEMORY_MIB_PER_NODE NODES_OF_A_KIND CHIP... < jobs
//
// One centre with a pool of each chip. A line of the input is a job: CHIP NODES CHIPS CPUS MEMORY_MIB MINUTES, and
// `-` for no chip; chips, CPUs and memory are of each node. Prints, as JSON, what it took, the numbers of the lines that were placed (from 0), and
// what each node has left.
#include <cstdlib>
#include <iostream>
#include <string>

#include "base/check.h"
#include "fed_world.h"

namespace dayu::bench {
namespace {

constexpr Time start_of_time{1'800'000'000'000};

Center read_center(int count, char** words) {
    CHECK(count >= 6);
    Center center;
    center.name = "beside";
    center.region = "cn/beside";
    center.engine.kind = "process";
    for (int i = 5; i < count; ++i) {
        center.pools.push_back({.name = words[i],
                                .chip = words[i],
                                .nodes = std::atoll(words[4]),
                                .chips_per_node = std::atoll(words[1]),
                                .cpus_per_node = std::atoll(words[2]),
                                .memory_mib_per_node = std::atoll(words[3]),
                                .price_per_chip_hour = {micro_yuan_per_yuan},
                                .price_per_cpu_hour = {micro_yuan_per_yuan}});
    }
    return center;
}

// The shape of each line; shapes are listed once.
std::vector<std::uint32_t> read_jobs(std::istream& in, std::vector<JobSpec>& shapes) {
    std::vector<std::uint32_t> jobs;
    JobSpec spec;
    std::int64_t chips = 0, minutes = 0;
    Resources& needs = spec.resources;
    while (in >> needs.chip >> spec.nodes >> chips >> needs.cpus >> needs.memory_mib >> minutes) {
        if (needs.chip == "-") needs.chip.clear();
        needs.chips_milli = chips * 1000;
        spec.time_limit = seconds(60 * minutes);
        const auto at = std::ranges::find(shapes, spec);
        jobs.push_back(static_cast<std::uint32_t>(at - shapes.begin()));
        if (at == shapes.end()) shapes.push_back(spec);
    }
    return jobs;
}

template <class List, class Write>
std::string json_list(const List& list, Write&& write) {
    std::string text;
    for (const auto& one : list) text += (text.empty() ? "" : ",") + write(one);
    return "[" + text + "]";
}

JsonObject free_chips(const FedWorld& world) {
    JsonObject by_chip;
    for (const auto& [name, pool] : world.world().centers().at({1}).pools) {
        std::vector<std::int64_t> left;
        for (std::int64_t node = 0; node < pool.free().size(); ++node) {
            left.push_back(pool.free().at(node).free_chips_milli / 1000);
        }
        by_chip.raw(name,
                    json_list(left, [](std::int64_t chips) { return std::to_string(chips); }));
    }
    return by_chip;
}

void run(int count, char** words) {
    const Center center = read_center(count, words);
    std::vector<Chip> chips;
    for (const Pool& pool : center.pools) chips.emplace_back().name = pool.chip;
    std::vector<JobSpec> shapes;
    const std::vector<std::uint32_t> jobs = read_jobs(std::cin, shapes);
    FedWorld world({.chips = chips, .centers = {&center, 1}, .shapes = shapes, .queues = {}},
                   [&](JobId job) {
                       return sched::QueuedJob{.job = job,
                                               .shape = {jobs[job.value - 1] + 1},
                                               .queue = "beside/beside",
                                               .submitted = start_of_time};
                   });
    world.build_supply();
    for (std::uint64_t i = 0; i < jobs.size(); ++i) world.submit({i + 1});
    Took took;
    std::int64_t rounds = 0;
    for (bool unfinished = true; unfinished; ++rounds) {
        const Round round = world.round(start_of_time);
        took += round.whole();
        unfinished = round.unfinished;
    }
    const auto number = [](const Started& one) { return std::to_string(one.job.value - 1); };
    fmt::print("{}\n", JsonObject()
                           .add("took_ms", took)
                           .add("rounds", rounds)
                           .add("shapes", std::ssize(shapes))
                           .raw("placed", json_list(world.running(), number))
                           .add("free_chips", free_chips(world))
                           .text());
}

}  // namespace
}  // namespace dayu::bench

int main(int count, char** words) { dayu::bench::run(count, words); }
