// The same offers as least-cost, but jobs keep apart: each takes the emptiest nodes of its pool. A lost
// node then takes fewer jobs with it, and neighbours share less memory bandwidth; the price is that
// whole nodes for gangs become rare. For centres that mostly serve small services and notebooks.
#include "sched/policies/cost.h"
#include "sched/policy.h"

namespace dayu::sched {
namespace {

class Spread : public Policy {
   public:
    std::string_view name() const override { return "spread"; }

    Money objective(const Candidate& offer, const JobSpec& spec, Time now) const override {
        return cost_of(offer, spec, now);
    }

    std::optional<std::vector<NodeShare>> choose_nodes(const Pool&, std::span<const NodeView> nodes,
                                                       const JobSpec& spec) const override {
        return first_nodes_by(nodes, spec, [](const NodeView& node) {
            return std::pair{-node.free_chips_milli, -node.free_cpus};
        });
    }
};

}  // namespace

const Policy& spread() {
    static const Spread policy;
    return policy;
}

}  // namespace dayu::sched
