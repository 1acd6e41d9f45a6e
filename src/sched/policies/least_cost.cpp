// The default: the cheapest offer by money, waiting and carbon, packed tightly. Best fit keeps whole
// nodes whole for the gangs that need them.
#include "sched/policies/cost.h"
#include "sched/policy.h"

namespace dayu::sched {
namespace {

class LeastCost : public Policy {
   public:
    std::string_view name() const override { return "least-cost"; }

    Money objective(const Terms& terms, const JobSpec& spec) const override {
        return cost_of(terms, spec);
    }

    std::optional<std::vector<NodeShare>> choose_nodes(const FreeNodes& free,
                                                       const Resources& needs,
                                                       std::int64_t nodes) const override {
        return first_nodes_of(free, free.shapes_for(needs), needs, nodes);
    }
};

}  // namespace

const Policy& least_cost() {
    static const LeastCost policy;
    return policy;
}

}  // namespace dayu::sched
