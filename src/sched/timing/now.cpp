// Nobody waits.
#include "sched/timing/policies.h"

namespace dayu::sched {
namespace {

class Now : public TimingPolicy {
   public:
    std::vector<Pause> plan(const TimingJob& /*job*/) override { return {}; }
};

}  // namespace

std::unique_ptr<TimingPolicy> now_timing(const TimingSetting& /*setting*/) {
    return std::make_unique<Now>();
}

}  // namespace dayu::sched
