// Shortest remaining time first, for comparison: it must know how long each takes. It does not count chips, and
// nobody passes one that does not fit.
#include "sched/ordering/policies.h"

namespace dayu::sched {
namespace {

class Srtf : public OrderingPolicy {
   public:
    bool is_oracle() const override { return true; }
    bool passes_over() const override { return false; }

    LineStanding standing(const OrderingJob& job, std::int64_t now_s) override {
        return {.key = static_cast<double>(job.remaining_s),
                .until_s = job.is_running ? now_s : never_s};
    }
};

}  // namespace

std::unique_ptr<OrderingPolicy> srtf_ordering(const OrderingSetting& /*setting*/) {
    return std::make_unique<Srtf>();
}

}  // namespace dayu::sched
