#include "agent/probe.h"

#include <gtest/gtest.h>

namespace dayu::agent {
namespace {

constexpr Time noon{1'800'000'000'000};

SyncReply replied(Time received, Time sent) {
    SyncReply reply;
    reply.received = received;
    reply.sent = sent;
    return reply;
}

TEST(Probe, ALongPollDoesNotBlurTheClocks) {
    Probe probe;
    EXPECT_EQ(probe.look().clock_ahead_ms, std::nullopt);
    // The agent's clock is 12 s ahead; 40 ms each way, and the server held the request for 10 s.
    const Time sent = noon + seconds(12);
    const Time arrived = sent + milliseconds(10'080);
    probe.compare_clocks(replied(noon + milliseconds(40), noon + milliseconds(10'040)),
                         milliseconds(10'080), arrived);
    EXPECT_EQ(probe.look().clock_ahead_ms, 12'000);
    EXPECT_EQ(probe.look().round_trip_ms, 80);
}

TEST(Probe, AClockBehindIsBelowZero) {
    Probe probe;
    probe.compare_clocks(replied(noon, noon), milliseconds(2), noon - seconds(3));
    EXPECT_EQ(probe.look().clock_ahead_ms, -3001);
}

TEST(Probe, AnOlderServerAndAClockThatWasSetTellNothing) {
    Probe probe;
    probe.compare_clocks(replied({}, {}), milliseconds(2), noon);
    probe.compare_clocks(replied(noon, noon + seconds(60)), milliseconds(2), noon);
    probe.compare_clocks(replied(noon, noon - seconds(60)), milliseconds(2), noon);
    EXPECT_EQ(probe.look().clock_ahead_ms, std::nullopt);
}

TEST(Probe, SeesTheMachine) {
    const AgentHealth health = Probe("1.2.3", {"/", "/", "/nowhere/at/all"}).look();
    EXPECT_EQ(health.version, "1.2.3");
    EXPECT_GE(health.cpus, 1);
    ASSERT_TRUE(health.memory_mib.has_value());
    EXPECT_GT(*health.memory_mib, 0);
    EXPECT_LE(health.free_memory_mib.value_or(0), *health.memory_mib);
    EXPECT_TRUE(health.load_milli.has_value());
    ASSERT_EQ(health.disks.size(), 1U);
    EXPECT_EQ(health.disks.front().path, "/");
    EXPECT_GT(health.disks.front().total_mib, 0);
    EXPECT_LE(health.disks.front().free_mib, health.disks.front().total_mib);
}

}  // namespace
}  // namespace dayu::agent
