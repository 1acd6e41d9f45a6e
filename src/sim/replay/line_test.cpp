// The rules of one line, on traces small enough to be replayed by hand.
#include "sched/line.h"

#include <gtest/gtest.h>

#include "sim/run.h"
#include "sim/testing/worlds.h"

namespace dayu::sim {
namespace {

// One node of four chips; limits are the durations.
WorldFile world_of_a_node() {
    Chip chip;
    chip.name = "X";
    WorldFile world = testing::world_of(
        chip,
        {.nodes = 1, .chips_per_node = 4, .cpus_per_node = 32, .memory_mib_per_node = 65'536});
    world.jobs.grace = {};
    world.jobs.checkpoints = true;
    return world;
}

struct Asked {
    std::int64_t arrival_s = 0;
    std::int64_t duration_s = 0;
    std::int64_t chips = 4;
};

RunReport replay(const std::string& rule_name, const std::vector<Asked>& jobs,
                 const WorldFile& world = world_of_a_node()) {
    Trace trace{.jobs = {}, .projects = {"a"}};
    for (const Asked& job : jobs) {
        trace.jobs.push_back({.arrival_s = job.arrival_s,
                              .duration_s = job.duration_s,
                              .chips_milli = job.chips * 1000});
    }
    const sched::LineRule rule = *sched::find_line_rule(rule_name);
    return run(world, trace, {.policy = *sched::find_policy("least-cost"), .line = &rule});
}

// Three chips are taken until 100; the second needs all four, the third one for a short time, the fourth one for long.
const std::vector<Asked> a_gap{{.duration_s = 100, .chips = 3},
                               {.arrival_s = 10, .duration_s = 50},
                               {.arrival_s = 20, .duration_s = 80, .chips = 1},
                               {.arrival_s = 30, .duration_s = 200, .chips = 1}};

TEST(Line, FifoLetsNobodyPass) {
    const RunReport report = replay("fifo", a_gap);
    EXPECT_EQ(report.completed, 4);
    EXPECT_DOUBLE_EQ(report.wait_mean_s, (0 + 90 + 130 + 120) / 4.0);
}

TEST(Line, EasyFillsTheGapBeforeItsReservation) {
    const RunReport report = replay("easy", a_gap);
    EXPECT_DOUBLE_EQ(report.wait_mean_s, (0 + 90 + 0 + 120) / 4.0);
    EXPECT_DOUBLE_EQ(report.makespan_s, 350);
}

TEST(Line, MoreReservationsProtectMoreOfThoseInFront) {
    // The third needs three chips behind the second. With one reservation the fourth starts at once beside it, and delays it.
    const std::vector<Asked> jobs{{.duration_s = 100, .chips = 3},
                                  {.arrival_s = 10, .duration_s = 50, .chips = 2},
                                  {.arrival_s = 20, .duration_s = 50, .chips = 4},
                                  {.arrival_s = 30, .duration_s = 200, .chips = 1}};
    EXPECT_DOUBLE_EQ(replay("easy", jobs).makespan_s, 280);
    EXPECT_DOUBLE_EQ(replay("easy-2", jobs).makespan_s, 400);
}

TEST(Line, TheShortestGoesFirst) {
    const RunReport report = replay("sjf", {{.duration_s = 100},
                                            {.arrival_s = 10, .duration_s = 80},
                                            {.arrival_s = 20, .duration_s = 30}});
    EXPECT_DOUBLE_EQ(report.wait_mean_s, (0 + 120 + 80) / 3.0);
    EXPECT_EQ(report.preemptions, 0);
}

TEST(Line, WhoHasMoreLeftIsStopped) {
    const std::vector<Asked> jobs{{.duration_s = 100}, {.arrival_s = 10, .duration_s = 20}};
    const RunReport report = replay("srtf", jobs);
    EXPECT_EQ(report.preemptions, 1);
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (120 + 20) / 2.0);

    WorldFile world = world_of_a_node();
    world.jobs.grace = seconds(5);
    world.jobs.preempt_cost = seconds(7);
    const RunReport dear = replay("srtf", jobs, world);
    EXPECT_DOUBLE_EQ(dear.makespan_s, 10 + 5 + 20 + 90 + 7);
}

TEST(Line, OnlyAsManyAreStoppedAsHaveToGo) {
    const RunReport report = replay("srtf", {{.duration_s = 100, .chips = 2},
                                             {.duration_s = 90, .chips = 2},
                                             {.arrival_s = 10, .duration_s = 20, .chips = 2}});
    EXPECT_EQ(report.preemptions, 1);  // the one with the most left
    EXPECT_DOUBLE_EQ(report.jct_mean_s, (120 + 90 + 20) / 3.0);
}

TEST(Line, NamesAreKnown) {
    EXPECT_EQ(sched::find_line_rule("easy-8")->reservations, 8U);
    for (const char* name : {"easy-0", "easy-9", "easy-x", "easi", "easy-"})
        EXPECT_EQ(sched::find_line_rule(name).error().code, "policy_unknown") << name;
}

}  // namespace
}  // namespace dayu::sim
