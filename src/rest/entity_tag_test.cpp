// Reads that say whether anything is new, and changes that are made only if nothing is.
#include "rest/entity_tag.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

http::Response read_if_new(Server& server, const std::string& path, const std::string& tag) {
    return server.call({.path = path, .headers = {{"If-None-Match", tag}}});
}

http::Response post_if(Server& server, const std::string& path, const std::string& tag,
                       const std::string& body = "") {
    return server.call(
        {.method = "POST", .path = path, .body = body, .headers = {{"If-Match", tag}}});
}

std::string tag_of(const http::Response& response) {
    return std::string(response.header("ETag").value_or("(none)"));
}

std::string waiting_job(Server& server) {
    const auto made = server.post("/v1/jobs", R"({"run":"a","begin":"1h"})");
    return "/v1/jobs/" + std::to_string(number_at(json_of(made), "id"));
}

TEST(EntityTags, TellWhetherAnythingIsNew) {
    Server server;
    const std::string job = waiting_job(server);
    const std::string tag = tag_of(server.get(job));
    EXPECT_EQ(tag_of(server.get(job)), tag);
    for (const std::string& known : {tag, "W/" + tag, "\"other\", " + tag,
                                     tag.substr(0, tag.size() - 1) + "-gzip\"", std::string("*")}) {
        const http::Response same = read_if_new(server, job, known);
        EXPECT_EQ(same.status, 304) << known;
        EXPECT_EQ(same.body, "");
    }
    EXPECT_EQ(read_if_new(server, job, "\"other\"").status, 200);
    EXPECT_EQ(server.post(job + "/hold", "").status, 200);
    const http::Response changed = read_if_new(server, job, tag);
    EXPECT_EQ(changed.status, 200);
    EXPECT_NE(tag_of(changed), tag);
    const std::string contract_tag = tag_of(server.get("/openapi.json"));
    EXPECT_EQ(read_if_new(server, "/openapi.json", contract_tag).status, 304);
}

TEST(EntityTags, OfPackedBytesAreOthersAndMeanTheSame) {
    Server server;
    http::Call call{.path = "/openapi.json", .headers = {{"Accept-Encoding", "gzip"}}};
    const std::string plain = tag_of(server.get(call.path));
    const std::string packed = tag_of(server.call(call));
    EXPECT_EQ(packed, plain.substr(0, plain.size() - 1) + "-gzip\"");
    call.headers.push_back({"If-None-Match", packed});
    const http::Response same = server.call(call);
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(tag_of(same), packed);
}

TEST(EntityTags, LetAChangePassOnlyIfNothingElseHasChanged) {
    Server server;
    const std::string job = waiting_job(server);
    const std::string tag = tag_of(server.get(job));
    EXPECT_EQ(post_if(server, job + "/hold", tag).status, 200);
    const http::Response late = post_if(server, job + "/cancel", tag);
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(code_of(late), "precondition_failed");
    EXPECT_EQ(text_at(json_of(server.get(job)), "state"), "HELD");
    EXPECT_EQ(post_if(server, job + "/cancel", "W/" + tag_of(server.get(job))).status, 412);
    EXPECT_EQ(code_of(post_if(server, job + "/cancel", "held")), "parameter_invalid");
    EXPECT_EQ(post_if(server, job + "/cancel", "\"x\", " + tag_of(server.get(job))).status, 200);
    // What would be refused anyway is refused for that.
    EXPECT_EQ(code_of(post_if(server, job + "/cancel", tag)), "job_ended");
    EXPECT_EQ(code_of(post_if(server, "/v1/jobs/99/cancel", "*")), "job_unknown");
}

TEST(EntityTags, OfAnArraySpeakOfAllItsTasks) {
    Server server;
    const auto made = server.post("/v1/jobs", R"({"run":"a","begin":"1h","array":"0-2"})");
    const std::int64_t id = number_at(json_of(made), "id");
    const std::string array = "/v1/arrays/" + std::to_string(id);
    const std::string tasks = "/v1/jobs?limit=1&array=" + std::to_string(id);
    const std::string tag = tag_of(server.get(tasks));
    EXPECT_EQ(read_if_new(server, tasks, tag).status, 304);
    server.post("/v1/jobs/" + std::to_string(id) + "/hold", "");  // not on the page that was read
    const http::Response late = post_if(server, array + "/cancel", tag);
    EXPECT_EQ(late.status, 412);
    EXPECT_EQ(code_of(late), "precondition_failed");
    EXPECT_EQ(post_if(server, array + "/hold", tag_of(server.get(tasks))).status, 200);
    EXPECT_EQ(post_if(server, array + "/release", "*").status, 200);
    EXPECT_EQ(post_if(server, array + "/cancel", tag_of(server.get("/v1/jobs"))).status, 412);
    EXPECT_EQ(post_if(server, array + "/cancel", tag_of(server.get(tasks))).status, 200);
    EXPECT_EQ(code_of(post_if(server, array + "/cancel", "*")), "job_ended");
}

TEST(EntityTags, OfACenterGuardItsDrain) {
    Server server;
    server.sync(server.quiet());
    const std::string center = "/v1/centers/shanghai";
    const std::string tag = tag_of(server.get(center));
    const std::string reason = R"({"reason":"switches"})";
    EXPECT_EQ(post_if(server, center + "/drain", tag, reason).status, 200);
    EXPECT_EQ(post_if(server, center + "/resume", tag).status, 412);
    EXPECT_EQ(post_if(server, center + "/resume", tag_of(server.get(center))).status, 200);
    EXPECT_EQ(code_of(post_if(server, center + "/fence", "\"old\"", reason)),
              "precondition_failed");
    EXPECT_EQ(post_if(server, center + "/fence", "*", reason).status, 200);
}

class SecretTags : public ::testing::Test {
   protected:
    int put(const std::string& header, const std::string& tag) {
        return server_
            ->call({.method = "PUT",
                    .path = "/v1/secrets/key",
                    .body = "value",
                    .content_type = "application/octet-stream",
                    .headers = {{header, tag}}})
            .status;
    }

    const TemporaryFolder folder_;
    const std::unique_ptr<runtime::SecretVault> vault_ =
        std::move(*runtime::SecretVault::open(folder_.path()));
    const std::unique_ptr<Server> server_ = std::make_unique<Server>(vault_.get());
};

TEST_F(SecretTags, MakeOneOnlyIfThereIsNone) {
    EXPECT_EQ(put("If-Match", "*"), 412);
    EXPECT_EQ(put("If-None-Match", "*"), 200);
    EXPECT_EQ(put("If-None-Match", "*"), 412);
    EXPECT_EQ(put("If-Match", "*"), 200);
    const http::Response stale = server_->call(
        {.method = "DELETE", .path = "/v1/secrets/key", .headers = {{"If-Match", "\"old\""}}});
    EXPECT_EQ(stale.status, 412);
}

TEST_F(SecretTags, LetOneOfManyWriters) {
    EXPECT_EQ(put("If-None-Match", "*"), 200);
    const std::string tag = tag_of(server_->get("/v1/secrets/key"));
    std::atomic<int> written = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> writers;
    for (int i = 0; i < 8; ++i) {
        writers.emplace_back([&] {
            const int status = put("If-Match", tag);
            written += status == 200;
            refused += status == 412;
        });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(written, 1);
    EXPECT_EQ(refused, 7);
}

}  // namespace
}  // namespace dayu::rest
