// Tokens: shown once, refused at once when they are revoked or over, and each role with what it may.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "rest/access.h"
#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

http::Response create(Server& server, const std::string& json) {
    return server.post("/v1/tokens", json);
}

std::string token_of(Server& server, const std::string& name, const std::string& role) {
    const http::Response made =
        create(server, R"({"name":")" + name + R"(","role":")" + role + R"("})");
    EXPECT_EQ(made.status, 201) << made.body;
    return text_at(json_of(made), "token");
}

http::Response revoke(Server& server, const std::string& name) {
    return server.call({.method = "DELETE", .path = "/v1/tokens/" + name});
}

TEST(Tokens, IsShownOnceAndOpensAtOnce) {
    Server server;
    const http::Response made = create(server, R"({"name":"ann","role":"user"})");
    EXPECT_EQ(*made.header("Cache-Control"), "no-store");
    const std::string token = text_at(json_of(made), "token");
    EXPECT_EQ(server.call({.path = "/v1/jobs"}, token).status, 200);
    const http::Response list = server.get("/v1/tokens");
    EXPECT_EQ(list.body.find(token), std::string::npos);
    const wire::Json tokens = json_of(list);
    for (const wire::Json& row : *tokens.find("tokens")->as_array()) {
        if (text_at(row, "name") != "ann") continue;
        EXPECT_EQ(text_at(row, "role"), "user");
        EXPECT_EQ(text_at(row, "by"), "token:test");
        EXPECT_NE(row.find("last_used")->as_string(), nullptr);
    }
    const http::Response events = server.get("/v1/events?type=token_issued");
    EXPECT_NE(events.body.find("\"ann\""), std::string::npos);
    EXPECT_EQ(events.body.find(token), std::string::npos);
}

TEST(Tokens, ARevokedOneIsRefusedAtOnce) {
    Server server;
    const std::string token = token_of(server, "ann", "user");
    EXPECT_EQ(revoke(server, "ann").status, 200);
    EXPECT_EQ(code_of(server.call({.path = "/v1/jobs"}, token)), "token_unknown");
    EXPECT_EQ(code_of(revoke(server, "ann")), "token_not_there");
    EXPECT_EQ(revoke(server, "shanghai").status, 200);
    EXPECT_EQ(code_of(revoke(server, "test")), "last_operator_token");
}

TEST(Tokens, ABadWishIsRefusedByItsName) {
    Server server;
    const auto refused = [&](const std::string& json, const std::string& code) {
        EXPECT_EQ(code_of(create(server, json)), code) << json;
    };
    refused(R"({"name":"a b","role":"user"})", "token_name_invalid");
    refused(R"({"name":"test","role":"user"})", "token_name_taken");
    refused(R"({"name":"ann"})", "role_missing");
    refused(R"({"name":"ann","role":"user","expires":"2020-01-01T00:00:00Z"})",
            "value_out_of_range");
    refused(R"({"name":"ann","role":"user","centers":["shanghai"]})", "value_out_of_range");
    EXPECT_EQ(create(server, R"({"name":"ann","role":"king"})").status, 400);
    EXPECT_EQ(create(server, R"({"name":"ann","role":"user","rol":1})").status, 400);
}

TEST(Tokens, IsOverWhenItExpires) {
    Server server;
    const std::string soon = to_string(system_clock().now() + seconds(2));
    const http::Response made =
        create(server, R"({"name":"brief","role":"viewer","expires":")" + soon + R"("})");
    const std::string token = text_at(json_of(made), "token");
    std::string code;
    const Instant end = system_clock().instant() + seconds(20);
    while (code != "token_expired" && system_clock().instant() < end) {
        const http::Response response = server.call({.path = "/v1/chips"}, token);
        code = response.status == 200 ? "" : code_of(response);
    }
    EXPECT_EQ(code, "token_expired");
}

TEST(Tokens, AnAgentSpeaksForItsCentersAlone) {
    Server server;
    const http::Response made =
        create(server, R"({"name":"wuhan","role":"agent","centers":["wuhan"]})");
    std::string body;
    wire::write_json(body, server.quiet());
    const http::Response refused =
        server.call({.method = "POST", .path = "/v1/agent/sync", .body = body},
                    text_at(json_of(made), "token"));
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(code_of(refused), "center_of_another_token");
}

// One request of each column of the table.
struct Try {
    Needs needs;
    http::Call call;
};
std::vector<Try> one_of_each() {
    return {{Needs::read, {.path = "/v1/jobs"}},
            {Needs::read_job, {.path = "/v1/jobs/1/outputs"}},
            {Needs::submit, {.method = "POST", .path = "/v1/jobs", .body = R"({"run":"x"})"}},
            {Needs::change_job, {.method = "POST", .path = "/v1/jobs/1/hold"}},
            {Needs::operate, {.path = "/v1/tokens"}},
            {Needs::agent, {.path = "/v1/agent/reach?installation=i"}}};
}

TEST(Tokens, RolesMayWhatTheTableSays) {
    Server server;
    server.submit("mine");  // job 1, of the operator "test"
    const std::string tokens[] = {operator_token, agent_token, token_of(server, "ann", "user"),
                                  token_of(server, "eve", "viewer")};
    for (std::size_t role = 0; role < grants.size(); ++role) {
        for (const Try& each : one_of_each()) {
            const http::Response response = server.call(each.call, tokens[role]);
            const Grant grant = grant_of(static_cast<control::Role>(role), each.needs);
            const std::string code = response.status == 403 ? code_of(response) : "";
            const std::string said = grant == Grant::no    ? "role_forbidden"
                                     : grant == Grant::own ? "job_of_another"
                                                           : "";
            EXPECT_EQ(code, said) << role << ' ' << each.call.path;
        }
    }
}

TEST(Tokens, AUserHasItsHandsOnItsOwnJobs) {
    Server server;
    server.submit("of the operator");
    const std::string ann = token_of(server, "ann", "user");
    const http::Response mine =
        server.call({.method = "POST", .path = "/v1/jobs", .body = R"({"run":"secret"})"}, ann);
    const std::string id = std::to_string(number_at(json_of(mine), "id"));
    EXPECT_EQ(server.call({.method = "POST", .path = "/v1/jobs/" + id + "/hold"}, ann).status, 200);
    const auto body_of = [&](const std::string& job) {
        return "/v1/bodies/" + text_at(json_of(server.get("/v1/jobs/" + job)), "body");
    };
    EXPECT_EQ(text_at(json_of(server.call({.path = body_of(id)}, ann)), "run"), "secret");
    EXPECT_EQ(code_of(server.call({.path = body_of("1")}, ann)), "body_unknown");
    EXPECT_EQ(server.get(body_of(id)).status, 200);
}

// docs/operate/tokens.md has the table that access.h has.
TEST(Tokens, TheTableForPeopleIsThatOfTheCode) {
    std::ifstream file("docs/operate/tokens.md");
    std::stringstream text;
    text << file.rdbuf();
    for (std::size_t role = 0; role < grants.size(); ++role) {
        std::string row = "| `" + std::string(to_string(static_cast<control::Role>(role))) + "` |";
        for (const Grant grant : grants[role]) {
            row += grant == Grant::yes ? " yes |" : grant == Grant::own ? " own |" : " |";
        }
        EXPECT_NE(text.str().find(row + "\n"), std::string::npos) << row;
    }
}

}  // namespace
}  // namespace dayu::rest
