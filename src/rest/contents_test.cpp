#include <gtest/gtest.h>

#include "base/sha256.h"
#include "model/content_piece.h"
#include "model/workdir.h"
#include "rest/testing/server.h"
#include "runtime/content_sweeper.h"

namespace dayu::rest {
namespace {

using testing::code_of;
using testing::json_of;
using testing::number_at;

std::string piece_of(std::string_view bytes, std::size_t offset, std::size_t length) {
    std::string body;
    append_piece(body, {.sha256 = to_hex(sha256(bytes)),
                        .offset = static_cast<std::int64_t>(offset),
                        .total = static_cast<std::int64_t>(bytes.size()),
                        .bytes = bytes.substr(offset, length)});
    return body;
}

class Contents : public ::testing::Test {
   protected:
    http::Response send(const std::string& body,
                        const std::string& token = testing::operator_token) {
        return server.call({.method = "POST",
                            .path = "/v1/contents",
                            .body = body,
                            .content_type = "application/octet-stream"},
                           token);
    }
    wire::Json::Array missing(std::string_view bytes) {
        const http::Response response = server.post(
            "/v1/contents:missing", R"({"contents":[{"sha256":")" + to_hex(sha256(bytes)) +
                                        R"(","bytes":)" + std::to_string(bytes.size()) + "}]}");
        EXPECT_EQ(response.status, 200) << response.body;
        return *json_of(response).find("missing")->as_array();
    }

    testing::Server server;
};

TEST_F(Contents, ComeInPiecesAndGoOn) {
    ASSERT_EQ(missing("hello").size(), 1U);
    EXPECT_EQ(send(piece_of("hello", 0, 2) + piece_of("", 0, 0)).status, 200);
    EXPECT_EQ(number_at(missing("hello").front(), "received"), 2);
    EXPECT_EQ(send(piece_of("hello", 2, 3)).status, 200);
    EXPECT_TRUE(missing("hello").empty());
    EXPECT_TRUE(missing("").empty());
}

TEST_F(Contents, AreRefusedWhereTheyAreNotWhatTheySay) {
    std::string body = piece_of("hello", 0, 5);
    body.back() = 'a';
    EXPECT_EQ(code_of(send(body)), "content_mismatch");
    EXPECT_EQ(send(body).status, 409);
    EXPECT_EQ(code_of(send("x")), "contents_malformed");
    EXPECT_EQ(code_of(server.post("/v1/contents:missing",
                                  R"({"contents":[{"sha256":"../../x","bytes":1}]})")),
              "contents_malformed");
    EXPECT_EQ(missing("hello").size(), 1U);
}

TEST_F(Contents, AreForThoseWhoMaySubmit) {
    EXPECT_EQ(code_of(send(piece_of("hello", 0, 5), testing::agent_token)), "role_forbidden");
    EXPECT_EQ(code_of(send(piece_of("hello", 0, 5), "wrong")), "token_unknown");
}

// Whoever knows a digest knows nothing else: there is no way to ask for the bytes.
TEST_F(Contents, AreNotShown) {
    send(piece_of("hello", 0, 5));
    const std::string digest = to_hex(sha256("hello"));
    EXPECT_EQ(server.get("/v1/contents/" + digest).status, 404);
    EXPECT_EQ(server.get("/v1/contents").status, 405);
}

// A folder with one file, uploaded, and jobs that take it along.
class Workdirs : public Contents {
   protected:
    Workdirs() {
        Manifest listed;
        listed.entries.push_back(
            {.path = "train.py", .sha256 = to_hex(sha256(content)), .bytes = 5});
        text = to_text(listed);
        manifest = to_hex(sha256(text));
    }
    void upload() {
        const std::string body = piece_of(content, 0, 5) + piece_of(text, 0, text.size());
        ASSERT_EQ(send(body).status, 200);
    }
    http::Response submit(const std::string& file = R"({"run":"a","workdir":"src"})") {
        return server.post("/v1/jobs?workdir=" + manifest, file);
    }
    StartOrder next_start() {
        SyncReply reply = server.sync(server.quiet());
        for (int i = 0; i < 5 && reply.starts.empty(); ++i)
            reply = server.sync(server.quiet(seconds(5)));
        EXPECT_EQ(reply.starts.size(), 1U);
        return reply.starts.empty() ? StartOrder{} : reply.starts.front();
    }
    http::Response ask(const Token& attempt, const std::string& digest, std::int64_t from = 0,
                       const std::string& installation = "f00d",
                       const std::string& token = testing::agent_token) {
        return server.call({.method = "POST",
                            .path = "/v1/agent/contents",
                            .body = R"({"token":")" + attempt.text + R"(","installation":")" +
                                    installation + R"(","contents":[{"sha256":")" + digest +
                                    R"(","received":)" + std::to_string(from) + "}]}"},
                           token);
    }

    const std::string content = "hello";
    std::string text;
    std::string manifest;
};

