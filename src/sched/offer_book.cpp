#include "sched/offer_book.h"

#include "sched/round/memory.h"
#include "sched/round/offers.h"

namespace dayu::sched {
namespace {

// Shapes that are remembered, at most: about 25 kB each with 300 pools.
constexpr std::size_t max_shapes = 4096;

}  // namespace

OfferBook::OfferBook() : memory_(std::make_unique<RoundMemory>()) {}
OfferBook::~OfferBook() = default;
OfferBook::OfferBook(OfferBook&&) noexcept = default;
OfferBook& OfferBook::operator=(OfferBook&&) noexcept = default;

ShapeOffers& OfferBook::of(const World& world, const Policy& policy, ShapeId shape) {
    if (policy_ != &policy || supply_version_ != world.supply_version()) forget();
    policy_ = &policy;
    supply_version_ = world.supply_version();
    std::uint32_t& place = places_[shape];
    if (place == 0) {
        offers_.emplace_back();
        place = static_cast<std::uint32_t>(offers_.size());
    }
    std::unique_ptr<ShapeOffers>& known = offers_[place - 1];
    if (!known || (known->moves_data && known->data_version != world.data_version()))
        known = std::make_unique<ShapeOffers>(world, policy, world.spec_of(shape));
    return *known;
}

void OfferBook::trim() {
    if (offers_.size() > max_shapes) forget();
}

void OfferBook::forget() {
    offers_.clear();
    places_ = {};
}

}  // namespace dayu::sched
