#include "sched/round/evict.h"

#include <algorithm>
#include <map>
#include <set>

#include "sched/wide.h"

namespace dayu::sched {
namespace {

using Standings = std::map<JobId, Standing>;

// What stopping jobs on one node would bring.
struct NodeChoice {
    std::int64_t cost = 0;  // chips of the victims that this node alone would need
    std::int64_t node = 0;
    std::vector<JobId> victims;
};

// The more important first; among equals the one that would lose more.
bool stays_before(const Standing& a, const Standing& b) {
    return std::pair{a.importance, a.ran} > std::pair{b.importance, b.ran};
}

// Whom the job needs to go from this node; nothing where it would not fit even so.
std::optional<NodeChoice> choose_on(const PoolView& view, std::int64_t node, const Resources& needs,
                                    const Standings& standings) {
    NodeView free = view.free().at(node);
    std::vector<const NodeJob*> out;
    for (const NodeJob& one : view.jobs_on(node)) {
        const Standing& standing = standings.at(one.job);
        if (!standing.is_stopping && !standing.may_be_stopped) continue;
        free = free + one.share;
        if (!standing.is_stopping) out.push_back(&one);
    }
    if (!fits(free, needs)) return std::nullopt;
    free = free - share_of(node, needs);
    std::ranges::sort(out, [&](const NodeJob* a, const NodeJob* b) {
        const Standing &first = standings.at(a->job), &second = standings.at(b->job);
        if (stays_before(first, second)) return true;
        return !stays_before(second, first) && a->job < b->job;
    });
    NodeChoice choice{.cost = 0, .node = node, .victims = {}};
    for (const NodeJob* one : out) {
        const Resources back{.chip = {},
                             .chips_milli = one->share.chips_milli,
                             .cpus = one->share.cpus,
                             .memory_mib = one->share.memory_mib};
        if (fits(free, back)) {
            free = free - one->share;
        } else {
            choice.victims.push_back(one->job);
            choice.cost += standings.at(one->job).chips_milli;
        }
    }
    return choice;
}

Standings standings_in(const PoolView& view, const std::function<Standing(JobId)>& standing_of) {
    Standings standings;
    for (std::int64_t node = 0; node < view.free().size(); ++node) {
        for (const NodeJob& one : view.jobs_on(node)) {
            if (!standings.contains(one.job)) standings.emplace(one.job, standing_of(one.job));
        }
    }
    return standings;
}

// A gang that was chosen as a victim on one node is gone from all of them: others may now stay.
void spare_who_fits(const PoolView& view, const Resources& needs,
                    const std::vector<NodeChoice>& chosen, const Standings& standings,
                    std::set<JobId>& victims) {
    std::vector<JobId> order(victims.begin(), victims.end());
    std::ranges::sort(order, [&](JobId a, JobId b) {
        if (stays_before(standings.at(a), standings.at(b))) return true;
        return !stays_before(standings.at(b), standings.at(a)) && a < b;
    });
    for (const JobId candidate : order) {
        const bool needed = std::ranges::any_of(chosen, [&](const NodeChoice& choice) {
            NodeView free = view.free().at(choice.node);
            for (const NodeJob& one : view.jobs_on(choice.node)) {
                const bool goes = standings.at(one.job).is_stopping ||
                                  (one.job != candidate && victims.contains(one.job));
                if (goes) free = free + one.share;
            }
            return !fits(free, needs);
        });
        if (!needed) victims.erase(candidate);
    }
}

}  // namespace

std::optional<Eviction> evict(const PoolView& view, const Resources& needs, std::int64_t nodes,
                              const std::function<Standing(JobId)>& standing_of) {
    const Standings standings = standings_in(view, standing_of);
    std::vector<NodeChoice> choices;
    for (std::int64_t node = 0; node < view.free().size(); ++node) {
        if (view.free().is_closed(node) || view.free().is_aside(node)) continue;
        if (auto choice = choose_on(view, node, needs, standings))
            choices.push_back(*std::move(choice));
    }
    if (std::ssize(choices) < nodes) return std::nullopt;
    std::ranges::sort(choices, {},
                      [](const NodeChoice& choice) { return std::pair{choice.cost, choice.node}; });
    choices.resize(static_cast<std::size_t>(nodes));
    std::set<JobId> victims;
    for (const NodeChoice& choice : choices) {
        victims.insert(choice.victims.begin(), choice.victims.end());
    }
    spare_who_fits(view, needs, choices, standings, victims);
    if (victims.empty()) return std::nullopt;

    Eviction eviction;
    for (const NodeChoice& choice : choices) eviction.nodes.push_back(share_of(choice.node, needs));
    std::ranges::sort(eviction.nodes, {}, &NodeShare::node);
    for (const JobId victim : victims) {
        const Standing& standing = standings.at(victim);
        eviction.victims.push_back(victim);
        eviction.chips_milli += standing.chips_milli;
        eviction.lost = saturating_sum(
            {eviction.lost, product_over({standing.chips_milli, standing.ran.ms}, 1)});
    }
    return eviction;
}

}  // namespace dayu::sched
