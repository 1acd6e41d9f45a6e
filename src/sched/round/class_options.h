// The offers to one class in the course of a round, the best one in front. Within a round capacity only
// shrinks, so that an estimate once made is what its offer costs at least: only the one in front has to be
// looked at again, and none before what a start now costs brings it there. What cannot start now, and cannot be waited
// for, is left out from then on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sched/round/offers.h"
#include "sched/round/table.h"

namespace dayu::sched {

// What a round works with.
struct Ground {
    World& world;
    const Policy& policy;
    Time now;
    std::vector<PoolPlan>& plans;
    // Whether anybody has two offers to choose from. Where nobody has, nobody asks when one that starts later would.
    bool has_choice = false;
    // For an offer that starts later: until the round has let so many wait as it may.
    bool may_wait = true;
    Duration mean_wait{};  // from then on: of all that waits
};

// What the quotas let a queue do with a choice.
enum class Right : std::uint8_t { none, later, now };

class ClassOptions {
   public:
    // Where the optimum has weighed a class, its advice is better than what is only counted.
    enum class Beyond : std::uint8_t { estimated, advised };
    // For another class, or another round.
    void begin(const Ground& ground, const ShapeOffers& offers, Money spent, Beyond beyond);

    bool empty() const;
    // The best offer of the choices that the queue has a right to; nullptr offer: there is none. A tie goes to the
    // lower (center, pool).
    Row best(std::span<const Right> rights);
    // Something that was left out might have been better: there one may only have to wait.
    bool would_rather_wait(const Row& than, std::span<const Right> rights) const;
    // No nodes were found for the one in front of this choice: not again in this round.
    void shut(std::uint32_t choice);
    bool anything_starts_now() const;
    // The best of all, up to so many.
    std::vector<Row> best_rows(std::size_t count);

   private:
    struct Option {
        Row row;  // at least
        // It takes account of what runs, though not of what is planned.
        bool is_estimated = false;
        // Of the plan for which it is exact.
        std::uint64_t exact_for = ~std::uint64_t{0};
    };
    using Heap = std::vector<Option>;
    // Of one choice.
    struct Options {
        Heap looked_at;
        std::size_t next = 0;  // of the offers to the choice: it and those behind it were not
        std::optional<Money> left_out;  // the least objective of what was
    };

    const JobSpec& spec(std::uint32_t choice) const { return offers_->choices.specs[choice]; }
    static bool is_worse(const Option& a, const Option& b) {
        return order_of(a.row) > order_of(b.row);
    }
    bool is_possible(const Offer& offer) const;
    std::size_t next_of(std::uint32_t choice, std::size_t from) const;
    void look_at_next(std::uint32_t choice);
    const Option* fresh_front(std::uint32_t choice);
    bool is_fresh(const Option& option) const;
    bool refresh(Option& option);  // false: it is out
    void leave_out(Option option);
    void wait_until(Option& option, Time room) const;  // at least
    bool starts_now(const Offer& offer) const;
    bool starts_now(const Option& option) const;

    const Ground* ground_ = nullptr;
    const ShapeOffers* offers_ = nullptr;
    Money spent_;
    Beyond beyond_ = Beyond::estimated;  // what a round can plan
    std::vector<Options> options_;       // by choice
};

}  // namespace dayu::sched
