#include "model/queue.h"

#include <cmath>

#include <gtest/gtest.h>

namespace dayu {
namespace {

Duration days(double count) { return {static_cast<std::int64_t>(count * 24 * 3'600'000)}; }

TEST(Queue, UsageHalvesEverySevenDays) {
    EXPECT_EQ(decayed(Money{1'000}, days(7)), Money{500});
    EXPECT_EQ(decayed(Money{1'000}, days(21)), Money{125});
    EXPECT_EQ(decayed(Money{1'000}, days(0)), Money{1'000});
    EXPECT_EQ(decayed(Money{1'000}, days(-1)), Money{1'000}) << "a clock that jumps back";
    EXPECT_EQ(decayed(Money{1'000}, days(100'000)), Money{});
}

TEST(Queue, UsageDecaysSmoothly) {
    for (double passed = 0; passed < 30; passed += 0.37) {
        const double exact = 1e12 * std::exp2(-passed / 7);
        EXPECT_NEAR(static_cast<double>(decayed(Money{1'000'000'000'000}, days(passed)).micro_yuan),
                    exact, exact * 5e-4);
    }
}

TEST(Queue, PathIsTheTree) {
    EXPECT_EQ(queue_path({.tenant = "acme", .project = "poems"}), "acme/poems");
    EXPECT_EQ(parent_of("acme/poems/lora"), "acme/poems");
    EXPECT_EQ(parent_of("acme"), "");
    EXPECT_TRUE(check_queue_path("path", "acme/poems/lora-2_b"));
    for (const char* bad :
         {"", "/", "acme/", "/acme", "acme//poems", "Acme", "acme/a b", "1/2/3/4/5/6/7/8/9"}) {
        EXPECT_FALSE(check_queue_path("path", bad)) << bad;
    }
}

TEST(Queue, QuotaIsOrdered) {
    Queue queue{.path = "acme"};
    queue.quotas = {{.chip = "A100", .guaranteed_milli = 8'000, .kept_milli = 2'000}};
    EXPECT_TRUE(validate(queue));
    queue.quotas[0].limit_milli = 4'000;
    EXPECT_EQ(validate(queue).error().message.substr(0, 21), "quotas[0].limit_milli");
    queue.quotas[0].limit_milli = 8'000;
    queue.quotas[0].kept_milli = 9'000;
    EXPECT_FALSE(validate(queue));
    queue.quotas[0].kept_milli = 0;
    queue.quotas.push_back(queue.quotas[0]);
    EXPECT_FALSE(validate(queue)) << "one chip twice";
    queue.quotas.pop_back();
    queue.weight_milli = 0;
    EXPECT_FALSE(validate(queue));
}

}  // namespace
}  // namespace dayu
