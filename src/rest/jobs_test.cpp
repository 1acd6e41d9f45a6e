// A job's life as its user sees it over HTTP, with a pretended agent.
#include <chrono>
#include <future>

#include <gtest/gtest.h>

#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

TEST(Jobs, RunAndEndWithTheirCode) {
    Server server;
    server.sync(server.quiet());
    const std::int64_t id = server.submit("exit 3");
    const std::string path = "/v1/jobs/" + std::to_string(id);
    const Token token = server.run_one(3);
    EXPECT_EQ(token.text, "0123456789abcdef-1-1");

    const wire::Json job = json_of(server.get(path + "/wait?timeout_s=5"));
    EXPECT_EQ(text_at(job, "state"), "FAILED");
    EXPECT_EQ(number_at(job, "code"), 3);
    EXPECT_EQ(text_at(job, "cause"), "exited");
    EXPECT_EQ(text_at(job, "center"), "shanghai");
    EXPECT_TRUE(job.find("phase")->is_null());

    const wire::Json detail = json_of(server.get(path));
    const wire::Json& attempt = detail.find("attempts")->as_array()->front();
    EXPECT_EQ(text_at(attempt, "cpu_s"), "0.350");
    EXPECT_EQ(number_at(attempt, "peak_memory_mib"), 12);
    EXPECT_EQ(number_at(detail, "chosen"), 0);
    EXPECT_EQ(text_at(detail.find("candidates")->as_array()->front(), "pool"), "cpu");

    const wire::Json why = json_of(server.get(path + "/explain"));
    EXPECT_EQ(text_at(why, "reason"), "None");
    EXPECT_TRUE(text_at(why, "text").starts_with("It ended FAILED with exit 3:0 at shanghai/cpu"));
    EXPECT_EQ(code_of(server.post(path + "/cancel", "")), "job_ended");
}

TEST(Jobs, ExplainSaysWhyTheyWaitAndWhereTheyRun) {
    Server server;
    const std::int64_t id = server.submit("sleep 1");
    const std::string path = "/v1/jobs/" + std::to_string(id) + "/explain";
    const wire::Json waits = json_of(server.get(path));
    EXPECT_EQ(text_at(waits, "state"), "PENDING");
    EXPECT_NE(text_at(waits, "reason"), "None");
    EXPECT_NE(text_at(waits, "text"), "");

    SyncReply reply = server.sync(server.quiet(seconds(5)));
    if (reply.starts.empty()) reply = server.sync(server.quiet(seconds(5)));
    ASSERT_EQ(reply.starts.size(), 1U);
    EXPECT_EQ(reply.starts.front().body.run, "sleep 1");
    const wire::Json runs = json_of(server.get(path));
    EXPECT_EQ(text_at(runs, "state"), "ACTIVE");
    EXPECT_EQ(text_at(runs, "phase"), "PLANNED");
    EXPECT_EQ(text_at(runs, "text"), "It is at shanghai/cpu (attempt 1, PLANNED), the only offer.");
}

TEST(Jobs, AreListedNewestFirstInPages) {
    Server server;
    for (int i = 0; i < 5; ++i) server.submit("job");
    const wire::Json first = json_of(server.get("/v1/jobs?limit=2"));
    EXPECT_EQ(number_at(first.find("jobs")->as_array()->front(), "id"), 5);
    EXPECT_EQ(number_at(first, "next"), 4);
    const wire::Json second = json_of(server.get("/v1/jobs?limit=2&before=4"));
    EXPECT_EQ(number_at(second.find("jobs")->as_array()->front(), "id"), 3);
    const wire::Json last = json_of(server.get("/v1/jobs?limit=2&before=2"));
    EXPECT_EQ(last.find("jobs")->as_array()->size(), 1U);
    EXPECT_TRUE(last.find("next")->is_null());

    EXPECT_EQ(server.post("/v1/jobs/5/cancel", "").status, 200);
    EXPECT_EQ(json_of(server.get("/v1/jobs")).find("jobs")->as_array()->size(), 4U);
    EXPECT_EQ(json_of(server.get("/v1/jobs?all=true")).find("jobs")->as_array()->size(), 5U);
    const wire::Json cancelled = json_of(server.get("/v1/jobs?state=CANCELLED"));
    EXPECT_EQ(number_at(cancelled.find("jobs")->as_array()->front(), "id"), 5);
}

TEST(Jobs, ListsHaveLimits) {
    Server server;
    for (const char* bad : {"limit=0", "limit=1001", "limit=x", "limit=-1", "before=0",
                            "limit=99999999999999999999", "state=RUNNIN", "all=maybe"}) {
        const http::Response refused = server.get(std::string("/v1/jobs?") + bad);
        EXPECT_EQ(refused.status, 400) << bad;
        EXPECT_EQ(code_of(refused), "parameter_invalid") << bad;
        EXPECT_TRUE(std::string(bad).starts_with(text_at(json_of(refused), "field"))) << bad;
    }
}

TEST(Jobs, AWaitRunsOut) {
    Server server;
    const std::int64_t id = server.submit("never placed");
    const auto begin = system_clock().instant();
    const wire::Json job =
        json_of(server.get("/v1/jobs/" + std::to_string(id) + "/wait?timeout_s=1"));
    EXPECT_EQ(text_at(job, "state"), "PENDING");
    EXPECT_TRUE(job.find("ended")->is_null());
    EXPECT_GE((system_clock().instant() - begin).ms, 990);
    EXPECT_EQ(code_of(server.get("/v1/jobs/1/wait?timeout_s=51")), "parameter_invalid");
}

