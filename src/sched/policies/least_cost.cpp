// The default: the cheapest offers, packed tightly, and jobs in the order in which they came.
#include "sched/policies/cost.h"

namespace dayu::sched {
namespace {

class LeastCost : public ByCost {
   public:
    std::string_view name() const override { return "least-cost"; }
};

}  // namespace

const Policy& least_cost() {
    static const LeastCost policy;
    return policy;
}

}  // namespace dayu::sched
