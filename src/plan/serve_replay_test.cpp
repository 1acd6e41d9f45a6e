#include "plan/serve_replay.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace dayu::plan {
namespace {

// A replica whose iterations can be reckoned by hand: a second, and a little for each part of the work.
double by_hand_s(const Iteration& work) {
    return 1 + 0.1 * work.decoding + 0.001 * work.decode_context + 0.01 * work.prefill_tokens;
}

ServeFleet fleet_of(double cache_tokens, std::uint32_t replicas = 1) {
    return {.pool = {.iteration_s = by_hand_s, .cache_tokens = cache_tokens, .replicas = replicas}};
}

ServeTrace trace_of(std::vector<ServeRequest> requests) {
    return {.requests = std::move(requests), .blocks = {}};
}

TEST(ServeReplay, OneRequestTakesItsPromptAndThenAnIterationAToken) {
    const ServeTrace trace = trace_of({{.arrival_s = 0, .prompt = 100, .answer = 3}});
    const Replay result = replay_requests(trace, fleet_of(1000), {});
    EXPECT_NEAR(result.outcomes[0].first_s, 2, 1e-12);
    EXPECT_NEAR(result.outcomes[0].end_s, 2 + 1.201 + 1.202, 1e-12);
    const ReplayFigures figures =
        figures_of(trace, fleet_of(1000), result, {.ttft_s = 2, .tpot_s = 1.2});
    EXPECT_NEAR(figures.tpot_s.mean, (1.201 + 1.202) / 2, 1e-12);
    EXPECT_NEAR(figures.e2e_s.p99, 4.403, 1e-12);
    EXPECT_EQ(figures.attainment, 0);  // TTFT met, TPOT not
    EXPECT_NEAR(figures.busy_part, 1, 1e-12);
    EXPECT_NEAR(figures.tokens_per_s, 103 / 4.403, 1e-12);
    EXPECT_NEAR(figures.cache_peak_part, (102 + 1 + 8) / 1000.0, 1e-12);  // half a page of 16
}

TEST(ServeReplay, WhatArrivesDuringAnIterationJoinsTheNext) {
    const ServeTrace trace = trace_of({{.arrival_s = 0, .prompt = 100, .answer = 3},
                                       {.arrival_s = 0.5, .prompt = 200, .answer = 1}});
    const Replay result = replay_requests(trace, fleet_of(1000), {});
    const double mixed_s = 1 + 0.1 + 0.101 + 2;
    EXPECT_NEAR(result.outcomes[1].admitted_s, 2, 1e-12);
    EXPECT_NEAR(result.outcomes[1].first_s, 2 + mixed_s, 1e-12);
    EXPECT_EQ(result.outcomes[1].end_s, result.outcomes[1].first_s);
    EXPECT_NEAR(result.outcomes[0].end_s, 2 + mixed_s + 1.202, 1e-12);
}

TEST(ServeReplay, AnArrivalEndsAJumpAtTheNextIteration) {
    const ServeTrace trace = trace_of({{.arrival_s = 0, .prompt = 100, .answer = 100},
                                       {.arrival_s = 20, .prompt = 100, .answer = 1}});
    const Replay result = replay_requests(trace, fleet_of(1000), {});
    double now_s = 2, context = 101;
    while (now_s < 20) now_s += 1.1 + 0.001 * context++;
    EXPECT_NEAR(result.outcomes[1].admitted_s, now_s, 1e-9);
}

TEST(ServeReplay, ALongPromptIsWorkedOnInChunks) {
    double pairs = 0, most = 0, iterations = 0;
    ServeFleet fleet = fleet_of(1000);
    fleet.pool.iteration_s = [&](const Iteration& work) {
        pairs += work.prefill_pairs;
        most = std::max(most, work.prefill_tokens);
        ++iterations;
        return 1.0;
    };
    const ServeTrace trace = trace_of({{.arrival_s = 0, .prompt = 250, .answer = 1}});
    const Replay result = replay_requests(trace, fleet, {.token_budget = 100});
    EXPECT_EQ(iterations, 3);
    EXPECT_EQ(most, 100);
    EXPECT_NEAR(pairs, 250.0 * 250 / 2, 1e-9);
    EXPECT_EQ(result.outcomes[0].first_s, 3);
}

// Two groups: a prompt alone leaves one of them idle, two do not, and of three one has two to do.
TEST(ServeReplay, AnIterationLastsAsLongAsTheGroupWithMostToDo) {
    for (const auto& [prompts, tokens] : {std::pair{1, 200}, {2, 200}, {3, 400}}) {
        ServeFleet fleet = fleet_of(10'000);
        fleet.pool.groups = 2;
        const ServeTrace trace = trace_of(std::vector<ServeRequest>(
            static_cast<std::size_t>(prompts), {.arrival_s = 0, .prompt = 100, .answer = 1}));
        const Replay result = replay_requests(trace, fleet, {});
        for (const RequestOutcome& outcome : result.outcomes)
            EXPECT_NEAR(outcome.first_s, 1 + 0.01 * tokens, 1e-12) << prompts;
    }
}

TEST(ServeReplay, MemoryAdmitsAsManyAsItHolds) {
    const ServeRequest request{.arrival_s = 0, .prompt = 100, .answer = 2};
    const Replay result = replay_requests(trace_of({request, request}), fleet_of(215), {});
    EXPECT_EQ(result.outcomes[0].admitted_s, 0);
    EXPECT_EQ(result.outcomes[1].admitted_s, result.outcomes[0].end_s);
    EXPECT_EQ(result.preemptions, 0U);
    EXPECT_LE(result.cache_peak_part, 1);
}

TEST(ServeReplay, WhereMemoryRunsOutTheLastIsComputedAgain) {
    const ServeRequest request{.arrival_s = 0, .prompt = 100, .answer = 50};
    const ServeTrace trace = trace_of({request, request});
    const Replay result = replay_requests(trace, fleet_of(240), {.free_part = 0});
    // Both fit with 100 + 1 tokens and half a page; after 11 further tokens each, memory is full.
    EXPECT_EQ(result.preemptions, 1U);
    EXPECT_LE(result.cache_peak_part, 1);
    EXPECT_EQ(result.answer_tokens, 100);
    EXPECT_LT(result.outcomes[0].end_s, result.outcomes[1].end_s);
    EXPECT_EQ(result.outcomes[0].first_s, result.outcomes[1].first_s);  // given before
}

TEST(ServeReplay, WhatCouldNeverEndIsRefused) {
    const ServeTrace trace = trace_of({{.arrival_s = 0, .prompt = 900, .answer = 200},
                                       {.arrival_s = 1, .prompt = 10, .answer = 1}});
    const Replay result = replay_requests(trace, fleet_of(1000), {});
    EXPECT_TRUE(result.outcomes[0].is_refused);
    EXPECT_FALSE(result.outcomes[1].is_refused);
    EXPECT_EQ(figures_of(trace, fleet_of(1000), result, {}).attainment, 0.5);
}

// Blocks 1, 2 and then 3 or 4; the third request comes when 3 was dropped, and the fourth finds two blocks again.
TEST(ServeReplay, PrefixesThatAreHereAreNotComputedAgain) {
    ServeTrace trace{
        .requests =
            {{.arrival_s = 0, .prompt = 1600, .answer = 1, .first_block = 0, .blocks = 3},
             {.arrival_s = 100, .prompt = 1536, .answer = 1, .first_block = 0, .blocks = 3},
             {.arrival_s = 200, .prompt = 1600, .answer = 1, .first_block = 3, .blocks = 3}},
        .blocks = {1, 2, 3, 1, 2, 4}};
    const Replay result = replay_requests(trace, fleet_of(4000), {});
    EXPECT_EQ(result.outcomes[0].cached, 0);
    EXPECT_EQ(result.outcomes[1].cached, 1535);  // one token at least is computed
    EXPECT_EQ(result.outcomes[2].cached, 1024);
    EXPECT_NEAR(result.outcomes[1].first_s, 100 + 1 + 0.01, 1e-12);
    const ReplayFigures figures = figures_of(trace, fleet_of(4000), result, {});
    EXPECT_NEAR(figures.cache_hit_part, (1535 + 1024) / (1600 + 1536 + 1600.0), 1e-12);

    const Replay forgetful = replay_requests(trace, fleet_of(4000), {.keeps_prefixes = false});
    EXPECT_EQ(forgetful.outcomes[2].cached, 0);
}

TEST(ServeReplay, RoomForOthersIsTakenFromThePrefixUsedLongestAgo) {
    ServeTrace trace{
        .requests = {{.arrival_s = 0, .prompt = 520, .answer = 1, .first_block = 0, .blocks = 1},
                     {.arrival_s = 100, .prompt = 520, .answer = 1, .first_block = 1, .blocks = 1},
                     {.arrival_s = 200, .prompt = 520, .answer = 1, .first_block = 2, .blocks = 1},
                     {.arrival_s = 300, .prompt = 520, .answer = 1, .first_block = 1, .blocks = 1},
                     {.arrival_s = 400, .prompt = 520, .answer = 1, .first_block = 0, .blocks = 1}},
        .blocks = {7, 8, 9}};
    const Replay result = replay_requests(trace, fleet_of(2 * 512 + 100), {});
    EXPECT_EQ(result.outcomes[3].cached, 512);  // 8 is here, 7 had to go for 9
    EXPECT_EQ(result.outcomes[4].cached, 0);
}

TEST(ServeReplay, RequestsGoWhereTheirPrefixIsOrWhereThereIsLeastToDo) {
    ServeTrace trace{
        .requests = {{.arrival_s = 0, .prompt = 600, .answer = 1, .first_block = 0, .blocks = 1},
                     {.arrival_s = 0, .prompt = 600, .answer = 1, .first_block = 1, .blocks = 1},
                     {.arrival_s = 100, .prompt = 600, .answer = 1, .first_block = 1, .blocks = 1}},
        .blocks = {5, 6}};
    const Replay aware = replay_requests(trace, fleet_of(4000, 2), {});
    EXPECT_EQ(aware.outcomes[0].first_s, 7);  // side by side
    EXPECT_EQ(aware.outcomes[1].first_s, 7);
    EXPECT_EQ(aware.outcomes[2].cached, 512);
    const Replay least =
        replay_requests(trace, fleet_of(4000, 2), {.routing = Routing::least_loaded});
    EXPECT_EQ(least.outcomes[2].cached, 0);  // the first of two idle ones
}

TEST(ServeReplay, SplitPoolsComputeMoveAndDecode) {
    const ServeTrace trace = trace_of({{.arrival_s = 0, .prompt = 100, .answer = 3}});
    ServeFleet fleet = fleet_of(1000);
    fleet.decoders = {.iteration_s = by_hand_s, .cache_tokens = 1000, .replicas = 1};
    fleet.transfer_s_per_token = 0.005;
    const Replay result = replay_requests(trace, fleet, {});
    EXPECT_NEAR(result.outcomes[0].first_s, 2, 1e-12);
    EXPECT_NEAR(result.outcomes[0].end_s, 2 + 0.5 + 1.201 + 1.202, 1e-12);
    EXPECT_EQ(result.answer_tokens, 3);
}

TEST(ServeReplay, SpeculationGivesSeveralTokensForALongerIteration) {
    const ServeTrace trace = trace_of({{.arrival_s = 0, .prompt = 100, .answer = 5}});
    const Replay result =
        replay_requests(trace, fleet_of(1000), {.accepted = 2, .draft_part = 0.5});
    EXPECT_NEAR(result.outcomes[0].first_s, 2, 1e-12);  // prompts are not drafted
    EXPECT_NEAR(result.outcomes[0].end_s, 2 + 1.5 * (1.201 + 1.203), 1e-12);
    EXPECT_EQ(result.answer_tokens, 5);
}

// Requests of many lengths in bursts, with prefixes that repeat. None arrives at the very end of an iteration, where rounding
// would decide which it joins.
ServeTrace random_trace(std::uint64_t seed, std::size_t count) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t most) { return static_cast<double>(random() % most); };
    ServeTrace trace;
    double now_s = 1e-4 / 3;
    for (std::size_t i = 0; i < count; ++i) {
        now_s += random() % 4 == 0 ? below(60) : 0;
        ServeRequest request{
            .arrival_s = now_s, .prompt = 1 + below(3000), .answer = 1 + below(200)};
        request.first_block = static_cast<std::uint32_t>(trace.blocks.size());
        request.blocks = static_cast<std::uint32_t>(request.prompt / tokens_per_block);
        const std::uint64_t root = random() % 5;
        for (std::uint64_t block = 0; block < request.blocks; ++block)
            trace.blocks.push_back(root * 100 + block);
        trace.requests.push_back(request);
    }
    return trace;
}

