#include "plan/serve_trace.h"

#include <gtest/gtest.h>

namespace dayu::plan {
namespace {

TEST(ServeTrace, ReadsAzuresTrace) {
    const std::string text =
        "TIMESTAMP,ContextTokens,GeneratedTokens\n"
        "2023-11-16 23:59:59.5000000,374,44\n"
        "2023-11-17 00:00:01.7500000,396,109\n"
        "2023-11-17 00:00:02.0000000,396,0\n";
    EXPECT_TRUE(is_azure_trace(text));
    EXPECT_FALSE(is_length_table(text));
    const auto trace = parse_azure_trace("conv.csv", text);
    ASSERT_TRUE(trace.ok()) << trace.error().message;
    ASSERT_EQ(trace->requests.size(), 2U);  // one gave no token
    EXPECT_EQ(trace->requests[0].arrival_s, 0);
    EXPECT_NEAR(trace->requests[1].arrival_s, 2.25, 1e-6);
    EXPECT_EQ(trace->requests[1].prompt, 396);
    EXPECT_EQ(trace->requests[1].answer, 109);
}

TEST(ServeTrace, SaysWhatIsWrongWhere) {
    const std::string header = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
    for (const auto& [line, named] : {std::pair{"2023-13-16 23:59:59,374,44\n", "TIMESTAMP"},
                                      {"2023-11-16 25:59:59,374,44\n", "TIMESTAMP"},
                                      {"2023-11-16 23:59:59,-4,44\n", "ContextTokens"},
                                      {"2023-11-16 23:59:59,4,many\n", "GeneratedTokens"}}) {
        const auto trace = parse_azure_trace("conv.csv", header + line);
        ASSERT_FALSE(trace.ok()) << line;
        EXPECT_EQ(trace.error().code, "serve_trace_invalid");
        EXPECT_TRUE(trace.error().message.starts_with("conv.csv:2: ")) << trace.error().message;
        EXPECT_NE(trace.error().message.find(named), std::string::npos) << trace.error().message;
    }
}

TEST(ServeTrace, LengthsAloneArriveByChance) {
    const auto trace = parse_length_table(
        "lengths.csv", "num_prefill_tokens,num_decode_tokens,x\n3772,54,1\n2015,156,2\n",
        {.rate = 2});
    ASSERT_TRUE(trace.ok()) << trace.error().message;
    ASSERT_EQ(trace->requests.size(), 2U);
    EXPECT_GT(trace->requests[1].arrival_s, 0);
}

TEST(ServeTrace, DrawnArrivalsHaveTheirRateAndComeBackWithTheirSeed) {
    const Arrivals arrivals{.rate = 40, .seed = 3};
    const ServeTrace trace = drawn_trace(20'000, {.prompt = 1024, .answer = 256}, arrivals);
    EXPECT_NEAR(trace.rate(), 40, 1);
    const ServeTrace again = drawn_trace(20'000, {.prompt = 1024, .answer = 256}, arrivals);
    EXPECT_EQ(trace.requests.back().arrival_s, again.requests.back().arrival_s);
}

TEST(ServeTrace, StretchingKeepsTheBursts) {
    ServeTrace trace{.requests = {{.arrival_s = 0, .prompt = 1, .answer = 1},
                                  {.arrival_s = 1, .prompt = 1, .answer = 1},
                                  {.arrival_s = 4, .prompt = 1, .answer = 1}},
                     .blocks = {}};
    EXPECT_EQ(trace.rate(), 0.5);
    trace = stretched_to(std::move(trace), 2);
    EXPECT_EQ(trace.rate(), 2);
    EXPECT_EQ(trace.requests[1].arrival_s, 0.25);
}

}  // namespace
}  // namespace dayu::plan
