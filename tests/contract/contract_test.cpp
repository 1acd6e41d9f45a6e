// The server answers what api/openapi.yaml says, route by route, and its examples work as they stand. That each answer is
// as the contract says is seen by the server of the tests itself, here and in every other test that uses it.
#include "rest/contract.h"

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "notices/body.h"
#include "rest/testing/contract_check.h"
#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using testing::Server;
using wire::Json;

class Contract : public ::testing::Test {
   protected:
    Server server;

    // Calls what the pattern stands for, or the path that is given and fits it.
    Json check(const std::string& pattern, http::Call call,
               const std::string& token = testing::operator_token) {
        if (call.path.empty()) call.path = pattern;
        EXPECT_EQ(testing::pattern_of(call.path), pattern);
        const http::Response response = server.call(call, token);
        const bool is_json = response.content_type.find("json") != std::string::npos;
        return is_json ? testing::json_of(response) : Json();
    }

    void check_reach();
    void check_workdir();
    void check_job(const std::string& id) {
        check("/v1/jobs/{id}", {.path = "/v1/jobs/" + id});
        check("/v1/jobs/{id}/explain", {.path = "/v1/jobs/" + id + "/explain"});
        check("/v1/jobs/{id}/wait", {.path = "/v1/jobs/" + id + "/wait?timeout_s=0"});
        check("/v1/jobs", {.path = "/v1/jobs?all=true"});
    }
};

std::string read_text(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(Schema, TheCheckerBites) {
    const Json jobs =
        *wire::parse_json(R"({"type":"array","items":{"type":"object","required":["id"],
        "properties":{"id":{"type":"integer","minimum":1},
                      "at":{"type":["string","null"],"pattern":"^x"},
                      "set":{"$ref":"#/components/schemas/Moment"}}}})");
    const auto count = [&](const char* json) {
        return testing::mismatches(jobs, *wire::parse_json(json)).size();
    };
    EXPECT_EQ(count(R"([{"id":1,"at":null},{"id":2,"at":"xy"}])"), 0U);
    EXPECT_EQ(count("{}"), 1U);
    EXPECT_EQ(count("[{}]"), 1U);
    EXPECT_EQ(count(R"([{"id":"1"}])"), 1U);
    EXPECT_EQ(count(R"([{"id":0}])"), 1U);
    EXPECT_EQ(count(R"([{"id":1,"at":"y"}])"), 1U);
    EXPECT_EQ(count(R"([{"id":1,"more":1}])"), 1U);
    EXPECT_EQ(count(R"([{"id":1,"set":"2026-12-01T00:00:00.000Z"},{"id":1,"set":"noon"}])"), 1U);
}

TEST(Schema, AnAnswerThatDepartsIsSeen) {
    const auto count = [](const http::Call& call, const http::Response& response) {
        return testing::departures(call, response).size();
    };
    const http::Response alive{.body = R"({"status":"ok"})"};
    EXPECT_EQ(count({.path = "/healthz"}, alive), 0U);
    EXPECT_EQ(count({.path = "/healthz?x=1"}, alive), 1U);
    EXPECT_EQ(count({.path = "/healthy"}, alive), 2U);  // no such operation, and no problem
    EXPECT_EQ(count({.path = "/healthz"}, {.status = 201, .body = alive.body}), 1U);
    EXPECT_EQ(count({.path = "/healthz"}, {.body = R"({"status":"well"})"}), 1U);
    EXPECT_EQ(count({.path = "/healthz"}, {.body = "ok", .content_type = "text/plain"}), 1U);
    EXPECT_EQ(count({.path = "/healthz"}, {.body = alive.body, .headers = {{"X-More", "1"}}}), 1U);
    EXPECT_EQ(count({.path = "/docs"}, {.content_type = "text/html; charset=utf-8"}),
              2U);  // no policy, no tag
    EXPECT_EQ(
        count({.method = "POST", .path = "/v1/jobs", .body = R"({"runs":"a"})"},
              {.status = 201,
               .body = R"({"id":1,"name":"a","seq":1,"replayed":false,"tasks":0,"unmapped":[]})",
               .headers = {{"Location", "/v1/jobs/1"}}}),
        1U);  // the body that was taken has a key that there is not
}

