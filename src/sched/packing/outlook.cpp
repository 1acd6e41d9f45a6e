#include "sched/packing/outlook.h"

namespace dayu::sched {

NodeOutlook::NodeOutlook(std::span<const std::vector<OfferedRequest>> offers, Size size)
    : size_(size) {
    for (const std::vector<OfferedRequest>& of_model : offers)
        by_model_.emplace_back(of_model,
                               OfferSequences::Size{.sequences = size.look, .offers = size.offers});
}

double NodeOutlook::idle_in_the_end(const NodeState& node, Care care) {
    const OfferSequences& sequences = by_model_[static_cast<std::size_t>(node.model)];
    Idle& idle = known_[node];
    if (idle.glance == unplayed) idle.glance = sequences.idle_after(node, {0, size_.glance});
    if (care == Care::glance)
        return static_cast<double>(idle.glance) / static_cast<double>(size_.glance);
    if (idle.beyond == unplayed)
        idle.beyond = sequences.idle_after(node, {size_.glance, size_.look});
    return static_cast<double>(idle.glance + idle.beyond) / static_cast<double>(size_.look);
}

}  // namespace dayu::sched
