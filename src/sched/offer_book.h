// What rounds remember between them: for each shape the pools that take it at all, what a start there would
// come to, and which of them were found too full for it. It says nothing that the World does not say, and can be
// dropped at any time: decisions are the same without it, only later.
//
// A book goes with one World, not with a copy of it.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "model/ids.h"

namespace dayu::sched {

class Policy;
class World;
struct ShapeOffers;

class OfferBook {
   public:
    OfferBook();
    ~OfferBook();
    OfferBook(OfferBook&&) noexcept;
    OfferBook& operator=(OfferBook&&) noexcept;

    // Found out anew where centres, chips or data have changed since. Good for the length of a round.
    ShapeOffers& of(const World& world, const Policy& policy, ShapeId shape);
    // Between rounds: forgets all when it has come to hold very much.
    void trim();

   private:
    std::unordered_map<ShapeId, std::unique_ptr<ShapeOffers>> shapes_;
    const Policy* policy_ = nullptr;
    std::uint64_t supply_version_ = 0;
};

}  // namespace dayu::sched
