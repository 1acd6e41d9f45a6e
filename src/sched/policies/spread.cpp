// The same offers as least-cost, but jobs keep apart: each takes the emptiest nodes of its pool. A lost
// node then takes fewer jobs with it, and neighbours share less memory bandwidth; the price is that
// whole nodes for gangs become rare. For centres that mostly serve small services and notebooks.
#include "sched/policies/cost.h"

namespace dayu::sched {
namespace {

class Spread : public ByCost {
   public:
    std::string_view name() const override { return "spread"; }

    std::optional<std::vector<NodeShare>> choose_nodes(const FreeNodes& free,
                                                       const Resources& needs,
                                                       std::int64_t nodes) const override {
        return first_nodes_of(free, std::views::reverse(free.shapes_for(needs)), needs, nodes);
    }
};

}  // namespace

const Policy& spread() {
    static const Spread policy;
    return policy;
}

}  // namespace dayu::sched
