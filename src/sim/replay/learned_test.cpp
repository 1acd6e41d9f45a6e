// What is learned from a real queue while it goes by, and what it is good for there. The trace of CERIT-SC is read where it
// is: below DAYU_TRACES, or ../shared/traces.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sched/run_times.h"
#include "sim/run.h"
#include "sim/trace.h"

namespace dayu::sim {
namespace {

std::filesystem::path trace_path() {
    const char* folder = std::getenv("DAYU_TRACES");
    return std::filesystem::path(folder != nullptr ? folder : "../shared/traces") /
           "swf/wagap-2013.swf";
}

// Of the logarithms: a prediction that is ten times too long is as bad as one that is ten times too short.
double error_of(Duration predicted, Duration ran) {
    const auto log_s = [](Duration time) {
        return std::log10(static_cast<double>(std::max<std::int64_t>(time.ms, 1000)) / 1000);
    };
    return std::abs(log_s(predicted) - log_s(ran));
}

TEST(LearnedOrder, LearnsRunTimesOfARealQueue) {
    if (!std::filesystem::exists(trace_path()))
        GTEST_SKIP() << trace_path() << " is absent; DAYU_TRACES says where traces are";
    const Result<Trace> trace = read_trace(trace_path().string(), "swf", {.memory_in_bytes = true});
    ASSERT_TRUE(trace.ok()) << trace.error().message;
    sched::RunTimes times;
    using Ended = std::pair<std::int64_t, std::size_t>;  // when, and which job
    std::priority_queue<Ended, std::vector<Ended>, std::greater<>> ends;
    std::map<std::uint32_t, std::pair<Duration, Duration>> last_two;  // of each user
    double ours = 0, asked = 0, of_last_two = 0, within_half = 0, within_nine_tenths = 0;
    const auto likeness = [&](const TraceJob& job) {
        return sched::Likeness{.user = job.user,
                               .name = job.name,
                               .size = job.cpus,
                               .requested = seconds(job.requested_s)};
    };
    // As if each started when it came: what ends is learned, and no more.
    for (std::size_t i = 0; i < trace.value().jobs.size(); ++i) {
        const TraceJob& job = trace.value().jobs[i];
        while (!ends.empty() && ends.top().first <= job.arrival_s) {
            const TraceJob& over = trace.value().jobs[ends.top().second];
            ends.pop();
            times.end(likeness(over), Time{} + seconds(over.arrival_s),
                      Time{} + seconds(over.arrival_s + over.duration_s));
            auto& [last, before] = last_two[over.user];
            before = std::exchange(last, seconds(over.duration_s));
        }
        ends.emplace(job.arrival_s + job.duration_s, i);
        const Duration ran = seconds(job.duration_s), most = seconds(job.requested_s);
        const Time now = Time{} + seconds(job.arrival_s);
        const Duration median = times.predict(likeness(job), 0.5, now);
        const auto& [last, before] = last_two[job.user];
        const Duration mean =
            before.ms > 0 ? std::min(most, Duration{(last.ms + before.ms) / 2}) : most;
        ours += error_of(median, ran);
        asked += error_of(most, ran);
        of_last_two += error_of(mean, ran);
        within_half += ran <= median ? 1 : 0;
        within_nine_tenths += ran <= times.predict(likeness(job), 0.9, now) ? 1 : 0;
        times.start(likeness(job), now);
    }
    const auto jobs = static_cast<double>(trace.value().jobs.size());
    std::cout << "decades off in the mean: " << ours / jobs << ", the request " << asked / jobs
              << ", the mean of the user's last two " << of_last_two / jobs << "; over by the half "
              << within_half / jobs << ", by nine tenths " << within_nine_tenths / jobs << "\n";
    EXPECT_LT(ours, 0.65 * asked);
    EXPECT_LT(ours, 0.95 * of_last_two);
    EXPECT_NEAR(within_half / jobs, 0.5, 0.15);
    EXPECT_NEAR(within_nine_tenths / jobs, 0.9, 0.15);  // much comes in bursts unlike all before
}

// One project, one node, and a user whose jobs take a minute beside one whose jobs take an hour; both ask for a day.
struct Minutes {
    WorldFile world;
    Trace trace;
};

Minutes minutes_behind_hours() {
    Minutes made;
    Center center;
    center.name = "here";
    center.region = "cn/test/here";
    center.engine.kind = "process";
    center.pools = {{.name = "main",
                     .nodes = 1,
                     .cpus_per_node = 4,
                     .memory_mib_per_node = 4096,
                     .price_per_cpu_hour = {micro_yuan_per_yuan}}};
    made.world.centers = {center};
    made.world.jobs.time_limits = {seconds(1)};
    made.trace.projects = {"a"};
    for (std::int64_t i = 0; i < 40; ++i) {
        const bool is_short = i % 2 == 0;
        made.trace.jobs.push_back({.arrival_s = i * 1000,
                                   .duration_s = is_short ? 60 : 3600,
                                   .requested_s = 24 * 3600,
                                   .cpus = 4,
                                   .user = is_short ? 1U : 2U});
    }
    return made;
}

TEST(LearnedOrder, ShortJobsPassLongOnesOnceTheyAreKnown) {
    const Minutes given = minutes_behind_hours();
    const sched::Policy& policy = *sched::find_policy("least-cost");
    const RunReport by_arrival = run(given.world, given.trace, {.policy = policy});
    const RunReport learned =
        run(given.world, given.trace, {.policy = *sched::find_policy("learned")});
    EXPECT_EQ(learned.completed, 40);
    EXPECT_EQ(learned.makespan_s, by_arrival.makespan_s);
    EXPECT_LT(learned.wait_mean_s, 0.9 * by_arrival.wait_mean_s);
}

// Who is wrong about a job delays it by no more than its time limit says.
TEST(LearnedOrder, NobodyIsPassedByWhatComesLaterThanItsTimeLimit) {
    Minutes given = minutes_behind_hours();
    std::vector<TraceJob>& jobs = given.trace.jobs;
    for (std::int64_t i = 0; i < 3000; ++i)
        jobs.push_back({.arrival_s = i * 60, .duration_s = 60, .requested_s = 60, .cpus = 4});
    std::ranges::sort(jobs);
    const auto first_long = static_cast<std::uint64_t>(
        std::ranges::find(jobs, 3600, &TraceJob::duration_s) - jobs.begin());
    std::optional<Time> start;
    Time first_instant;
    run(given.world, given.trace,
        {.policy = *sched::find_policy("learned"),
         .watch = [&](const sched::World& world, Time now) {
             if (first_instant == Time{}) first_instant = now;
             if (!start && world.find_running({first_long + 1})) start = now;
         }});
    ASSERT_TRUE(start.has_value());
    // As much has come before it, and as much within a day behind it, as takes little more than that day.
    EXPECT_LE(*start - first_instant, seconds(2 * 24 * 3600));
}

}  // namespace
}  // namespace dayu::sim
