// Submitting: once, again with the same key, many at once, and what is refused.
#include <atomic>

#include <gtest/gtest.h>

#include "rest/json_array.h"
#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

http::Call with_key(const std::string& key, const std::string& body) {
    return {
        .method = "POST", .path = "/v1/jobs", .body = body, .headers = {{"Idempotency-Key", key}}};
}

TEST(Submit, IsAcceptedAsYamlAndAsJson) {
    Server server;
    const http::Response yaml = server.call({.method = "POST",
                                             .path = "/v1/jobs",
                                             .body = "name: tang\nrun: echo hello\n",
                                             .content_type = "application/yaml"});
    EXPECT_EQ(yaml.status, 201) << yaml.body;
    EXPECT_EQ(number_at(json_of(yaml), "id"), 1);
    EXPECT_EQ(text_at(json_of(yaml), "name"), "tang");
    EXPECT_EQ(yaml.header("Location"), "/v1/jobs/1");
    EXPECT_EQ(server.submit("echo again"), 2);
}

TEST(Submit, TheSameKeyReturnsTheStoredAnswer) {
    Server server;
    const http::Response first = server.call(with_key("k-1", R"({"run":"a"})"));
    EXPECT_EQ(first.status, 201);
    EXPECT_FALSE(first.header("Idempotent-Replayed"));
    const http::Response again = server.call(with_key("k-1", R"({ "run": "a" })"));
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(number_at(json_of(again), "id"), number_at(json_of(first), "id"));

    const http::Response clash = server.call(with_key("k-1", R"({"run":"b"})"));
    EXPECT_EQ(clash.status, 409);
    EXPECT_EQ(code_of(clash), "idempotency_key_reused");
    EXPECT_EQ(server.call(with_key("k-2", R"({"run":"a"})")).status, 201);
}

// Chips may be gone by the time of a repeat, and planning takes longer than all else of a submit.
TEST(Submit, ARepeatOfAJobThatAsksForWorkIsNotPlannedAgain) {
    std::atomic<int> planned = 0;
    Server server(nullptr, [&](JobFile&, const PlanGround&) -> Result<std::vector<WorkPlan>> {
        if (++planned > 1) return invalid("plan_no_chips", "there are none any more");
        return std::vector<WorkPlan>();
    });
    const auto file = [](int tokens) {
        return R"({"model":{"name":"LLaMA2-7B"},"run":"a","tokens":)" + std::to_string(tokens) +
               "}";
    };
    const http::Response first = server.call(with_key("k", file(1000)));
    EXPECT_EQ(first.status, 201) << first.body;
    const http::Response again = server.call(with_key("k", file(1000)));
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(number_at(json_of(again), "id"), number_at(json_of(first), "id"));
    EXPECT_EQ(code_of(server.call(with_key("k", file(2000)))), "idempotency_key_reused");
    EXPECT_EQ(planned, 1);
    EXPECT_EQ(code_of(server.call(with_key("other", file(1000)))), "plan_no_chips");
}

TEST(Submit, TheJobFileSaysWhoPaysAndWhoseTurnItIs) {
    Server server;
    server.post("/v1/jobs", R"({"run":"a","priority":"high","preemptible":true,
        "billing":{"project":"poems"},"data":{"inputs":[{"dataset":"tang300","bytes":5}]}})");
    server.submit("b");
    const wire::Json job = json_of(server.get("/v1/jobs/1"));
    EXPECT_EQ(text_at(job, "project"), "poems");
    EXPECT_EQ(text_at(job, "tenant"), "default");
    EXPECT_EQ(text_at(job, "priority"), "high");
    EXPECT_EQ(*job.find("preemptible"), wire::Json(true));
    EXPECT_TRUE(job.find("claim")->is_null());
    EXPECT_EQ(job.find("spec")->find("inputs")->as_array()->size(), 1U);
    EXPECT_EQ(text_at(json_of(server.get("/v1/jobs/2")), "project"), "default");
    const wire::Json page = json_of(server.get("/v1/jobs?project=poems"));
    EXPECT_EQ(page.find("jobs")->as_array()->size(), 1U);
    EXPECT_EQ(code_of(server.post("/v1/jobs", R"({"run":"a","billing":{"project":"P"}})")),
              "value_malformed");
}

TEST(Submit, AKeyIsVisibleAndShort) {
    Server server;
    EXPECT_EQ(code_of(server.call(with_key("two words", R"({"run":"a"})"))),
              "idempotency_key_invalid");
    EXPECT_EQ(code_of(server.call(with_key(std::string(256, 'k'), R"({"run":"a"})"))),
              "idempotency_key_invalid");
    EXPECT_EQ(server.call(with_key(std::string(255, 'k'), R"({"run":"a"})")).status, 201);
}

TEST(Submit, WhatIsWrongIsNamed) {
    Server server;
    const http::Response misspelt = server.post("/v1/jobs", R"({"run":"a","nodez":2})");
    EXPECT_EQ(misspelt.status, 400);
    EXPECT_EQ(code_of(misspelt), "key_unknown");
    EXPECT_EQ(text_at(json_of(misspelt), "field"), "nodez");
    EXPECT_NE(text_at(json_of(misspelt), "detail").find("nodes"), std::string::npos);
    EXPECT_EQ(server.post("/v1/jobs", R"({"run":)").status, 400);
    EXPECT_EQ(server.post("/v1/jobs", "").status, 400);
    EXPECT_EQ(server.post("/v1/jobs", R"({"name":"x"})").status, 400);
    const http::Response chip =
        server.post("/v1/jobs", R"({"run":"a","resources":{"accelerators":"A100-80BG:8"}})");
    EXPECT_EQ(code_of(chip), "chip_unknown");
    const http::Response media = server.call(
        {.method = "POST", .path = "/v1/jobs", .body = "run: a", .content_type = "image/png"});
    EXPECT_EQ(media.status, 415);
    EXPECT_EQ(code_of(media), "media_type_unsupported");
    EXPECT_EQ(server.submit("still alive"), 1);
}

