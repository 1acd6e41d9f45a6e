// The node on which the least is left, and on it the chip: CPU and chips weigh the same, each as a share of the largest
// node.
#include <cmath>

#include "sched/packing/policies.h"

namespace dayu::sched {
namespace {

// As published: the largest node has 128 cores and 8 chips.
constexpr double largest_cpu_milli = 128'000;
constexpr double largest_chips_milli = 8'000;

class BestFit : public PackingPolicy {
   public:
    std::string_view name() const override { return "best-fit"; }

    PackScore score(StateId, const NodeState& node, const PackRequest& request) override {
        const auto cpu = static_cast<double>(node.cpu_milli - request.cpu_milli);
        const auto chips = static_cast<double>(node.left.sum() - request.total_milli());
        const double tightness =
            1 - 0.5 * cpu / largest_cpu_milli - 0.5 * chips / largest_chips_milli;
        return {.score = static_cast<std::int64_t>(std::floor(100 * tightness)),
                .chip = tightest_chip(node.left, request.chip_milli)};
    }
};

}  // namespace

std::unique_ptr<PackingPolicy> best_fit() { return std::make_unique<BestFit>(); }

}  // namespace dayu::sched
