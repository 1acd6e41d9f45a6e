#include "tests/property/replay/queue_of_jobs.h"

#include <algorithm>

#include <fmt/core.h>

#include "sim/random.h"
#include "tests/scenario/job_options.h"

namespace dayu::property {
namespace {

constexpr std::int64_t hour_s = 3600;
constexpr std::int64_t jobs = 120;
const std::string chip = "H20";

Center center_of(sim::Random& random, int number) {
    Center center = *scenario::center_of({.verb = "center", .words = {}, .options = {}},
                                         fmt::format("center-{}", number));
    center.region = "cn/test/here";
    Pool& pool = center.pools.front();
    pool.chip = chip;
    pool.nodes = random.between(1, 3);
    pool.chips_per_node = 4;
    pool.cpus_per_node = 32;
    pool.memory_mib_per_node = 65'536;
    pool.price_per_chip_hour = {random.between(9, 11) * micro_yuan_per_yuan};
    return center;
}

Queue queue_of(sim::Random& random, const std::string& project) {
    Queue queue{.path = sim::trace_queue(project),
                .weight_milli = random.between(1, 4) * 500,
                .quotas = {}};
    if (random.chance(500)) {
        queue.quotas = {
            {.chip = chip, .guaranteed_milli = random.between(1, 4) * 1000, .limit_milli = {}}};
    }
    return queue;
}

sim::TraceJob job_of(sim::Random& random, std::int64_t most_chips, std::uint32_t projects) {
    sim::TraceJob job;
    job.arrival_s = 60 * random.between(0, 12 * 60);
    job.duration_s = random.chance(200) ? random.between(1, 60) : random.between(60, 3 * hour_s);
    if (random.chance(500)) job.requested_s = job.duration_s + 600 * random.between(0, 12);
    job.chips_milli = random.chance(200) ? 500 : 1000 * random.between(1, most_chips);
    job.project = static_cast<std::uint32_t>(random.index(projects));
    job.user = static_cast<std::uint32_t>(random.between(1, 3));
    job.name = static_cast<std::uint32_t>(random.between(1, 2));
    return job;
}

}  // namespace

QueueOfJobs queue_of_jobs(std::uint64_t seed, Crowd crowd) {
    sim::Random random(seed);
    QueueOfJobs made;
    sim::WorldFile& world = made.world;
    const bool is_mixed = crowd == Crowd::mixed;
    world.chips = {scenario::chip_named(chip)};
    world.centers.push_back(center_of(random, 1));
    if (is_mixed && random.chance(500)) world.centers.push_back(center_of(random, 2));
    world.jobs.chip = chip;
    world.jobs.time_limits = {seconds(hour_s), seconds(2 * hour_s), seconds(4 * hour_s)};
    world.jobs.preemptible = is_mixed && random.chance(500);
    made.trace.projects = {"a"};
    if (is_mixed) made.trace.projects = {"a", "b", "c"};
    for (const std::string& project : made.trace.projects)
        if (is_mixed) world.queues.push_back(queue_of(random, project));
    std::int64_t nodes = 0;
    for (const Center& center : world.centers) nodes = std::max(nodes, center.pools[0].nodes);
    const auto projects = static_cast<std::uint32_t>(made.trace.projects.size());
    for (std::int64_t i = 0; i < jobs; ++i)
        made.trace.jobs.push_back(job_of(random, nodes * 4, projects));
    std::ranges::sort(made.trace.jobs);
    return made;
}

std::string started(JobId job, CenterId center, const std::string& pool,
                    const std::vector<NodeShare>& nodes) {
    std::string words = fmt::format("{} starts at {} in {} on", job.value, center.value, pool);
    for (const NodeShare& share : nodes)
        words += fmt::format(" {}:{}", share.node, share.chips_milli);
    return words;
}

std::string ended(JobId job) { return fmt::format("{} is done", job.value); }

}  // namespace dayu::property
