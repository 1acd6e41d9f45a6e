#include "sched/packing/outlook.h"

namespace dayu::sched {

NodeOutlook::NodeOutlook(std::span<const std::vector<OfferedRequest>> offers,
                         OfferSequences::Size size) {
    for (const std::vector<OfferedRequest>& of_model : offers)
        by_model_.emplace_back(of_model, size);
}

double NodeOutlook::idle_in_the_end(const NodeState& node) {
    const auto [at, is_new] = known_.try_emplace(node, 0.0);
    if (is_new) at->second = by_model_[static_cast<std::size_t>(node.model)].idle_after(node);
    return at->second;
}

}  // namespace dayu::sched
