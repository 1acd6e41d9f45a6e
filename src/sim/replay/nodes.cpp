#include "sim/replay/nodes.h"

#include <algorithm>
#include <tuple>

namespace dayu::sim {

Nodes::Nodes(std::int64_t chips, std::int64_t chips_a_node, std::size_t jobs)
    : chips_a_node_(chips_a_node), places_(jobs) {
    for (; chips > 0; chips -= chips_a_node) free_.push_back(std::min(chips, chips_a_node));
    claimed_.resize(free_.size());
}

void Nodes::leave(std::uint32_t job) {
    for (const Part& part : places_[job]) free_[part.node] += part.chips;
    places_[job].clear();
}

Nodes::Outcome Nodes::place(std::span<const Sized> jobs) {
    std::vector<Sized> starting;
    for (const Sized& sized : jobs) {
        if (places_[sized.job].empty()) starting.push_back(sized);
    }
    if (fill_gaps(starting)) return {};
    return place_anew(jobs);
}

// Takes back what it has placed if one of them finds no room.
bool Nodes::fill_gaps(std::span<const Sized> starting) {
    for (const Need& need : parts_of(starting)) {
        const std::int64_t node = best_node(need.chips);
        if (node < 0) {
            for (const Sized& sized : starting) leave(sized.job);
            return false;
        }
        take(need.job, node, need.chips);
    }
    return true;
}

Nodes::Outcome Nodes::place_anew(std::span<const Sized> jobs) {
    const std::vector<Need> needs = parts_of(jobs);
    for (const Sized& sized : jobs) leave(sized.job);
    for (const Need& need : needs) {
        if (need.before >= 0) claimed_[static_cast<std::size_t>(need.before)] += need.chips;
    }
    Outcome outcome;
    for (const Need& need : needs) {
        std::int64_t node = need.before;
        if (node >= 0) claimed_[static_cast<std::size_t>(node)] -= need.chips;
        if (std::ranges::find(outcome.left_out, need.job) != outcome.left_out.end()) continue;
        if (node < 0 || free_[static_cast<std::size_t>(node)] < need.chips) {
            node = best_node(need.chips);
            if (node < 0) {
                leave(need.job);
                outcome.left_out.push_back(need.job);
                continue;
            }
            if (need.before >= 0) outcome.moved.push_back(need.job);
        }
        take(need.job, node, need.chips);
    }
    std::ranges::sort(outcome.moved);
    const auto twice = std::ranges::unique(outcome.moved);
    outcome.moved.erase(twice.begin(), twice.end());
    std::erase_if(outcome.moved, [&](std::uint32_t job) { return places_[job].empty(); });
    return outcome;
}

// The largest first; of equal ones those that have a place, so that they keep it.
std::vector<Nodes::Need> Nodes::parts_of(std::span<const Sized> jobs) const {
    std::vector<Need> needs;
    for (const Sized& sized : jobs) {
        const std::vector<Part>& place = places_[sized.job];
        auto before = place.begin();
        for (std::int64_t left = sized.chips; left > 0; left -= chips_a_node_) {
            needs.push_back(
                {.job = sized.job,
                 .chips = std::min(left, chips_a_node_),
                 .before = before == place.end() ? -1 : std::int64_t{(before++)->node}});
        }
    }
    std::ranges::sort(needs, {}, [](const Need& need) {
        return std::tuple(-need.chips, need.before < 0, need.job, need.before);
    });
    return needs;
}

// Where the fewest chips of others are pushed out; of such nodes the fullest.
std::int64_t Nodes::best_node(std::int64_t chips) const {
    std::int64_t best = -1;
    std::pair<std::int64_t, std::int64_t> least;
    for (std::size_t node = 0; node < free_.size(); ++node) {
        if (free_[node] < chips) continue;
        const std::int64_t room = free_[node] - claimed_[node] - chips;
        const std::pair cost{std::max<std::int64_t>(-room, 0), room};
        if (best < 0 || cost < least) {
            best = static_cast<std::int64_t>(node);
            least = cost;
        }
    }
    return best;
}

void Nodes::take(std::uint32_t job, std::int64_t node, std::int64_t chips) {
    free_[static_cast<std::size_t>(node)] -= chips;
    places_[job].push_back({static_cast<std::uint32_t>(node), chips});
}

}  // namespace dayu::sim
