// Divides jobs that shall run among unlike kinds of chip, so that the sum of what each is worth where it lies
// is great, and no kind holds more than it has. Gangs are whole, so this is a packing problem; it is solved
// for two kinds at a time exactly (a knapsack over the chips of one of them), again and again until no pair
// of kinds can do better. Where it begins decides little, so it begins from where the jobs lie already.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sched/matching.h"

namespace dayu::sched::matching {

struct Divided {
    std::uint32_t chips = 1;
    Rates worth{};               // by kind
    std::size_t kind = no_kind;  // where it lies; no_kind: nowhere yet
    std::array<bool, max_chip_kinds> can_run{};
};

class Division {
   public:
    explicit Division(std::vector<std::uint32_t> chips) : chips_(std::move(chips)) {}

    // Sets their kinds. A gang for which no kind has room stays where it is: nowhere.
    void divide(std::span<Divided> jobs);

   private:
    void place_new(std::span<Divided> jobs);
    bool divide_anew(std::span<Divided> jobs, std::size_t one, std::size_t other);

    const std::vector<std::uint32_t> chips_;
    std::vector<Divided*> both_;  // of one pair of kinds; kept for their memory
    std::vector<double> best_;
};

}  // namespace dayu::sched::matching
