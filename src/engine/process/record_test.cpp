#include "engine/process/record.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/process/attempt_files.h"
#include "engine/process/order.h"

namespace dayu::engine {
namespace {

TEST(Record, KeepsEveryField) {
    const Ending ending{.cause = EndCause::oom,
                        .code = 137,
                        .signal = 9,
                        .started = {1},
                        .ended = {2},
                        .total = {.cpu_ms = 3, .peak_memory_mib = 4},
                        .detail = "two\nlines \\n"};
    EXPECT_EQ(from_record<Ending>(to_record(ending)), ending);
    Ending with_steps = ending;
    with_steps.steps = {.count = 5, .median_us = 6};
    EXPECT_EQ(from_record<Ending>(to_record(with_steps)), with_steps);
}

RC_GTEST_PROP(Record, BringsBackAnyText,
              (const std::vector<std::string>& env, const std::string& script)) {
    const Claim claim{.token = {"a-1-1"}, .boot = {}, .script = script, .env = env};
    const auto back = from_record<Claim>(to_record(claim));
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->env == env);
    RC_ASSERT(back->script == script);
}

TEST(Record, SeesThatItWasCutOff) {
    const std::string whole = to_record(ShimIdentity{.pid = 12, .start_ticks = 345});
    ASSERT_TRUE(from_record<ShimIdentity>(whole).has_value());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_FALSE(from_record<ShimIdentity>(whole.substr(0, length)).has_value()) << length;
    }
}

TEST(Record, RefusesWhatIsNoNumber) {
    EXPECT_FALSE(from_record<ShimIdentity>("pid=12x\n.\n").has_value());
    EXPECT_FALSE(from_record<StopRequest>("cause=tired\n.\n").has_value());
}

TEST(Order, KnowsSignalsByName) {
    EXPECT_EQ(signal_number("TERM"), 15);
    EXPECT_EQ(signal_number("SIGUSR1"), 10);
    EXPECT_EQ(signal_number("INT"), 2);
    EXPECT_EQ(signal_number("NOPE"), 15);
}

}  // namespace
}  // namespace dayu::engine
