#include "wire/json_fields.h"

#include <rapidcheck.h>

#include <gtest/gtest.h>

#include "model/agent_messages.h"
#include "model/offer.h"

namespace dayu::wire {
namespace {

template <class T>
std::string written(const T& value) {
    std::string out;
    write_json(out, value);
    return out;
}

template <class T>
std::string refusal(std::string_view text, ReadOptions options = {}) {
    T value;
    const Result<void> read = from_json(*parse_json(text), value, options);
    return read.ok() ? "" : read.error().code + " " + read.error().message;
}

SyncRequest full_request() {
    SyncRequest request{
        .agent = "zhongwei-1", .installation = "ab\n\"", .incarnation = 1ULL << 60, .number = 7};
    request.centers.push_back({.name = "zhongwei", .title = "中卫枢纽", .tier = Tier::national});
    request.centers[0].pools.push_back({.name = "a100", .chip = "A100-80GB", .nodes = 2});
    request.centers[0].pools[0].price_per_chip_hour = {-1};
    request.holding = {{"c-1-1"}, {"c-2-1"}};
    request.observations.push_back(
        {.token = {"c-1-1"},
         .state = AttemptState::ended,
         .at = {1'700'000'000'123},
         .windows = {{{1}, {2}, {3, 4}}},
         .ending = Ending{.cause = EndCause::oom, .code = -1, .signal = 9}});
    request.log_chunks.push_back({.id = 3, .base64 = "AA==", .at_end = true});
    request.wait = seconds(20);
    return request;
}

TEST(JsonFields, WriterAndTreeAgreeAndReadBack) {
    const SyncRequest request = full_request();
    EXPECT_EQ(written(request), to_text(to_json(request)));
    SyncRequest back;
    const Result<void> read = from_json(*parse_json(written(request)), back);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(back, request);
}

TEST(JsonFields, AbsentIsLeftOut) {
    EXPECT_EQ(written(SyncReply{.lease = seconds(30)}), R"({"lease_ms":30000})");
    EXPECT_EQ(written(Refusal{.code = "x"}), R"({"code":"x","detail":"","tier":"NeverFits"})");
}

TEST(JsonFields, WhatIsMissingKeepsItsDefault) {
    JobSpec spec;
    ASSERT_TRUE(
        from_json(*parse_json(R"({"nodes":4,"placement":{"max_price":"1.5"}})"), spec).ok());
    EXPECT_EQ(spec.nodes, 4);
    EXPECT_EQ(spec.time_limit, seconds(24 * 3600));
    EXPECT_EQ(spec.placement.max_price, Money{1'500'000});
}

TEST(JsonFields, ErrorsNameThePath) {
    EXPECT_EQ(refusal<JobFile>(R"({"spec":{"resources":{"cpus":"many"}}})"),
              "field_malformed spec.resources.cpus: expected a whole number of at most 64 bits, "
              "got \"many\"");
    EXPECT_EQ(refusal<JobFile>(R"({"spec":{"retry":{"on_exit":[1,{}]}}})"),
              "field_malformed spec.retry.on_exit[1]: expected a whole number of at most 64 bits, "
              "got {}");
    EXPECT_EQ(refusal<SyncRequest>(R"({"centers":[{},{"tier":"town"}]})"),
              "field_malformed centers[1].tier: expected one of national regional city district "
              "industry, "
              "got \"town\"");
    EXPECT_EQ(refusal<SyncRequest>(R"({"observations":[{"at":"yesterday"}]})").substr(0, 35),
              "time_malformed observations[0].at: ");
    EXPECT_EQ(refusal<Candidate>(R"({"center":4294967296})"),
              "field_malformed center: expected a number of at most 32 bits, got 4294967296");
    EXPECT_EQ(refusal<SyncRequest>("[]"), "field_malformed expected an object, got []");
}

TEST(JsonFields, UnknownKeysNameTheNearestOrAreSkippedFromNewerPeers) {
    EXPECT_EQ(refusal<JobFile>(R"({"spec":{"resources":{"cpsu":1}}})"),
              "field_unknown spec.resources: unknown key \"cpsu\"; did you mean \"cpus\"?");
    EXPECT_EQ(refusal<JobFile>(R"({"spec":{"colour":"red"}})", {.ignore_unknown_keys = true}), "");
}

TEST(JsonFields, MapsAreWrittenInUtf16Order) {
    const std::map<std::string, std::string> env = {{"\xEF\xAC\xB3", "1"},
                                                    {"\xF0\x9F\x98\x80", "2"}};
    EXPECT_EQ(written(env), "{\"\xF0\x9F\x98\x80\":\"2\",\"\xEF\xAC\xB3\":\"1\"}");
}

TEST(JsonFields, TimesAndMoneyLookAsInBase) {
    EXPECT_TRUE(rc::check([](std::int64_t number) {
        std::string money, time;
        append_money(money, {number});
        RC_ASSERT(money == to_string(Money{number}));
        const Time when{number % 253'402'300'800'000};
        append_time(time, when);
        RC_ASSERT(time == to_string(when));
    }));
    for (const std::int64_t ms :
         {0LL, 951'782'400'000LL, 951'868'799'999LL, 4'107'542'399'999LL, 253'402'300'799'999LL}) {
        std::string time;
        append_time(time, {ms});
        EXPECT_EQ(time, to_string(Time{ms}));
    }
}

TEST(JsonFields, IntegersOfAnySizeReadBack) {
    EXPECT_TRUE(rc::check([](std::int64_t number, std::uint64_t unsigned_number) {
        std::int64_t back = 0;
        RC_ASSERT(from_json(*parse_json(written(number)), back).ok() && back == number);
        std::uint64_t unsigned_back = 0;
        RC_ASSERT(from_json(*parse_json(written(unsigned_number)), unsigned_back).ok());
        RC_ASSERT(unsigned_back == unsigned_number);
    }));
}

TEST(JsonFields, OneNumberHasOneForm) {
    EXPECT_NE(refusal<NodeShare>(R"({"cpus":"8"})"), "");
    EXPECT_NE(refusal<NodeShare>(R"({"cpus":"09007199254740993"})"), "");
    EXPECT_EQ(refusal<NodeShare>(R"({"cpus":"9007199254740993"})"), "");
}

}  // namespace
}  // namespace dayu::wire
