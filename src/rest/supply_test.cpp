// Pools, centres, chips, attempts and bodies, and the filters of lists.
#include <gtest/gtest.h>

#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

std::string ids_of(Server& server, const std::string& query) {
    std::string all;
    const wire::Json page = json_of(server.get("/v1/jobs?" + query));
    for (const wire::Json& job : *page.find("jobs")->as_array())
        all += std::to_string(number_at(job, "id")) + ' ';
    return all;
}

TEST(Supply, OneOfEachByItsName) {
    Server server;
    server.sync(server.quiet());
    EXPECT_EQ(text_at(json_of(server.get("/v1/centers/shanghai")), "name"), "shanghai");
    EXPECT_EQ(text_at(json_of(server.get("/v1/chips/a100")), "name"), "A100-80GB");
    EXPECT_EQ(code_of(server.get("/v1/centers/shangai")), "center_unknown");
    EXPECT_EQ(code_of(server.get("/v1/chips/A10-80GB")), "chip_unknown");
}

TEST(Supply, PoolsOfAllCenters) {
    Server server;
    server.sync(server.quiet());
    server.await_center();
    const auto count = [&](const std::string& query) {
        return json_of(server.get("/v1/pools" + query)).find("pools")->as_array()->size();
    };
    EXPECT_EQ(count(""), 1U);
    EXPECT_EQ(count("?center=shanghai"), 1U);
    EXPECT_EQ(count("?chip=a100"), 0U);
    EXPECT_EQ(code_of(server.get("/v1/pools?chip=a1000")), "parameter_invalid");
    EXPECT_EQ(code_of(server.get("/v1/pools?center=x")), "parameter_invalid");
    EXPECT_EQ(code_of(server.get("/v1/pools?pool=x")), "parameter_unknown");
}

TEST(Supply, JobsByFilters) {
    Server server;
    server.post("/v1/jobs", R"({"name":"sweep-1","kind":"train","run":"x"})");
    server.post("/v1/jobs", R"({"name":"sweep-2","run":"x","hold":true})");
    server.post("/v1/jobs", R"({"name":"other","run":"x"})");
    EXPECT_EQ(ids_of(server, "name=sweep-*"), "2 1 ");
    EXPECT_EQ(ids_of(server, "state=HELD,ACTIVE"), "2 ");
    EXPECT_EQ(ids_of(server, "kind=train"), "1 ");
    EXPECT_EQ(ids_of(server, "user=test&name=other&name=sweep-2"), "3 2 ");
    EXPECT_EQ(ids_of(server, "user=nobody"), "");
    EXPECT_EQ(ids_of(server, "since=2020-01-01T00:00:00Z&limit=2"), "3 2 ");
    EXPECT_EQ(ids_of(server, "since=2200-01-01T00:00:00Z"), "");
    EXPECT_EQ(code_of(server.get("/v1/jobs?since=yesterday")), "parameter_invalid");
    EXPECT_EQ(code_of(server.get("/v1/jobs?state=held")), "parameter_invalid");
    EXPECT_EQ(code_of(server.get("/v1/jobs?owner=test")), "parameter_unknown");
}

TEST(Supply, AttemptsPageByPage) {
    Server server;
    for (int i = 0; i < 3; ++i) {
        server.submit("job");
        server.run_one(0);
    }
    const wire::Json first = json_of(server.get("/v1/attempts?limit=2"));
    EXPECT_EQ(first.find("attempts")->as_array()->size(), 2U);
    EXPECT_EQ(text_at(first, "next"), "2.1");
    const wire::Json second = json_of(server.get("/v1/attempts?limit=2&before=2.1"));
    EXPECT_EQ(second.find("attempts")->as_array()->size(), 1U);
    EXPECT_TRUE(second.find("next")->is_null());
    const wire::Json one = json_of(server.get("/v1/attempts/3/1"));
    EXPECT_EQ(number_at(one, "job"), 3);
    EXPECT_EQ(text_at(one, "center"), "shanghai");
    EXPECT_EQ(code_of(server.get("/v1/attempts/3/2")), "attempt_unknown");
    EXPECT_EQ(code_of(server.get("/v1/attempts/9/1")), "job_unknown");
    EXPECT_EQ(code_of(server.get("/v1/attempts?before=2")), "parameter_invalid");
    server.await_center();
    const wire::Json running = json_of(server.get("/v1/attempts?state=RUNNING&center=shanghai"));
    EXPECT_EQ(running.find("attempts")->as_array()->size(), 0U);
}

TEST(Supply, ABodyAndOneThatWasErased) {
    Server server;
    server.submit("echo hello");
    const std::string digest = text_at(json_of(server.get("/v1/jobs/1")), "body");
    EXPECT_EQ(text_at(json_of(server.get("/v1/bodies/" + digest)), "run"), "echo hello");
    EXPECT_EQ(code_of(server.get("/v1/bodies/" + std::string(64, 'a'))), "body_unknown");
    EXPECT_EQ(code_of(server.get("/v1/bodies/x")), "body_unknown");
    ASSERT_TRUE(server.loop().journal().store().erase_body(digest).ok());
    const http::Response erased = server.get("/v1/bodies/" + digest);
    EXPECT_EQ(erased.status, 410);
    EXPECT_EQ(code_of(erased), "body_erased");
}

}  // namespace
}  // namespace dayu::rest