TEST_F(Contract, NamesTheRoutesThatAreMounted) {
    std::set<std::string> mounted;
    const std::string source = read_text("src/rest/service.cpp");
    const std::regex route("\"(GET|POST|PUT|DELETE)\", \"(/[^\"]*)\"");
    for (std::sregex_iterator at(source.begin(), source.end(), route), end; at != end; ++at) {
        mounted.insert((*at)[1].str() + " " + (*at)[2].str());
    }
    std::set<std::string> documented;
    for (const auto& [pattern, path] : *contract().find("paths")->as_object()) {
        for (const char* method : {"GET", "POST", "PUT", "DELETE"}) {
            if (find_operation(method, pattern)) documented.insert(method + (" " + pattern));
        }
    }
    EXPECT_EQ(documented, mounted);
}

// Both ends of a session; the job is there, and nobody asks for its place.
void Contract::check_reach() {
    const Json opened =
        check("/v1/jobs/{id}/reach",
              {.method = "POST", .path = "/v1/jobs/1/reach", .body = R"({"kind":"files"})"});
    const std::string session = "/v1/reach/" + *opened.find("session")->as_string();
    check("/v1/agent/reach", {.path = "/v1/agent/reach?installation=i"}, testing::agent_token);
    check("/v1/reach/{session}/in", {.method = "POST", .path = session + "/in", .body = "x"});
    check("/v1/reach/{session}/in", {.method = "POST", .path = session + "/in?offset=7"});
    check("/v1/agent/reach/{session}/out",
          {.method = "POST", .path = "/v1/agent" + session.substr(3) + "/out", .body = "y"},
          testing::agent_token);
    check("/v1/reach/{session}/close", {.method = "POST", .path = session + "/close"});
    check("/v1/jobs/{id}/reach",
          {.method = "POST", .path = "/v1/jobs/1/reach", .body = R"({"kind":"exec"})"});
    check("/v1/reach/{session}/out", {.path = "/v1/reach/nobody/out"});
}

// A job that takes an empty folder along, on its way to an agent.
void Contract::check_workdir() {
    const std::string manifest = "dayu-workdir 1\n";
    const std::string digest = to_hex(sha256(manifest));
    check("/v1/contents", {.method = "POST", .body = digest + " 0 15 15\n" + manifest});
    const Json submitted = check("/v1/jobs", {.method = "POST",
                                              .path = "/v1/jobs?workdir=" + digest,
                                              .body = R"({"run":"a","workdir":"."})"});
    const std::string job = std::to_string(*submitted.find("id")->as_int());
    EXPECT_FALSE(check("/v1/jobs/{id}", {.path = "/v1/jobs/" + job}).find("workdir")->is_null());
    server.sync(server.quiet());
    const SyncReply reply = server.sync(server.quiet(seconds(5)));
    ASSERT_EQ(reply.starts.size(), 1U);
    check("/v1/agent/contents",
          {.method = "POST",
           .body = R"({"token":")" + reply.starts[0].token.text +
                   R"(","installation":"f00d","contents":[{"sha256":")" + digest +
                   R"(","received":0}]})"},
          testing::agent_token);
}

