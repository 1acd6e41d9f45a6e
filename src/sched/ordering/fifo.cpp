// First come, first served: nobody is stopped, and nobody passes one that does not fit.
#include "sched/ordering/policies.h"

namespace dayu::sched {
namespace {

class Fifo : public OrderingPolicy {
   public:
    bool passes_over() const override { return false; }

    // Who runs stays: its key is smaller than that of any arrival.
    LineStanding standing(const OrderingJob& job, std::int64_t /*now_s*/) override {
        return {.key = job.is_running ? -1 : static_cast<double>(job.arrival_s)};
    }
};

}  // namespace

std::unique_ptr<OrderingPolicy> fifo_ordering(const OrderingSetting& /*setting*/) {
    return std::make_unique<Fifo>();
}

}  // namespace dayu::sched
