#include "sched/run_times.h"

#include <random>

#include <gtest/gtest.h>

namespace dayu::sched {
namespace {

constexpr Duration hour = seconds(3600);
constexpr Duration day{24 * hour.ms};

Likeness job_of(std::uint32_t user, Duration requested = day) {
    return {.user = user, .project = 1, .size = 64, .requested = requested};
}

constexpr Time now{1'800'000'000'000};

void learn(RunTimes& times, const Likeness& job, Duration ran) {
    times.start(job, now - ran);
    times.end(job, now - ran, now);
}

// The bins are a quarter of an octave wide: a fifth either way.
void expect_near(Duration found, Duration wanted) {
    EXPECT_GE(found.ms, wanted.ms);
    EXPECT_LE(found.ms, wanted.ms + wanted.ms / 5);
}

TEST(RunTimes, KnowsNothingAtFirstAndKeepsToTheRequest) {
    const RunTimes times;
    EXPECT_EQ(times.predict(job_of(1), 0.99, now), day);
    EXPECT_LE(times.predict(job_of(1, hour), 0.9, now), hour);
    EXPECT_LT(times.predict(job_of(1), 0.2, now), hour);  // it may be anything
}

TEST(RunTimes, LearnsFromTheSameUserAtOnceAndFromOthersLess) {
    RunTimes times;
    for (int i = 0; i < 20; ++i) learn(times, job_of(1), seconds(600));
    for (int i = 0; i < 20; ++i) learn(times, job_of(2), {6 * hour.ms});
    expect_near(times.predict(job_of(1), 0.9, now), seconds(600));
    expect_near(times.predict(job_of(2), 0.5, now), {6 * hour.ms});
    // Of the third it is only known what people do here.
    expect_near(times.predict(job_of(3), 0.9, now), {6 * hour.ms});
    EXPECT_LT(times.predict(job_of(3), 0.25, now), hour);
}

TEST(RunTimes, TellsJobsOfOneUserApartByNameSizeAndRequest) {
    RunTimes times;
    Likeness small = job_of(1);
    Likeness large = job_of(1);
    large.size = 512;
    Likeness named = job_of(1);
    named.name = 7;
    for (int i = 0; i < 20; ++i) {
        learn(times, small, seconds(60));
        learn(times, large, hour);
        learn(times, named, {5 * hour.ms});
        learn(times, job_of(1, {2 * hour.ms}), seconds(1200));
    }
    expect_near(times.predict(small, 0.5, now), seconds(60));
    expect_near(times.predict(large, 0.5, now), hour);
    expect_near(times.predict(named, 0.5, now), {5 * hour.ms});
    expect_near(times.predict(job_of(1, {2 * hour.ms}), 0.5, now), seconds(1200));
}

TEST(RunTimes, WhatRunsOnTellsThatItIsLong) {
    RunTimes times;
    for (int i = 0; i < 10; ++i) learn(times, job_of(1), seconds(60));
    for (int i = 0; i < 30; ++i) times.start(job_of(1), now - Duration{2 * hour.ms});
    EXPECT_GT(times.predict(job_of(1), 0.5, now), hour);
    for (int i = 0; i < 30; ++i) times.forget(job_of(1), now - Duration{2 * hour.ms});
    expect_near(times.predict(job_of(1), 0.5, now), seconds(60));
}

TEST(RunTimes, ForgetsWhatIsLongAgo) {
    RunTimes times;
    for (int i = 0; i < 500; ++i) learn(times, job_of(1), {8 * hour.ms});
    for (int i = 0; i < 100; ++i) learn(times, job_of(1), seconds(60));
    expect_near(times.predict(job_of(1), 0.9, now), seconds(60));
}

TEST(RunTimes, QuantilesAreWhatTheySay) {
    RunTimes times;
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> length(7, 1.5);
    const auto draw = [&] { return seconds(static_cast<std::int64_t>(length(random)) + 1); };
    int over_half = 0, over_tenth = 0;
    constexpr int jobs = 4000;
    for (int i = 0; i < jobs; ++i) {
        const Duration ran = std::min(draw(), day);
        over_half += ran > times.predict(job_of(1), 0.5, now) ? 1 : 0;
        over_tenth += ran > times.predict(job_of(1), 0.9, now) ? 1 : 0;
        learn(times, job_of(1), ran);
    }
    EXPECT_NEAR(over_half / double{jobs}, 0.5, 0.06);
    EXPECT_NEAR(over_tenth / double{jobs}, 0.1, 0.04);
}

TEST(RunTimes, KeepsNoMoreGroupsThanItMay) {
    RunTimes times({.most_groups = 50});
    for (std::uint32_t user = 1; user <= 1000; ++user) learn(times, job_of(user), seconds(60));
    EXPECT_EQ(times.groups(), 50U);
    expect_near(times.predict(job_of(5000), 0.5, now), seconds(60));
}

}  // namespace
}  // namespace dayu::sched