TEST_F(Contract, HoldsThroughAJobsLife) {
    const Json submitted = check("/v1/jobs", {.method = "POST", .body = R"({"run":"a"})"});
    EXPECT_EQ(submitted, Json(Json::Object{{"id", 1},
                                           {"name", "job"},
                                           {"replayed", false},
                                           {"seq", *submitted.find("seq")},
                                           {"tasks", 0},
                                           {"unmapped", Json::Array{}}}));
    check_job("1");  // waits for a centre
    check("/v1/centers", {});
    check("/v1/agent/sync",
          {.method = "POST",
           .body = R"({"agent":"a","installation":"i","incarnation":1,"number":1})"},
          testing::agent_token);
    SyncRequest told = server.quiet();
    told.health =
        AgentHealth{.version = "1.0.0", .clock_ahead_ms = 12'000, .disks = {{.path = "/"}}};
    server.sync(told);
    check("/v1/centers", {});
    check_job("1");
    server.run_one(0);
    check_job("1");  // has ended
    check("/v1/jobs/{id}/outputs", {.path = "/v1/jobs/1/outputs"});
    check_reach();
    check("/v1/jobs",
          {.method = "POST", .path = "/v1/jobs?dry_run=true", .body = R"({"run":"a"})"});
    check("/v1/offers", {.method = "POST", .body = R"({"run":"a","nodes":3})"});
    check("/v1/jobs:batch", {.method = "POST", .body = R"([{"run":"a"},{}])"});
    check("/v1/jobs/{id}/cancel", {.method = "POST", .path = "/v1/jobs/2/cancel"});
    check("/v1/jobs/{id}/hold", {.method = "POST", .path = "/v1/jobs/2/hold"});
    check("/v1/jobs/{id}/release", {.method = "POST", .path = "/v1/jobs/2/release"});
    check("/v1/jobs/{id}/requeue", {.method = "POST", .path = "/v1/jobs/2/requeue"});
    check("/v1/jobs", {.method = "POST", .body = R"({"run":"a","array":"0-3%2","begin":"1h"})"});
    for (const char* action : {"hold", "release", "requeue", "cancel"}) {
        const std::string name = action;
        check("/v1/arrays/{id}/" + name, {.method = "POST", .path = "/v1/arrays/3/" + name});
    }
    check("/v1/centers/{name}", {.path = "/v1/centers/shanghai"});
    check("/v1/centers/{name}", {.path = "/v1/centers/atlantis"});
    check("/v1/pools", {});
    check("/v1/attempts", {.path = "/v1/attempts?limit=1"});
    check("/v1/attempts/{job}/{number}", {.path = "/v1/attempts/1/1"});
    const std::string digest =
        testing::text_at(check("/v1/jobs/{id}", {.path = "/v1/jobs/1"}), "body");
    check("/v1/bodies/{digest}", {.path = "/v1/bodies/" + digest});
    EXPECT_TRUE(server.loop().journal().store().erase_body(digest).ok());
    check("/v1/bodies/{digest}", {.path = "/v1/bodies/" + digest});
    check("/v1/centers/{name}/drain",
          {.method = "POST", .path = "/v1/centers/shanghai/drain", .body = R"({"reason":"r"})"});
    check("/v1/centers/{name}/resume", {.method = "POST", .path = "/v1/centers/shanghai/resume"});
    check("/v1/centers/{name}/exclude", {.method = "POST",
                                         .path = "/v1/centers/shanghai/exclude",
                                         .body = R"({"node":"cpu/0","reason":"r"})"});
    check("/v1/centers", {});
    check("/v1/centers/{name}/include", {.method = "POST",
                                         .path = "/v1/centers/shanghai/include",
                                         .body = R"({"node":"0","reason":"r"})"});
    check("/v1/centers/{name}/fence",
          {.method = "POST", .path = "/v1/centers/shanghai/fence", .body = R"({"reason":"r"})"});
    check("/v1/events", {.path = "/v1/events?limit=1000"});
}

TEST_F(Contract, HoldsForJobFilesOfOthers) {
    const std::string slurm = "#!/bin/sh\n#SBATCH -t 5 --mem=1G --mail-user=a@b\ntrue\n";
    const Json submitted = check("/v1/jobs", {.method = "POST", .body = slurm});
    EXPECT_EQ(submitted.find("unmapped")->as_array()->size(), 1U);
    const std::string exclusive = "#!/bin/sh\n#SBATCH --exclusive\ntrue\n";
    check("/v1/offers", {.method = "POST", .body = exclusive});
    check("/v1/jobs", {.method = "POST", .body = exclusive});
}

TEST_F(Contract, HoldsForTheRest) {
    check("/v1/chips", {});
    check("/v1/server", {});
    check("/v1/chips/{name}", {.path = "/v1/chips/a100"});
    check("/v1/tokens", {.method = "POST", .body = R"({"name":"audit","role":"viewer"})"});
    check("/v1/tokens", {.method = "POST", .body = R"({"name":"audit","role":"viewer"})"});
    check("/v1/tokens", {});
    check("/v1/tokens/{token}", {.method = "DELETE", .path = "/v1/tokens/audit"});
    check("/v1/tokens/{token}", {.method = "DELETE", .path = "/v1/tokens/audit"});
    server.keep_secret("hf-token");
    check("/v1/secrets", {});
    check("/v1/secrets/{name}", {.method = "DELETE", .path = "/v1/secrets/hf-token"});
    server.keep_hook("ops");
    check("/v1/hooks", {});
    check("/v1/hooks/{name}/resume", {.method = "POST", .path = "/v1/hooks/ops/resume"});
    check("/v1/hooks/{name}", {.method = "DELETE", .path = "/v1/hooks/ops"});
    check("/v1/contents:missing",
          {.method = "POST",
           .body = R"({"contents":[{"sha256":")" + std::string(64, 'a') + R"(","bytes":1}]})"});
    check("/v1/contents", {.method = "POST", .body = std::string(64, 'a') + " 0 2 1\nx"});
    check("/v1/agent/contents",
          {.method = "POST", .body = R"({"token":"t-1-1","installation":"i","contents":[]})"},
          testing::agent_token);
    check_workdir();
    check("/metrics", {});
    check("/healthz", {}, "");
    check("/readyz", {}, "");
    check("/v1/version", {}, "");
    check("/openapi.json", {}, "");
    check("/docs", {}, "");
}

TEST_F(Contract, HoldsForWhatHooksAreSent) {
    const Json& schema = *contract().find("components")->find("schemas")->find("HookNotice");
    for (const NoticeTopic topic : {NoticeTopic::job_ended, NoticeTopic::job_held,
                                    NoticeTopic::center_lost, NoticeTopic::center_back}) {
        const std::string body =
            notices::webhook_body(notices::trial_notice({}, topic, "msg_1", {1'700'000'000'000}));
        for (const std::string& problem :
             testing::mismatches(schema, wire::parse_json(body).value(), "notice"))
            ADD_FAILURE() << problem;
    }
    EXPECT_EQ(testing::mismatches(schema, *schema.find("example"), "example"),
              std::vector<std::string>());
}

TEST_F(Contract, HoldsForErrors) {
    check("/v1/jobs", {}, "");
    check("/v1/jobs", {}, "wrong");
    check("/v1/jobs", {}, testing::agent_token);
    check("/v1/jobs", {.path = "/v1/jobs?limit=0"});
    check("/v1/jobs", {.method = "POST", .body = R"({"runn":"a"})"});
    check("/v1/jobs/{id}", {.path = "/v1/jobs/9"});
    check("/v1/jobs/{id}/log", {.path = "/v1/jobs/9/log"});
    check("/v1/jobs/{id}/outputs", {.path = "/v1/jobs/9/outputs"});
    check("/v1/secrets/{name}", {.method = "DELETE", .path = "/v1/secrets/none"});
    check("/v1/secrets/{name}", {.method = "PUT", .path = "/v1/secrets/none", .body = "x"});
    check("/v1/hooks/{name}", {.method = "DELETE", .path = "/v1/hooks/none"});
    check("/v1/hooks/{name}", {.method = "PUT", .path = "/v1/hooks/none", .body = "{}"});
    check("/v1/hooks/{name}/test", {.method = "POST", .path = "/v1/hooks/none/test"});
    check("/v1/contents", {.method = "POST", .body = std::string(64, 'a') + " 0 1 1\nx"});
    check("/v1/contents:missing", {.method = "POST", .body = R"({"contents":[{}]})"});
    check("/v1/agent/sync", {.method = "POST", .body = "{"}, testing::agent_token);
}

TEST_F(Contract, ItsExamplesAreTakenAsTheyStand) {
    int tried = 0;
    for (const auto& [pattern, path] : *contract().find("paths")->as_object()) {
        const Json* post = path.find("post");
        const Json* request = post ? post->find("requestBody") : nullptr;
        if (!request) continue;
        if (pattern.find("{id}") != std::string::npos) continue;  // tried on a job that lives
        for (const auto& [media, content] : *followed(*request).find("content")->as_object()) {
            const Json* example = content.find("example");
            if (!example) continue;
            if (pattern.find("{name}") != std::string::npos) server.sync(server.quiet());
            const std::string* text = example->as_string();
            const http::Response response = server.call(
                {.method = "POST",
                 .path = std::regex_replace(pattern, std::regex("\\{name\\}"), "shanghai"),
                 .body = text ? *text : wire::to_text(*example),
                 .content_type = media});
            EXPECT_LT(response.status, 300) << pattern << ": " << response.body;
            ++tried;
        }
    }
    EXPECT_GE(tried, 5);
}

}  // namespace
}  // namespace dayu::rest
