// Who may call what, and what the others hear.
#include <gtest/gtest.h>

#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

TEST(Access, WithoutATokenOnlyHealthAndVersionAnswer) {
    Server server;
    EXPECT_EQ(server.call({.path = "/healthz"}, "").status, 200);
    EXPECT_EQ(server.call({.path = "/readyz"}, "").status, 200);
    EXPECT_EQ(server.call({.path = "/v1/version"}, "").status, 200);
    const http::Response refused = server.call({.path = "/v1/jobs"}, "");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(code_of(refused), "token_missing");
    EXPECT_TRUE(refused.header("WWW-Authenticate")->starts_with("Bearer"));
}

TEST(Access, AWrongTokenIsUnknown) {
    Server server;
    const http::Response refused = server.call({.path = "/v1/jobs"}, "operator-secreT");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(code_of(refused), "token_unknown");
}

TEST(Access, ARoleOpensItsOwnRoutesAlone) {
    Server server;
    const http::Response agent = server.call({.path = "/v1/jobs"}, agent_token);
    EXPECT_EQ(agent.status, 403);
    EXPECT_EQ(code_of(agent), "role_forbidden");
    const http::Response user = server.post("/v1/agent/sync", "{}");
    EXPECT_EQ(user.status, 403);
    EXPECT_EQ(code_of(user), "role_forbidden");
}

TEST(Access, ATokenThatIsIssuedLaterOpensToo) {
    Server server;
    const std::string hash = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";
    server.loop().submit({.command = control::IssueToken{.name = "late", .sha256 = hash},
                          .actor = {.name = "system"},
                          .bodies = {}},
                         [](const auto&) {});
    int status = 0;
    for (int i = 0; i < 100 && status != 200; ++i) {  // the copy follows within 50 ms
        status = server.call({.path = "/v1/chips"}, "key").status;
    }
    EXPECT_EQ(status, 200);
}

TEST(Access, AnAnnouncedGigabyteIsRefusedUnread) {
    Server server;
    const http::Response refused = server.call({.method = "POST",
                                                .path = "/v1/jobs",
                                                .body = std::string(9 << 20, 'x'),
                                                .timeout = seconds(10)});
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(code_of(refused), "body_too_large");
}

TEST(Access, WhatIsNotThereIsNotFound) {
    Server server;
    EXPECT_EQ(code_of(server.get("/v2/jobs")), "no_such_route");
    EXPECT_EQ(code_of(server.get("/v1/jobs/77")), "job_unknown");
    EXPECT_EQ(code_of(server.get("/v1/jobs/seven")), "job_unknown");
    EXPECT_EQ(code_of(server.post("/v1/jobs/77/cancel", "")), "job_unknown");
    EXPECT_EQ(code_of(server.get("/v1/jobs/77/explain")), "job_unknown");
    EXPECT_EQ(code_of(server.get("/v1/jobs/77/wait")), "job_unknown");
    EXPECT_EQ(code_of(server.get("/v1/jobs/77/log")), "job_unknown");
    EXPECT_EQ(code_of(server.post("/v1/centers/atlantis/fence", R"({"reason":"sunk"})")),
              "center_unknown");
}

}  // namespace
}  // namespace dayu::rest
