#include "plan/serve_steady.h"

#include <gtest/gtest.h>

#include "plan/testing/transformers.h"

namespace dayu::plan {
namespace {

constexpr double gibi = 1073741824.0;

ServeMachine machine() {
    ServeMachine machine;
    machine.rate = 2000e12;
    machine.fp8_rate = 4000e12;
    machine.half_rows = 80;
    machine.memory_bandwidth = 7e12;
    machine.memory_bytes = 180 * gibi;
    machine.fabric = {.node = {.chips = 72, .bandwidth = 900e9}, .network = {.bandwidth = 50e9}};
    return machine;
}

ServePlan spread_over(double chips) {
    return {
        .tp = chips, .moe_ep = chips, .products = NumberFormat::fp8, .experts = NumberFormat::fp8};
}

constexpr ServeLoad load{.isl = 1024, .osl = 1024};

struct Pools {
    ReplicaCost prefill{testing::deepseek_v3, spread_over(8), machine()};
    ReplicaCost decode{testing::deepseek_v3, spread_over(8), machine()};

    ServeTimes times(double workers, double concurrency, const EngineBounds& bounds) const {
        return closed_loop({.prefill = &prefill, .decode = &decode, .decode_workers = workers},
                           load, concurrency, bounds);
    }
};

// Of 30 requests over 24 places 6 wait, by Little's law a quarter of an answer each.
TEST(SplitPools, RequestsWithoutAPlaceWait) {
    const Pools pools;
    const ServeTimes wide = pools.times(3, 30, {});
    const ServeTimes narrow = pools.times(3, 30, {.places = 8});
    EXPECT_NEAR(narrow.decoding, 24, 0.5);
    const double answer_s = (load.osl - 1) * narrow.tpot_s;
    EXPECT_NEAR(narrow.ttft_s / answer_s, 30.0 / 24 - 1, 0.03);
    EXPECT_LT(wide.ttft_s, narrow.ttft_s / 3);
    EXPECT_LT(narrow.tpot_s, wide.tpot_s);  // with fewer beside each other
}

TEST(SplitPools, PlacesBeyondTheRequestsChangeNothing) {
    const Pools pools;
    const ServeTimes free = pools.times(3, 30, {});
    const ServeTimes roomy = pools.times(3, 30, {.places = 64});
    EXPECT_EQ(free.ttft_s, roomy.ttft_s);
    EXPECT_EQ(free.tpot_s, roomy.tpot_s);
}

// Drafts are computed too: what they win is less than the tokens that are accepted.
TEST(SplitPools, DraftsCostWhatTheyCompute) {
    const Pools pools;
    const EngineBounds drafting{.accepted = 2.5, .drafts = 3};
    const auto gain = [&](double concurrency) {
        return pools.times(1, concurrency, {}).tpot_s /
               pools.times(1, concurrency, drafting).tpot_s;
    };
    EXPECT_LT(gain(1), 2.5);
    EXPECT_GT(gain(1), 1);
    EXPECT_LT(gain(512), 2.5);
}

}  // namespace
}  // namespace dayu::plan
