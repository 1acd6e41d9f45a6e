// What is scraped: the numbers are those of the server, and the names those that dashboards rely on.
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

// The value of the sample that begins with `series`, or -1.
double value_of(const std::string& text, const std::string& series) {
    const std::size_t at = ("\n" + text).find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 1));
}

std::string scrape(Server& server) {
    const http::Response response = server.get("/metrics");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(*response.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    return response.body;
}

TEST(Metrics, RequestsCountByRouteNotByPath) {
    Server server;
    server.submit("one");
    server.get("/v1/jobs/1");
    server.get("/v1/jobs/2");
    server.get("/nothing/here");
    server.call({.method = "ODD", .path = "/nothing"});
    const std::string text = scrape(server);
    const auto requests = [&](const std::string& labels) {
        return value_of(text, "dayu_http_requests_total{" + labels + "}");
    };
    EXPECT_EQ(requests(R"(method="POST",route="/v1/jobs",status="201")"), 1);
    EXPECT_EQ(requests(R"(method="GET",route="/v1/jobs/{id}",status="200")"), 1);
    EXPECT_EQ(requests(R"(method="GET",route="/v1/jobs/{id}",status="404")"), 1);
    EXPECT_EQ(requests(R"(method="GET",route="none",status="404")"), 1);
    EXPECT_EQ(requests(R"(method="other",route="none",status="404")"), 1);
    EXPECT_EQ(value_of(text,
                       "dayu_http_request_duration_seconds_count"
                       R"({method="GET",route="/v1/jobs/{id}"})"),
              2);
}

TEST(Metrics, RefusalsCountByCode) {
    Server server;
    server.get("/v1/jobs/9");
    server.call({.path = "/v1/jobs"}, "wrong");
    server.post("/v1/jobs", R"({"runn":"x"})");
    const std::string text = scrape(server);
    EXPECT_EQ(value_of(text, R"(dayu_refusals_total{code="job_unknown"})"), 1);
    EXPECT_EQ(value_of(text, R"(dayu_refusals_total{code="token_unknown"})"), 1);
    EXPECT_EQ(value_of(text, R"(dayu_refusals_total{code="key_unknown"})"), 1) << text;
}

TEST(Metrics, JobsAndSupplyAreThoseOfTheServer) {
    Server server;
    server.submit("waits");
    EXPECT_EQ(value_of(scrape(server), R"(dayu_jobs{state="PENDING"})"), 1);
    server.sync(server.quiet());
    server.run_one(0);
    server.submit("next");
    for (int i = 0; i < 100; ++i) {  // a round places it in a moment
        if (value_of(scrape(server), R"(dayu_jobs{state="ACTIVE"})") == 1) break;
    }
    const std::string text = scrape(server);
    EXPECT_EQ(value_of(text, R"(dayu_jobs{state="ACTIVE"})"), 1);
    EXPECT_EQ(value_of(text, R"(dayu_jobs{state="HELD"})"), 0);
    EXPECT_EQ(value_of(text, R"(dayu_jobs_ended_total{state="COMPLETED"})"), 1);
    EXPECT_EQ(value_of(text, R"(dayu_journal_entries_total{type="job_accepted"})"), 2);
    EXPECT_EQ(value_of(text, R"(dayu_center_contact{center="shanghai"})"), 1);
    const std::string pool = R"({center="shanghai",pool="cpu",chip=""})";
    EXPECT_EQ(value_of(text, "dayu_attempts" + pool), 1);
    EXPECT_EQ(value_of(text, "dayu_pool_cpus" + pool), 8);
    EXPECT_EQ(value_of(text, "dayu_pool_free_cpus" + pool), 7);
    EXPECT_EQ(value_of(text, "dayu_pool_memory_bytes" + pool), 2.0 * 8192 * 1024 * 1024);
    EXPECT_GT(value_of(text, "dayu_journal_append_duration_seconds_count"), 0);
    EXPECT_EQ(value_of(text, "dayu_journal_writable"), 1);
    EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1e6);
    EXPECT_GT(value_of(text, "process_open_fds"), 3);
}

TEST(Metrics, ContentsAndHooksAreCounted) {
    Server server;
    server.keep_hook("ci");
    const std::string digest = to_hex(sha256("hello"));
    const std::string question = R"({"contents":[{"sha256":")" + digest + R"(","bytes":5}]})";
    server.post("/v1/contents:missing", question);
    server.call({.method = "POST",
                 .path = "/v1/contents",
                 .body = digest + " 0 5 5\nhello",
                 .content_type = "application/octet-stream"});
    server.post("/v1/contents:missing", question);
    const std::string text = scrape(server);
    EXPECT_EQ(value_of(text, "dayu_contents"), 1);
    EXPECT_EQ(value_of(text, "dayu_contents_bytes"), 5);
    EXPECT_EQ(value_of(text, "dayu_contents_asked_total"), 2);
    EXPECT_EQ(value_of(text, "dayu_contents_found_total"), 1);
    EXPECT_EQ(value_of(text, "dayu_contents_uploaded_total"), 1);
    EXPECT_EQ(value_of(text, "dayu_contents_uploaded_bytes_total"), 5);
    const std::string hook = R"({tenant="default",project="default",hook="ci"})";
    EXPECT_EQ(value_of(text, "dayu_hook_suspended" + hook), 0);
    EXPECT_EQ(value_of(text, "dayu_hook_waiting_notices" + hook), 0);
    EXPECT_EQ(value_of(text, "dayu_hook_delivered_total" + hook), 0);
}

}  // namespace
}  // namespace dayu::rest
