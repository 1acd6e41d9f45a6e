#include "sched/offer_book.h"

#include "sched/round/offers.h"

namespace dayu::sched {
namespace {

// Shapes that are remembered, at most: about 25 kB each with 300 pools.
constexpr std::size_t max_shapes = 4096;

}  // namespace

OfferBook::OfferBook() = default;
OfferBook::~OfferBook() = default;
OfferBook::OfferBook(OfferBook&&) noexcept = default;
OfferBook& OfferBook::operator=(OfferBook&&) noexcept = default;

ShapeOffers& OfferBook::of(const World& world, const Policy& policy, ShapeId shape) {
    if (policy_ != &policy || supply_version_ != world.supply_version()) shapes_.clear();
    policy_ = &policy;
    supply_version_ = world.supply_version();
    std::unique_ptr<ShapeOffers>& known = shapes_[shape];
    if (!known || (known->moves_data && known->data_version != world.data_version()))
        known = std::make_unique<ShapeOffers>(world, policy, world.spec_of(shape));
    return *known;
}

void OfferBook::trim() {
    if (shapes_.size() > max_shapes) shapes_.clear();
}

}  // namespace dayu::sched