TEST(Jobs, AWaitEndsWithTheJob) {
    Server server;
    const std::int64_t id = server.submit("cancelled");
    const std::string path = "/v1/jobs/" + std::to_string(id);
    auto waiting =
        std::async(std::launch::async, [&] { return server.get(path + "/wait?timeout_s=20"); });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(server.post(path + "/cancel", "").status, 200);
    EXPECT_EQ(text_at(json_of(waiting.get()), "state"), "CANCELLED");
}

TEST(Jobs, LogsComeFromTheAgent) {
    Server server;
    server.sync(server.quiet());
    const std::int64_t id = server.submit("printf");
    const std::string path = "/v1/jobs/" + std::to_string(id) + "/log";
    EXPECT_EQ(server.get("/v1/jobs/99/log").status, 404);
    server.run_one(0);

    auto reading =
        std::async(std::launch::async, [&] { return server.get(path + "?offset=2&wait_s=5"); });
    // First there is nothing new, then three bytes, of which one is no UTF-8.
    for (const bool ready : {false, true}) {
        SyncReply reply;
        for (int i = 0; i < 5 && reply.log_requests.empty(); ++i) {
            reply = server.sync(server.quiet(seconds(5)));
        }
        ASSERT_EQ(reply.log_requests.size(), 1U);
        EXPECT_EQ(reply.log_requests.front().offset, 2);
        SyncRequest said = server.quiet();
        said.log_chunks = {LogChunk{.id = reply.log_requests.front().id,
                                    .offset = 2,
                                    .base64 = ready ? "aP8K" : "",
                                    .at_end = true,
                                    .complete = ready}};
        server.sync(said);
    }
    const http::Response log = reading.get();
    EXPECT_EQ(log.status, 200);
    EXPECT_EQ(log.body, "h\xFF\n");
    EXPECT_EQ(log.header("Dayu-Log-Offset"), "2");
    EXPECT_EQ(log.header("Dayu-Log-Next"), "5");
    EXPECT_EQ(log.header("Dayu-Log-At-End"), "true");
    EXPECT_EQ(log.header("Dayu-Log-Complete"), "true");
}

TEST(Jobs, WhatAnEngineMeasuresIsSummedWithin64Bits) {
    Server server;
    server.sync(server.quiet());
    const std::int64_t id = server.submit("a");
    SyncReply reply = server.sync(server.quiet(seconds(5)));
    for (int i = 0; i < 5 && reply.starts.empty(); ++i)
        reply = server.sync(server.quiet(seconds(5)));
    ASSERT_EQ(reply.starts.size(), 1U);
    const Time now = system_clock().now();
    const Usage all{.cpu_ms = INT64_MAX, .peak_memory_mib = 1};
    SyncRequest said = server.quiet();
    said.holding = {reply.starts.front().token};
    said.observations = {{.token = said.holding.front(),
                          .state = AttemptState::running,
                          .at = now,
                          .windows = {{.from = now, .to = now + seconds(1), .usage = all},
                                      {.from = now, .to = now + seconds(2), .usage = all}},
                          .ending = {}}};
    server.sync(said);
    const wire::Json job = json_of(server.get("/v1/jobs/" + std::to_string(id)));
    EXPECT_EQ(text_at(job.find("attempts")->as_array()->front(), "cpu_s"), "9223372036854775.807");
}

TEST(Jobs, CentersAndChipsAreListed) {
    Server server;
    server.sync(server.quiet());
    const wire::Json listed = json_of(server.get("/v1/centers"));
    const wire::Json& center = listed.find("centers")->as_array()->front();
    EXPECT_EQ(text_at(center, "title"), "上海");
    EXPECT_EQ(text_at(center, "contact"), "ok");
    EXPECT_EQ(text_at(*center.find("energy"), "pue"), "1.250");
    const wire::Json& pool = center.find("pools")->as_array()->front();
    EXPECT_EQ(number_at(pool, "cpus"), 8);
    EXPECT_EQ(number_at(pool, "free_cpus"), 8);
    const wire::Json chips = json_of(server.get("/v1/chips"));
    EXPECT_EQ(text_at(chips.find("chips")->as_array()->front(), "name"), "A100-80GB");

    EXPECT_EQ(code_of(server.post("/v1/centers/shanghai/fence", "{}")), "reason_missing");
    EXPECT_EQ(server.post("/v1/centers/shanghai/fence", R"({"reason":"gone"})").status, 200);
    const wire::Json fenced = json_of(server.get("/v1/centers"));
    EXPECT_EQ(text_at(fenced.find("centers")->as_array()->front(), "contact"), "none");
}

TEST(Jobs, ABrokenSyncChangesNothing) {
    Server server;
    const auto say = [&](const std::string& body) {
        return server.call({.method = "POST", .path = "/v1/agent/sync", .body = body}, agent_token);
    };
    EXPECT_EQ(say("{\"agent\":").status, 400);
    EXPECT_EQ(say(R"({"agent":7})").status, 400);
    EXPECT_EQ(code_of(say(R"({"agent":"a","incarnation":1,"number":1})")), "value_missing");
    EXPECT_EQ(code_of(say(R"({"agent":"a","installation":"i"})")), "value_missing");
    EXPECT_EQ(json_of(server.get("/v1/centers")).find("centers")->as_array()->size(), 0U);
    // What a newer agent says beyond our words is passed over.
    EXPECT_EQ(
        say(R"({"agent":"a","installation":"i","incarnation":1,"number":1,"mood":"good"})").status,
        200);
    // Someone else may not take a centre that is held.
    server.sync(server.quiet());
    SyncRequest other = server.quiet();
    other.installation = "beef";
    std::string body;
    wire::write_json(body, other);
    EXPECT_EQ(code_of(say(body)), "lease_held");
}

}  // namespace
}  // namespace dayu::rest
