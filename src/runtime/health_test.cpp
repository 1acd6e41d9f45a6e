// What is warned of, and in which words.
#include "runtime/health.h"

#include <gtest/gtest.h>

namespace dayu::runtime {
namespace {

constexpr Instant now{1'000'000'000};

CenterSight well() {
    CenterSight sight{.row = {}, .silent = seconds(3), .told = AgentHealth{}, .nodes = {}};
    sight.row.agent = "local";
    sight.row.installation = "f00d";
    sight.row.center.name = "shanghai";
    sight.row.center.pools = {{.name = "main", .chip = {}, .nodes = 4}};
    sight.failures_borne = 3;
    sight.told->version = "1.0.0";
    sight.told->clock_ahead_ms = -40;
    sight.told->load_milli = 2000;
    sight.told->cpus = 2;
    sight.told->memory_mib = 1000;
    sight.told->free_memory_mib = 600;
    sight.told->disks = {{.path = "/var/lib/dayu",
                          .total_mib = 100'000,
                          .free_mib = 40'000,
                          .total_files = 1000,
                          .free_files = 900}};
    return sight;
}

using Words = std::vector<std::string>;

Words warnings(const CenterSight& sight) { return warnings_of(sight, "1.0.0"); }

TEST(Health, OfOneThatIsWellThereIsNothingToSay) { EXPECT_EQ(warnings(well()), Words{}); }

TEST(Health, AnAgentThatTellsNothingIsNoReasonToWarn) {
    CenterSight sight = well();
    sight.told.reset();
    EXPECT_EQ(warnings(sight), Words{});
    sight.told.emplace();  // all of it is unknown
    EXPECT_EQ(warnings(sight), Words{});
}

TEST(Health, WarnsOfTheMachine) {
    CenterSight sight = well();
    sight.told->disks.front().free_mib = 4'000;
    sight.told->disks.front().free_files = 7;
    sight.told->clock_ahead_ms = 12'400;
    sight.told->free_memory_mib = 30;
    sight.told->load_milli = 9000;
    EXPECT_EQ(warnings(sight),
              (Words{"disk 96 % full on /var/lib/dayu, 3.9 GiB left",
                     "/var/lib/dayu can hold only 7 files more", "clock 12 s ahead of the server's",
                     "memory 97 % in use", "load 9 on 2 CPUs"}));
    sight = well();
    sight.told->clock_ahead_ms = -6'000;
    EXPECT_EQ(warnings(sight), Words{"clock 6 s behind the server's"});
}

TEST(Health, WhatNoMachineHasIsKeptWithinWhatCanBeReckonedWith) {
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    Health health;
    health.hear(CenterId{1}, AgentHealth{.clock_ahead_ms = least,
                                         .load_milli = most,
                                         .cpus = most,
                                         .memory_mib = most,
                                         .free_memory_mib = least,
                                         .disks = {{.path = "/",
                                                    .total_mib = most,
                                                    .free_mib = least,
                                                    .total_files = most,
                                                    .free_files = most}}});
    CenterSight sight = well();
    sight.told = *health.told_of(CenterId{1});
    EXPECT_EQ(warnings(sight),
              (Words{"disk 200 % full on /, -97656250000.0 GiB left",
                     "clock 100000000000 s behind the server's", "memory 200 % in use"}));
}

TEST(Health, WarnsOfTheAgent) {
    CenterSight sight = well();
    sight.told->version = "0.9.0";
    EXPECT_EQ(warnings(sight), Words{"its agent is version 0.9.0, the server 1.0.0"});
    sight = well();
    sight.row.contact_lost = true;
    sight.silent = seconds(90);
    EXPECT_EQ(warnings(sight), Words{"nothing was heard of agent local for 90 s"});
    sight.row.installation.clear();
    EXPECT_EQ(warnings(sight), Words{"no agent holds its lease"});
}

TEST(Health, WarnsOfNodes) {
    CenterSight sight = well();
    sight.failed_starts = 5;
    sight.nodes = {{{.center = {1}, .pool = "main", .node = 0}, {.failures = {}, .failed = 2}},
                   {{.center = {1}, .pool = "main", .node = 1}, {.failures = {}, .failed = 3}}};
    EXPECT_EQ(warnings(sight), (Words{"5 starts failed in the last hour",
                                      "3 attempts in a row failed on node main/1"}));
    sight.failed_starts = 0;
    for (control::NodeRow* row : {&sight.nodes[0].second, &sight.nodes[1].second}) {
        row->excluded = true;
        row->reason = "slow";
    }
    sight.nodes.push_back(
        {{.center = {1}, .pool = "main", .node = 2}, {.failures = {}, .failed = 4}});
    EXPECT_EQ(warnings(sight),
              (Words{"node main/0 is excluded: slow", "node main/1 is excluded: slow",
                     "4 attempts in a row failed on node main/2; it is not excluded by itself, as "
                     "at most 2 of the pool's 4 nodes are"}));
}

TEST(Health, CountsFailedStartsOfTheLastHour) {
    Health health;
    health.count_failed_start({1}, now);
    health.count_failed_start({1}, now + seconds(3000));
    health.count_failed_start({2}, now);
    EXPECT_EQ(health.failed_starts({1}, now + seconds(3600)), 2);
    EXPECT_EQ(health.failed_starts({1}, now + seconds(3601)), 1);
    EXPECT_EQ(health.failed_starts({3}, now), 0);
    for (int i = 0; i < 5000; ++i) health.count_failed_start({2}, now);
    EXPECT_EQ(health.failed_starts({2}, now), 1000);
}

TEST(Health, KeepsWithinBoundsWhatAnAgentTells) {
    Health health;
    AgentHealth told{.version = std::string(100'000, 'v'), .disks = {}};
    told.disks.resize(1000, {.path = std::string(100'000, '/')});
    health.hear({1}, told);
    ASSERT_NE(health.told_of({1}), nullptr);
    EXPECT_LE(health.told_of({1})->version.size(), 4096U);
    EXPECT_EQ(health.told_of({1})->disks.size(), 16U);
    EXPECT_LE(health.told_of({1})->disks.front().path.size(), 4096U);
    health.hear({1}, std::nullopt);
    EXPECT_EQ(health.told_of({1}), nullptr);
}

}  // namespace
}  // namespace dayu::runtime