TEST(ServeReplay, EveryRequestEndsOnceAndNoTokenIsLost) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const ServeTrace trace = random_trace(seed, 200);
        const ServeFleet fleet = fleet_of(4000 + 1000.0 * static_cast<double>(seed),
                                          1 + static_cast<std::uint32_t>(seed % 3));
        const Replay result = replay_requests(trace, fleet, {.token_budget = 512});
        double answers = 0;
        for (std::size_t i = 0; i < trace.requests.size(); ++i) {
            const RequestOutcome& outcome = result.outcomes[i];
            ASSERT_FALSE(outcome.is_refused) << "seed " << seed;
            EXPECT_GE(outcome.admitted_s, trace.requests[i].arrival_s);
            EXPECT_GT(outcome.first_s, outcome.admitted_s);
            EXPECT_GE(outcome.end_s, outcome.first_s);
            EXPECT_LT(outcome.cached, trace.requests[i].prompt);
            answers += trace.requests[i].answer;
        }
        EXPECT_NEAR(result.answer_tokens, answers, 1e-6) << "seed " << seed;
        EXPECT_LE(result.cache_peak_part, 1) << "seed " << seed;
        EXPECT_LE(result.busy_s, result.span_s * fleet.pool.replicas * (1 + 1e-9));
    }
}

