#include "sched/round/evict.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "sched/wide.h"

namespace dayu::sched {
namespace {

using StandingOf = std::function<Standing(JobId)>;

// What stopping jobs on one node would come to.
struct Cost {
    std::int64_t chips_milli = 0;
    std::int64_t lost = 0;

    auto operator<=>(const Cost&) const = default;
    void add(const Standing& victim) {
        chips_milli += victim.chips_milli;
        lost = saturating_sum({lost, product_over({victim.chips_milli, victim.ran.ms}, 1)});
    }
};

struct NodeChoice {
    Cost cost;  // of the victims that this node alone would need
    std::int64_t node = 0;
    std::vector<JobId> victims;
};

struct Evictable {
    JobId job;
    Standing standing;
    NodeShare share;
};

// The more important first; among equals the one that would lose more.
bool stays_before(const Evictable& a, const Evictable& b) {
    return std::tuple{b.standing.importance, b.standing.ran, a.job} <
           std::tuple{a.standing.importance, a.standing.ran, b.job};
}

// Whom the job needs to go from this node; nothing where it would not fit even so.
std::optional<NodeChoice> choose_on(const PoolView& view, std::int64_t node, const Resources& needs,
                                    const StandingOf& standing_of) {
    NodeView free = view.free().at(node);
    std::vector<Evictable> out;
    for (const NodeJob& one : view.jobs_on(node)) {
        const Standing standing = standing_of(one.job);
        if (!standing.is_stopping && !standing.may_be_stopped) continue;
        free = free + one.share;
        if (!standing.is_stopping) out.push_back({one.job, standing, one.share});
    }
    if (!fits(free, needs)) return std::nullopt;
    free = free - share_of(node, needs);
    std::ranges::sort(out, stays_before);
    NodeChoice choice{.cost = {}, .node = node, .victims = {}};
    for (const Evictable& one : out) {
        if (const NodeView with = free - one.share; !is_overcommitted(with)) {
            free = with;
        } else {
            choice.victims.push_back(one.job);
            choice.cost.add(one.standing);
        }
    }
    return choice;
}

// The nodes that cost least. What a gang loses counts on each of its nodes.
std::vector<NodeChoice> choose(const PoolView& view, const Resources& needs, std::int64_t nodes,
                               const StandingOf& standing_of) {
    std::vector<NodeChoice> choices;
    for (std::int64_t node = 0; node < view.free().size(); ++node) {
        if (view.free().is_closed(node) || view.free().is_aside(node)) continue;
        if (auto choice = choose_on(view, node, needs, standing_of))
            choices.push_back(*std::move(choice));
    }
    if (std::ssize(choices) < nodes) return {};
    std::ranges::sort(choices, {},
                      [](const NodeChoice& choice) { return std::pair{choice.cost, choice.node}; });
    choices.resize(static_cast<std::size_t>(nodes));
    return choices;
}

// All that the victims of these choices have there, the most important first.
std::vector<Evictable> places_of_victims(const PoolView& view,
                                         const std::vector<NodeChoice>& choices,
                                         const StandingOf& standing_of) {
    std::set<JobId> victims;
    for (const NodeChoice& choice : choices)
        victims.insert(choice.victims.begin(), choice.victims.end());
    std::vector<Evictable> places;
    for (const NodeChoice& choice : choices) {
        for (const NodeJob& one : view.jobs_on(choice.node)) {
            if (victims.contains(one.job))
                places.push_back({one.job, standing_of(one.job), one.share});
        }
    }
    std::ranges::sort(places, stays_before);
    return places;
}

// What each chosen node has left beside the job when all victims have gone, and what stops anyway.
using Room = std::map<std::int64_t, NodeView>;
Room room_on(const PoolView& view, const std::vector<NodeChoice>& choices,
             const std::vector<Evictable>& victims, const Resources& needs,
             const StandingOf& standing_of) {
    Room room;
    for (const NodeChoice& choice : choices) {
        NodeView free = view.free().at(choice.node) - share_of(choice.node, needs);
        for (const NodeJob& one : view.jobs_on(choice.node)) {
            if (standing_of(one.job).is_stopping) free = free + one.share;
        }
        room.emplace(choice.node, free);
    }
    for (const Evictable& one : victims) room[one.share.node] = room[one.share.node] + one.share;
    return room;
}

// True: it stays, as the job fits beside it on all its nodes.
bool put_back(std::span<const Evictable> places, Room& room) {
    const bool has_room = std::ranges::none_of(places, [&](const Evictable& one) {
        return is_overcommitted(room.at(one.share.node) - one.share);
    });
    if (!has_room) return false;
    for (const Evictable& one : places) room[one.share.node] = room[one.share.node] - one.share;
    return true;
}

}  // namespace

std::optional<Eviction> evict(const PoolView& view, const Resources& needs, std::int64_t nodes,
                              const std::function<Standing(JobId)>& standing_of) {
    const std::vector<NodeChoice> choices = choose(view, needs, nodes, standing_of);
    const std::vector<Evictable> gone = places_of_victims(view, choices, standing_of);
    if (gone.empty()) return std::nullopt;
    // A gang that goes from one node is gone from all of them: others may then stay.
    Room room = room_on(view, choices, gone, needs, standing_of);
    Eviction eviction;
    Cost cost;
    for (auto first = gone.begin(); first != gone.end();) {
        const auto next = std::find_if(first, gone.end(),
                                       [&](const Evictable& one) { return one.job != first->job; });
        if (!put_back({first, next}, room)) {
            eviction.victims.push_back(first->job);
            cost.add(first->standing);
        }
        first = next;
    }
    std::ranges::sort(eviction.victims);
    eviction.chips_milli = cost.chips_milli;
    eviction.lost = cost.lost;
    for (const NodeChoice& choice : choices) eviction.nodes.push_back(share_of(choice.node, needs));
    std::ranges::sort(eviction.nodes, {}, &NodeShare::node);
    return eviction;
}

}  // namespace dayu::sched
