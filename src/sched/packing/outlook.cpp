#include "sched/packing/outlook.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace dayu::sched {
namespace {

// Any will do; it is always the same, so that equal inputs give equal placements.
constexpr std::uint64_t draw_seed = 8;

// A node while a sequence is played; chips in the order of what they have left.
struct Board {
    std::int64_t cpu_milli;
    ChipsLeft left;

    std::int16_t most_left() const { return left[left.size() - 1]; }
    bool has(std::int16_t chips, std::int16_t milli) const {
        const auto count = static_cast<std::size_t>(chips);
        return count <= left.size() && left[left.size() - count] >= milli;
    }
    // Of the tightest chip, which then moves to its new place in the order.
    void take_part(std::int16_t milli) {
        std::int16_t* chip = std::ranges::lower_bound(left, milli);
        const auto rest = static_cast<std::int16_t>(*chip - milli);
        for (; chip != left.begin() && chip[-1] > rest; --chip) *chip = chip[-1];
        *chip = rest;
    }
    // Free chips are the last.
    void take_whole(std::int16_t chips) {
        std::move_backward(left.begin(), left.end() - chips, left.end());
        std::fill_n(left.begin(), chips, std::int16_t{0});
    }
};

}  // namespace

NodeOutlook::NodeOutlook(std::span<const std::vector<OfferedRequest>> offers, Size size)
    : size_(size) {
    for (const std::vector<OfferedRequest>& of_model : offers) by_model_.push_back(draw(of_model));
}

// Each type is drawn as often as its weight says, to the whole number; only the order is left to chance.
NodeOutlook::Sequences NodeOutlook::draw(std::span<const OfferedRequest> offers) const {
    Sequences drawn{.draws = {}, .least_cpu_milli = std::numeric_limits<std::int64_t>::max()};
    const double all =
        std::accumulate(offers.begin(), offers.end(), 0.0,
                        [](double sum, const OfferedRequest& offer) { return sum + offer.weight; });
    const std::size_t count = size_.sequences * size_.offers;
    double reached = 0;
    for (const OfferedRequest& offer : offers) {
        const PackRequest& request = offer.request;
        reached += offer.weight * static_cast<double>(count) / all;
        const auto until = std::min(count, static_cast<std::size_t>(std::lround(reached)));
        if (drawn.draws.size() >= until) continue;
        drawn.draws.resize(until, {request.cpu_milli, static_cast<std::int16_t>(request.chips),
                                   static_cast<std::int16_t>(request.chip_milli)});
        drawn.least_cpu_milli = std::min(drawn.least_cpu_milli, request.cpu_milli);
    }
    std::mt19937_64 random(draw_seed);
    for (std::size_t left = drawn.draws.size(); left > 1; --left)
        std::swap(drawn.draws[left - 1], drawn.draws[random() % left]);
    return drawn;
}

double NodeOutlook::idle_in_the_end(const NodeState& node) {
    const auto [at, is_new] = known_.try_emplace(node, 0.0);
    if (is_new) at->second = play(node);
    return at->second;
}

double NodeOutlook::play(const NodeState& node) const {
    const Sequences& drawn = by_model_[static_cast<std::size_t>(node.model)];
    if (node.left.size() == 0 || drawn.draws.empty()) return node.left.sum();
    std::int64_t idle = 0;
    auto draw = drawn.draws.begin();
    for (std::size_t sequence = 0; sequence < size_.sequences; ++sequence) {
        Board board{node.cpu_milli, node.left};
        const auto end = draw + static_cast<std::ptrdiff_t>(size_.offers);
        for (auto offer = draw; offer != end; ++offer) {
            if (offer->cpu_milli > board.cpu_milli) continue;
            if (offer->chips > 0) {
                if (!board.has(offer->chips, offer->chip_milli)) continue;
                if (offer->chip_milli < whole_chip) {
                    board.take_part(offer->chip_milli);
                } else {
                    board.take_whole(offer->chips);
                }
            }
            board.cpu_milli -= offer->cpu_milli;
            if (board.most_left() == 0 || board.cpu_milli < drawn.least_cpu_milli) break;
        }
        idle += board.left.sum();
        draw = end;
    }
    return static_cast<double>(idle) / static_cast<double>(size_.sequences);
}

}  // namespace dayu::sched
