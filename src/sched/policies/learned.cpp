// The same offers and nodes as least-cost, but short jobs go first: each is ranked as if it had come later by what it will
// probably take, as learned from those that ran. For queues in which users ask for far more time than they need.
#include "sched/policies/cost.h"
#include "sched/policy.h"

namespace dayu::sched {
namespace {

class Learned : public Policy {
   public:
    std::string_view name() const override { return "learned"; }

    std::optional<LearnedOrder> order() const override { return LearnedOrder{}; }

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

const Policy& learned() {
    static const Learned policy;
    return policy;
}

}  // namespace dayu::sched