TEST_F(Workdirs, HaveToBeThereWhenTheJobIsSubmitted) {
    EXPECT_EQ(code_of(server.post("/v1/jobs", R"({"run":"a","workdir":"src"})")),
              "workdir_not_uploaded");
    EXPECT_EQ(code_of(submit()), "contents_missing");
    send(piece_of(text, 0, text.size()));
    EXPECT_EQ(code_of(submit()), "contents_missing");  // the manifest alone
    upload();
    EXPECT_EQ(code_of(submit(R"({"run":"a"})")), "workdir_unexpected");
    const http::Response done = submit();
    ASSERT_EQ(done.status, 201) << done.body;
    const auto job = json_of(server.get("/v1/jobs/1"));
    const wire::Json* workdir = job.find("workdir");
    EXPECT_EQ(testing::text_at(*workdir, "manifest"), manifest);
    EXPECT_EQ(number_at(*workdir, "files"), 1);
    EXPECT_EQ(number_at(*workdir, "bytes"), 5);
    EXPECT_TRUE(json_of(server.get("/v1/jobs/" + std::to_string(server.submit("b"))))
                    .find("workdir")
                    ->is_null());
}

TEST_F(Workdirs, CanBeNamedByTheirManifest) {
    upload();
    const http::Response done =
        server.post("/v1/jobs:batch", R"([{"run":"a","workdir":"sha256:)" + manifest +
                                          R"("},{"run":"a","workdir":"src"}])");
    const auto results = *json_of(done).find("results")->as_array();
    EXPECT_EQ(number_at(results[0], "id"), 1) << done.body;
    EXPECT_EQ(testing::text_at(*results[1].find("error"), "code"), "workdir_not_uploaded");
}

TEST_F(Workdirs, GoToTheAgentOfTheJobAndToNobodyElse) {
    upload();
    ASSERT_EQ(submit().status, 201);
    ASSERT_EQ(send(piece_of("other", 0, 5)).status, 200);
    const StartOrder order = next_start();
    ASSERT_TRUE(order.body.workdir.has_value());
    EXPECT_EQ(order.body.workdir->manifest, manifest);
    EXPECT_EQ(ask(order.token, manifest).body, piece_of(text, 0, text.size()));
    EXPECT_EQ(ask(order.token, to_hex(sha256(content)), 3).body, piece_of(content, 3, 2));
    EXPECT_EQ(code_of(ask(order.token, manifest, -1)), "parameter_invalid");
    EXPECT_EQ(code_of(ask(order.token, to_hex(sha256("other")))), "content_not_yours");
    EXPECT_EQ(code_of(ask(order.token, manifest, 0, "another")), "content_not_yours");
    EXPECT_EQ(code_of(ask({"0123456789abcdef-9-1"}, manifest)), "content_not_yours");
    EXPECT_EQ(code_of(ask(order.token, manifest, 0, "f00d", testing::operator_token)),
              "role_forbidden");
}

// Who sent them is their owner, whichever project the job is of.
TEST_F(Workdirs, GoAlongIntoEveryProject) {
    upload();
    ASSERT_EQ(submit(R"({"run":"a","workdir":"src","billing":{"project":"poems"}})").status, 201);
    EXPECT_EQ(testing::text_at(json_of(server.get("/v1/jobs/1")), "project"), "poems");
    EXPECT_EQ(ask(next_start().token, manifest).body, piece_of(text, 0, text.size()));
}

// Nothing was claimed: an agent that was started anew is told to start it once more.
TEST_F(Workdirs, AreStagedAnewByAnAgentThatForgotThem) {
    upload();
    ASSERT_EQ(submit().status, 201);
    const StartOrder order = next_start();
    SyncRequest said = server.quiet();
    said.holding = {order.token};
    said.observations = {
        {.token = order.token, .state = AttemptState::staging, .at = system_clock().now()}};
    server.sync(said);
    EXPECT_EQ(testing::text_at(json_of(server.get("/v1/jobs/1")), "phase"), "STAGING");
    EXPECT_EQ(next_start().token, order.token);
}

TEST_F(Workdirs, AreInUseWhileTheirJobLives) {
    upload();
    ASSERT_EQ(submit().status, 201);
    const auto in_use = [&] {
        runtime::ContentStore::InUse found;
        server.loop().read_and_wait(
            [&](const runtime::Core& core) { found = runtime::contents_in_use(core.state()); });
        return found.size();
    };
    EXPECT_EQ(in_use(), 1U);
    server.sync(server.quiet());
    server.run_one(0);
    EXPECT_EQ(in_use(), 0U);
}

}  // namespace
}  // namespace dayu::rest
