// The least remaining chip-seconds first, and whatever still fits behind: about as well as one can do who knows
// how long each job takes. A bound to measure others by.
#include "sched/ordering/policies.h"

namespace dayu::sched {
namespace {

class Oracle : public OrderingPolicy {
   public:
    bool is_oracle() const override { return true; }

    LineStanding standing(const OrderingJob& job, std::int64_t now_s) override {
        return {.key = static_cast<double>(job.remaining_s * job.chips),
                .until_s = job.is_running ? now_s : never_s};
    }
};

}  // namespace

std::unique_ptr<OrderingPolicy> oracle_ordering(const OrderingSetting& /*setting*/) {
    return std::make_unique<Oracle>();
}

}  // namespace dayu::sched