double furthest_apart(const Replay& left, const Replay& right) {
    double most = 0;
    for (std::size_t i = 0; i < left.outcomes.size(); ++i)
        most = std::max(most, std::abs(left.outcomes[i].end_s / right.outcomes[i].end_s - 1));
    return most;
}

TEST(ServeReplay, JumpsEqualStepsWhereTimeIsLinearInContext) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const ServeTrace trace = random_trace(seed, 200);
        const ServeFleet fleet = fleet_of(20'000, 2);
        EngineSetting setting{.routing = Routing::least_loaded};
        const Replay jumps = replay_requests(trace, fleet, setting);
        setting.jump_growth = 0;
        const Replay steps = replay_requests(trace, fleet, setting);
        EXPECT_LT(furthest_apart(jumps, steps), 1e-9) << "seed " << seed;
        EXPECT_EQ(jumps.preemptions, steps.preemptions) << "seed " << seed;
    }
}

// Bound by compute until context takes longer: a kink.
TEST(ServeReplay, JumpsStayNearStepsWhereItIsNot) {
    ServeFleet fleet = fleet_of(40'000);
    fleet.pool.iteration_s = [](const Iteration& work) {
        return 1 + 0.01 * work.prefill_tokens + std::max(0.5, 0.001 * work.decode_context);
    };
    const ServeTrace trace = trace_of({{.arrival_s = 0, .prompt = 100, .answer = 2000}});
    const Replay jumps = replay_requests(trace, fleet, {});
    const Replay steps = replay_requests(trace, fleet, {.jump_growth = 0});
    EXPECT_LT(furthest_apart(jumps, steps), 0.002);
    EXPECT_GE(jumps.outcomes[0].end_s,
              steps.outcomes[0].end_s);  // the mean of a convex curve's ends
}

TEST(ServeReplay, TheSameTwiceIsTheSameToTheBit) {
    const ServeTrace trace = random_trace(7, 300);
    const Replay once = replay_requests(trace, fleet_of(9000, 3), {});
    const Replay again = replay_requests(trace, fleet_of(9000, 3), {});
    EXPECT_EQ(furthest_apart(once, again), 0);
    EXPECT_EQ(once.busy_s, again.busy_s);
}

}  // namespace
}  // namespace dayu::plan