TEST(Submit, AFileOfAnotherSystemIsTakenWithItsNotesAndRefusedForItsErrors) {
    Server server;
    const auto script = [](const std::string& options) {
        return "#!/bin/sh\n#SBATCH -J probe -t 5 --mem=1G " + options + "\ntrue\n";
    };
    const http::Response taken = server.post("/v1/jobs", script("-p gpu"));
    EXPECT_EQ(taken.status, 201) << taken.body;
    EXPECT_EQ(text_at(json_of(taken), "name"), "probe");
    const wire::Json note = json_of(taken).find("unmapped")->as_array()->front();
    EXPECT_EQ(text_at(note, "weight"), "note");
    EXPECT_EQ(text_at(note, "key"), "-p");
    EXPECT_EQ(number_at(note, "line"), 2);
    EXPECT_EQ(text_at(note, "value"), "gpu");

    const http::Response refused = server.post("/v1/jobs", script("--exclusive -L x"));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(code_of(refused), "job_file_unmapped");
    EXPECT_NE(text_at(json_of(refused), "detail").find("line 2, -L: "), std::string::npos);
    const http::Response weighed = server.post("/v1/offers", script("--exclusive"));
    EXPECT_EQ(weighed.status, 200);
    EXPECT_EQ(json_of(weighed).find("unmapped")->as_array()->size(), 1U);
}

TEST(Submit, ADryRunShowsOffersAndSubmitsNothing) {
    Server server;
    server.sync(server.quiet());
    const http::Response offers = server.post("/v1/jobs?dry_run=true", R"({"run":"a"})");
    EXPECT_EQ(offers.status, 200);
    const wire::Json json = json_of(offers);
    EXPECT_EQ(number_at(json, "chosen"), 0);
    const wire::Json& best = json.find("candidates")->as_array()->front();
    EXPECT_EQ(text_at(best, "center"), "shanghai");
    EXPECT_EQ(text_at(best, "price"), "2.400000");  // a CPU for the default day
    EXPECT_EQ(number_at(best, "run_s"), 86'400);
    EXPECT_EQ(text_at(best, "energy_kwh"), "0.300000");  // 10 W, PUE 1.25
    EXPECT_EQ(text_at(best, "carbon_gco2e"), "126.150");
    EXPECT_EQ(number_at(*json.find("spec"), "time_limit_s"), 86'400);
    EXPECT_EQ(json_of(server.get("/v1/jobs?all=true")).find("jobs")->as_array()->size(), 0U);
    for (const char* unclear : {"?dry_run=perhaps", "?dry_run=1", "?dry_run=", "?dry_run"}) {
        EXPECT_EQ(code_of(server.post(std::string("/v1/jobs") + unclear, R"({"run":"a"})")),
                  "parameter_invalid")
            << unclear;
    }
}

TEST(Submit, ABatchIsAnsweredItemByItem) {
    Server server;
    const http::Call batch{.method = "POST",
                           .path = "/v1/jobs:batch",
                           .body = R"([{"run":"a"}, {"runn":"b"}, {"run":"c ]},{"}])",
                           .headers = {{"Idempotency-Key", "nightly"}}};
    const wire::Json first = json_of(server.call(batch));
    const auto& results = *first.find("results")->as_array();
    ASSERT_EQ(results.size(), 3U);
    EXPECT_EQ(number_at(results[0], "id"), 1);
    EXPECT_EQ(text_at(*results[1].find("error"), "code"), "key_unknown");
    EXPECT_EQ(number_at(results[2], "id"), 2);

    const wire::Json again = json_of(server.call(batch));
    const auto& repeated = *again.find("results")->as_array();
    EXPECT_EQ(number_at(repeated[0], "id"), 1);
    EXPECT_EQ(*repeated[0].find("replayed"), wire::Json(true));
    EXPECT_EQ(number_at(repeated[2], "id"), 2);
}

TEST(Submit, ABatchHasALimitAndAShape) {
    Server server;
    std::string many = "[";
    for (int i = 0; i < 1001; ++i) many += R"({"run":"a"},)";
    many.back() = ']';
    EXPECT_EQ(code_of(server.post("/v1/jobs:batch", many)), "batch_too_large");
    for (const char* bad :
         {"", "{}", "[", "[1]", "[{}", "[{}{}]", "[{}],", "[{},]", R"([{"a":"])"}) {
        EXPECT_EQ(code_of(server.post("/v1/jobs:batch", bad)), "batch_malformed") << bad;
    }
    EXPECT_EQ(server.post("/v1/jobs:batch", "[]").body, "{\"results\":[]}\n");
}

TEST(JsonArray, KeepsStringsAndNesting) {
    const auto split = split_json_array(R"( [ {"a":"\"}"} , {"b":[{"c":{}}]} ] )");
    ASSERT_TRUE(split.ok());
    ASSERT_EQ(split->size(), 2U);
    EXPECT_EQ((*split)[0], R"({"a":"\"}"})");
    EXPECT_EQ((*split)[1], R"({"b":[{"c":{}}]})");
}

}  // namespace
}  // namespace dayu::rest
