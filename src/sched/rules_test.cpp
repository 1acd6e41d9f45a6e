// Each rule refuses what it should, by its code and tier, with both numbers in the detail.
#include <gtest/gtest.h>

#include "sched/decide.h"
#include "sched/quote.h"
#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

struct RuleCase {
    std::string code;
    Reason tier;
    std::string detail;
    void (*spoil)(Center&, JobSpec&);
};

const RuleCase rule_cases[] = {
    {"ChipNotHere", Reason::never_fits, "wants A100, has Ascend910B",
     [](Center& c, JobSpec&) { c.pools[0].chip = "Ascend910B"; }},
    {"ChipNotHere", Reason::never_fits, "wants A100, has no chips",
     [](Center& c, JobSpec&) { c.pools[0].chip = ""; }},
    {"ChipCountTooLarge", Reason::never_fits, "needs 8 chips a node, has 4",
     [](Center& c, JobSpec&) { c.pools[0].chips_per_node = 4; }},
    {"ChipCountTooLarge", Reason::never_fits, "needs 0.5 chips a node, has 0",
     [](Center& c, JobSpec& s) {
         c.pools[0].chips_per_node = 0;
         s.resources.chips_milli = 500;
     }},
    {"CpusTooMany", Reason::never_fits, "needs 65 CPUs a node, has 64",
     [](Center&, JobSpec& s) { s.resources.cpus = 65; }},
    {"MemoryTooLarge", Reason::never_fits, "needs 524289 MiB a node, has 524288",
     [](Center&, JobSpec& s) { s.resources.memory_mib = 524'289; }},
    {"TooFewNodes", Reason::never_fits, "needs 2 nodes, has 1",
     [](Center&, JobSpec& s) { s.nodes = 2; }},
    {"DataClassNotAllowed", Reason::policy_forbidden,
     "important data needs region cn and security level 3, has cn/test/wuhan and 2",
     [](Center& c, JobSpec& s) {
         c.security_level = 2;
         s.placement.data_class = DataClass::important;
     }},
    {"DataClassNotAllowed", Reason::policy_forbidden,
     "important data needs region cn and security level 3, has cnx/test and 3",
     [](Center& c, JobSpec& s) {
         c.region = "cnx/test";
         s.placement.data_class = DataClass::important;
     }},
    {"DataClassNotAllowed", Reason::policy_forbidden,
     "core data may only go to listed sites, and none is listed",
     [](Center&, JobSpec& s) { s.placement.data_class = DataClass::core; }},
    {"SecurityLevelTooLow", Reason::policy_forbidden, "needs security level 4, has 3",
     [](Center&, JobSpec& s) { s.placement.security_level = 4; }},
    {"RegionNotAllowed", Reason::policy_forbidden, "is in cn/test/wuhan, allowed is cn/a, cn/b",
     [](Center&, JobSpec& s) { s.placement.regions = {"cn/a", "cn/b"}; }},
    {"TierNotAllowed", Reason::policy_forbidden, "is a city centre, allowed is national, district",
     [](Center&, JobSpec& s) { s.placement.tiers = {Tier::national, Tier::district}; }},
    {"CannotFence", Reason::policy_forbidden,
     "move_after 30m needs an engine that fences itself, process does not",
     [](Center&, JobSpec& s) { s.placement.move_after = seconds(1800); }},
    {"PriceTooLarge", Reason::misconfigured, "price or energy of 1 nodes for 1h passes 64 bits",
     [](Center& c, JobSpec&) { c.pools[0].price_per_chip_hour = {INT64_MAX}; }},
    {"PriceAboveMax", Reason::budget_exhausted, "costs 80.00 for 1h, max_price is 79.50",
     [](Center&, JobSpec& s) { s.placement.max_price = Money{79'500'000}; }},
};

TEST(Rules, RefuseByCodeTierAndBothNumbers) {
    const Chip a100 = chip("A100");
    for (const RuleCase& one : rule_cases) {
        Center wuhan = center("wuhan");
        JobSpec job = spec();
        ASSERT_EQ(never_fits(wuhan, wuhan.pools[0], &a100, job), std::nullopt);
        one.spoil(wuhan, job);
        const auto refusal = never_fits(wuhan, wuhan.pools[0], &a100, job);
        ASSERT_TRUE(refusal) << one.code;
        EXPECT_EQ(refusal->code, one.code);
        EXPECT_EQ(refusal->tier, one.tier) << one.code;
        EXPECT_EQ(refusal->detail, one.detail);
    }
}

TEST(Rules, AnUnknownChipIsTheUsersMistake) {
    const Center wuhan = center("wuhan");
    const auto refusal = never_fits(wuhan, wuhan.pools[0], nullptr, spec({.chip = "A10"}));
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->code, "NoSuchChip");
    EXPECT_EQ(refusal->tier, Reason::misconfigured);
}

TEST(Rules, WhatIsJustEnoughPasses) {
    const Chip a100 = chip("A100");
    Center wuhan = center("wuhan");
    wuhan.engine.fences_itself = true;
    JobSpec job = spec();
    job.resources.cpus = 64;
    job.resources.memory_mib = 524'288;
    job.placement.max_price = yuan_of(80);
    job.placement.security_level = 3;
    job.placement.data_class = DataClass::important;
    job.placement.regions = {"us", "cn/test"};
    job.placement.tiers = {Tier::city};
    job.placement.move_after = seconds(60);
    EXPECT_EQ(never_fits(wuhan, wuhan.pools[0], &a100, job), std::nullopt);
}

TEST(Rules, AJobWithoutChipsMayRunBesideChips) {
    const Center wuhan = center("wuhan");
    EXPECT_EQ(never_fits(wuhan, wuhan.pools[0], nullptr, spec({.chip = "", .chips = 0})),
              std::nullopt);
}

TEST(Quote, ChipsPayByTheChipHourAndOthersByTheCpuHour) {
    const Pool one = pool();
    EXPECT_EQ(price_at_most(one, spec({.nodes = 2, .chips = 8, .hours = 3})), yuan_of(480));
    JobSpec cpu_job = spec({.chip = "", .chips = 0, .hours = 2});
    cpu_job.resources.cpus = 4;
    EXPECT_EQ(price_at_most(one, cpu_job), yuan_of(8));
}

TEST(Quote, RoundsHalfAwayFromZero) {
    Pool one = pool();
    one.price_per_chip_hour = {1};
    JobSpec job = spec({.chips = 1});
    job.time_limit = seconds(1800);
    EXPECT_EQ(price_at_most(one, job), Money{1});  // 0.5
    job.time_limit = seconds(1799);
    EXPECT_EQ(price_at_most(one, job), Money{0});
}

TEST(Quote, EnergyIsChipsAndHostTimesPueAndCarbonIsThatTimesTheGrid) {
    Center wuhan = center("wuhan");
    wuhan.energy = {.pue_milli = 1250, .grid_mg_per_kwh = 500'000, .source = ""};
    wuhan.pools[0].watts_per_cpu = 5;
    const Chip a100 = chip("A100", 400);
    JobSpec job = spec({.chips = 8, .hours = 2});
    job.resources.cpus = 16;
    const auto cost = quote(wuhan, wuhan.pools[0], &a100, job);
    ASSERT_TRUE(cost);
    EXPECT_EQ(cost->energy_mwh, 8'200'000);  // (8 x 400 + 16 x 5) W x 2 h x 1.25
    EXPECT_EQ(cost->carbon_mg, 4'100'000);
}

}  // namespace
}  // namespace dayu::sched
