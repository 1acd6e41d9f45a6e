// The replay on a published trace, where it is, and beside the means of the search.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "plan/serve_search.h"
#include "plan/testing/transformers.h"

namespace dayu::plan {
namespace {

constexpr double gibi = 1073741824.0;

ServeJob job() {
    ServeJob job;
    job.model = testing::llama2_70b;
    return job;
}

ServeMachine machine() {
    ServeMachine machine;
    machine.rate = 780e12;
    machine.half_rows = 80;
    machine.memory_bandwidth = 2.9e12;
    machine.memory_bytes = 80 * gibi;
    machine.fabric = {.node = {.chips = 8, .bandwidth = 450e9}, .network = {.bandwidth = 50e9}};
    return machine;
}

ServeFleet fleet_of_four(double replicas) {
    return fleet_of(job(), machine(), {.plan = {.tp = 4}, .replicas = replicas, .decode_plan = {}});
}

double mean_end_s(const Replay& replay) {
    double sum = 0;
    for (const RequestOutcome& outcome : replay.outcomes) sum += outcome.end_s;
    return sum / static_cast<double>(replay.outcomes.size());
}

TEST(ServeTraceReplay, AzuresConversations) {
    const char* const traces = std::getenv("DAYU_TRACES");
    const std::string path = std::string(traces != nullptr ? traces : "../shared/traces") +
                             "/serving/AzureLLMInferenceTrace_conv_2023.csv";
    std::ifstream file(path);
    if (!file) GTEST_SKIP() << path << " is absent; DAYU_TRACES says where traces are";
    const ServeTrace trace =
        parse_azure_trace(path, {std::istreambuf_iterator<char>(file), {}}).value();
    EXPECT_EQ(trace.requests.size(), 19'366U);
    EXPECT_NEAR(trace.rate(), 5.5, 0.2);

    const ServeFleet fleet = fleet_of_four(2);
    EngineSetting setting;
    const Replay jumps = replay_requests(trace, fleet, setting);
    const ReplayFigures figures =
        figures_of(trace, fleet, jumps, {.ttft_s = 1, .tpot_s = 0.05, .quantile = 0.9});
    EXPECT_EQ(figures.refused, 0U);
    EXPECT_LE(figures.cache_peak_part, 1);
    EXPECT_GT(figures.attainment, 0.9);
    double answers = 0;
    for (const ServeRequest& request : trace.requests) answers += request.answer;
    EXPECT_EQ(jumps.answer_tokens, answers);

    setting.jump_growth = 0;
    const Replay steps = replay_requests(trace, fleet, setting);
    EXPECT_NEAR(mean_end_s(jumps) / mean_end_s(steps), 1, 1e-6);
    EXPECT_NEAR(jumps.busy_s / steps.busy_s, 1, 1e-3);
}

// Requests of equal length at random times, at low and at medium load.
TEST(ServeTraceReplay, ItsMeansAreThoseOfTheSearch) {
    for (const double rate : {0.5, 2.0, 4.0}) {
        const ServeFleet fleet = fleet_of_four(1);
        const ServeTrace trace =
            drawn_trace(6000, {.prompt = 1024, .answer = 256}, {.rate = rate, .seed = 5});
        EngineSetting setting;
        setting.request_s = machine().constants.request_s;
        const ReplayFigures figures =
            figures_of(trace, fleet, replay_requests(trace, fleet, setting), {});
        ServeJob asked = job();
        asked.rate = rate;
        asked.prompt = 1024;
        asked.answer = 256;
        ServeOffer means{.plan = {.tp = 4}, .decode_plan = {}};
        set_replicas(asked, machine(), means, 1, 0);
        EXPECT_LT(means.cache_part, 1);
        EXPECT_NEAR(means.tpot_s / figures.tpot_s.mean, 1, 0.1) << rate;
        EXPECT_NEAR(means.ttft_s / figures.ttft_s.mean, 1, 0.3) << rate;
    }
}

}  // namespace
}  // namespace dayu::plan
