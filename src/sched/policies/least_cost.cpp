// The default: the cheapest offer by money, waiting and carbon, packed tightly. Best fit keeps whole
// nodes whole for the gangs that need them.
#include "sched/policies/cost.h"
#include "sched/policy.h"

namespace dayu::sched {
namespace {

class LeastCost : public Policy {
   public:
    std::string_view name() const override { return "least-cost"; }

    Money objective(const Candidate& offer, const JobSpec& spec, Time now) const override {
        return cost_of(offer, spec, now);
    }

    std::optional<std::vector<NodeShare>> choose_nodes(const Pool&, std::span<const NodeView> nodes,
                                                       const JobSpec& spec) const override {
        // What is left over ranks as what is free: the needs are the same on every node.
        return first_nodes_by(nodes, spec, [](const NodeView& node) {
            return std::pair{node.free_chips_milli, node.free_cpus};
        });
    }
};

}  // namespace

const Policy& least_cost() {
    static const LeastCost policy;
    return policy;
}

}  // namespace dayu::sched
