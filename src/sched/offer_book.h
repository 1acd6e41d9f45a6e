// What rounds remember between them: for each shape the pools that take it at all, what a start there would
// come to, and which of them were found too full for it. It says nothing that the World does not say, and can be
// dropped at any time: decisions are the same without it, only later. The memory that a round works in lies here too, so
// that the next one need not ask for it again.
//
// A book goes with one World, not with a copy of it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/id_map.h"
#include "model/ids.h"

namespace dayu::sched {

class Policy;
class World;
struct RoundMemory;
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
    // For one round at a time.
    RoundMemory& memory() { return *memory_; }

   private:
    void forget();

    std::vector<std::unique_ptr<ShapeOffers>> offers_;
    IdMap<ShapeId, std::uint32_t> places_;  // in offers_, from 1
    std::unique_ptr<RoundMemory> memory_;
    const Policy* policy_ = nullptr;
    std::uint64_t supply_version_ = 0;
};

}  // namespace dayu::sched
