// Chips in use before free ones, and nodes in use before free nodes.
#include <algorithm>

#include "sched/packing/policies.h"

namespace dayu::sched {
namespace {

// As published: a part of a chip in use scores 50 to 100, free chips of a node in use 33 to 50, of an idle node up to 33.
constexpr std::int64_t best_on_used_chips = 100;
constexpr std::int64_t least_on_used_chips = 50;
constexpr std::int64_t least_on_used_node = 33;

std::int64_t score_of(const NodeState& node, const PackRequest& request) {
    if (request.chips == 0) return 0;
    const auto chips = static_cast<std::int64_t>(node.left.size());
    if (node.left.with_at_least(whole_chip) == chips)
        return std::max(least_on_used_node - chips, chips);
    ChipsLeft left = node.left;
    std::ranges::sort(left);
    std::int32_t missing = request.chips;
    std::int64_t free_taken = 0, left_taken = 0;
    for (const std::int16_t milli : left) {
        if (missing == 0) break;
        if (milli < request.chip_milli) continue;
        --missing;
        free_taken += milli == whole_chip ? 1 : 0;
        left_taken += milli / 10;
    }
    if (free_taken > 0) return std::max(least_on_used_chips - free_taken, least_on_used_node);
    return std::max(best_on_used_chips - left_taken / 10, least_on_used_chips);
}

class GpuPacking : public PackingPolicy {
   public:
    std::string_view name() const override { return "gpu-packing"; }

    PackScore score(StateId, const NodeState& node, const PackRequest& request) override {
        return {.score = score_of(node, request),
                .chip = tightest_chip(node.left, request.chip_milli)};
    }
};

}  // namespace

std::unique_ptr<PackingPolicy> gpu_packing() { return std::make_unique<GpuPacking>(); }

}  // namespace dayu::sched
