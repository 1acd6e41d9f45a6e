// What one machine takes for the time. Its wall clock is off by some amount and may jump either way; its
// monotonic clock begins anew at each boot and runs a little fast or slow.
#pragma once

#include "base/time.h"
#include "sim/timeline.h"

namespace dayu::sim {

struct ClockFaults {
    Duration offset;             // of the wall clock
    std::int64_t drift_ppm = 0;  // of the monotonic one
};

class VirtualClock final : public Clock {
   public:
    VirtualClock(const Timeline& timeline, const ClockFaults& faults)
        : timeline_(timeline), faults_(faults) {}

    Time now() const override { return epoch + Duration{timeline_.now().ms} + faults_.offset; }
    Instant instant() const override {
        const std::int64_t true_ms = (timeline_.now() - booted_).ms;
        return {true_ms + true_ms * faults_.drift_ppm / 1'000'000};
    }

    // How long the timeline takes until this clock has gone on by `span`.
    Duration true_span(Duration span) const {
        return {span.ms - span.ms * faults_.drift_ppm / 1'000'000};
    }
    void set_offset(Duration offset) { faults_.offset = offset; }
    void reboot() { booted_ = timeline_.now(); }

   private:
    static constexpr Time epoch{1'764'547'200'000};  // 2025-12-01

    const Timeline& timeline_;
    ClockFaults faults_;
    Instant booted_;
};

}  // namespace dayu::sim
