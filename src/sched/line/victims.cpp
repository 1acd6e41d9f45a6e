#include "sched/line/victims.h"

#include <algorithm>
#include <tuple>

namespace dayu::sched {
namespace {

struct Cleared {
    std::int64_t node = 0;
    std::vector<JobId> victims;
};

// Who has to go from one node; nothing where it has no room for the job even so.
std::optional<std::vector<JobId>> clear(const World& world, const PoolPlan& plan, std::int64_t node,
                                        const Resources& needs, Duration left_of_job,
                                        const std::function<Duration(JobId)>& left) {
    struct Runner {
        Duration left;
        const NodeJob* on_node = nullptr;
    };
    NodeView free = plan.view().free().at(node);
    std::vector<Runner> runners;
    for (const NodeJob& one : plan.view().jobs_on(node)) {
        const RunningJob* const running = world.find_running(one.job);
        if (running == nullptr) continue;  // it starts in this round
        if (running->stopping) {
            free = free + one.share;
        } else if (const Duration more = left(one.job); more > left_of_job) {
            runners.push_back({.left = more, .on_node = &one});
        }
    }
    std::ranges::sort(runners, {},
                      [](const Runner& one) { return std::tuple(-one.left.ms, one.on_node->job); });
    std::vector<JobId> victims;
    for (const Runner& one : runners) {
        if (fits(free, needs)) break;
        free = free + one.on_node->share;
        victims.push_back(one.on_node->job);
    }
    if (!fits(free, needs)) return std::nullopt;
    return victims;
}

}  // namespace

std::optional<Ousting> find_ousting(const World& world, const PoolPlan& plan, const JobSpec& spec,
                                    Duration left_of_job,
                                    const std::function<Duration(JobId)>& left) {
    std::vector<Cleared> cleared;
    const FreeNodes& free = plan.view().free();
    for (std::int64_t node = 0; node < free.size(); ++node) {
        if (free.is_closed(node) || free.is_aside(node)) continue;
        if (auto victims = clear(world, plan, node, spec.resources, left_of_job, left))
            cleared.push_back({.node = node, .victims = *std::move(victims)});
    }
    if (std::ssize(cleared) < spec.nodes) return std::nullopt;
    std::ranges::sort(cleared, {},
                      [](const Cleared& one) { return std::pair(one.victims.size(), one.node); });
    cleared.resize(static_cast<std::size_t>(spec.nodes));
    Ousting ousting;
    for (Cleared& one : cleared) {
        ousting.nodes.push_back(one.node);
        for (const JobId victim : one.victims) {
            if (std::ranges::find(ousting.victims, victim) == ousting.victims.end())
                ousting.victims.push_back(victim);
        }
    }
    return ousting;
}

}  // namespace dayu::sched
