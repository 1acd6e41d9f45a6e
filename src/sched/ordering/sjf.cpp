// Shortest job first, for comparison: it must know how long each takes. Nobody is stopped, and nobody passes
// one that does not fit.
#include "sched/ordering/policies.h"

namespace dayu::sched {
namespace {

class Sjf : public OrderingPolicy {
   public:
    bool is_oracle() const override { return true; }
    bool passes_over() const override { return false; }

    LineStanding standing(const OrderingJob& job, std::int64_t /*now_s*/) override {
        return {.key = job.is_running ? -1 : static_cast<double>(job.remaining_s)};
    }
};

}  // namespace

std::unique_ptr<OrderingPolicy> sjf_ordering(const OrderingSetting& /*setting*/) {
    return std::make_unique<Sjf>();
}

}  // namespace dayu::sched
