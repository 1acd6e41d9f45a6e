// The contract is part of the program: it is served, shown, and what queries are held against.
#include "rest/contract.h"

#include <gtest/gtest.h>

#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

TEST(ServedContract, IsOpenToAllAndWhole) {
    Server server;
    const http::Response response = server.call({.path = "/openapi.json"}, "");
    EXPECT_EQ(response.status, 200);
    const wire::Json json = json_of(response);
    EXPECT_EQ(json, contract());
    EXPECT_EQ(text_at(json, "openapi"), "3.1.0");
    EXPECT_NE(find_operation("POST", "/v1/jobs"), nullptr);
    EXPECT_EQ(find_operation("PUT", "/v1/jobs"), nullptr);
    EXPECT_EQ(find_operation("pOST", "/v1/jobs"), nullptr);
    EXPECT_EQ(find_operation("PARAMETERS", "/v1/jobs"), nullptr);
    const wire::Json& limit = *parameters_of("GET", "/v1/jobs").back();
    EXPECT_EQ(number_at(*limit.find("schema"), "maximum"), 1000);
}

TEST(ServedContract, IsAPageThatNeedsNothingElse) {
    Server server;
    const http::Response response = server.call({.path = "/docs"}, "");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
    const auto policy = response.header("Content-Security-Policy");
    ASSERT_TRUE(policy);
    EXPECT_TRUE(policy->starts_with("default-src 'none'; style-src 'sha256-")) << *policy;
    const std::string& page = response.body;
    for (const char* foreign :
         {"<script", "http-equiv", "src=", "@import", "url(", " style=", " onclick"})
        EXPECT_EQ(page.find(foreign), std::string::npos) << foreign;
    // Every operation, schema and error code has its place, and each link within the page leads to one.
    for (const char* part :
         {"id=\"submitJob\"", "id=\"schema-JobDetail\"", "<code>job_unknown</code>",
          "<code>Idempotency-Key</code>", "echo hello"})
        EXPECT_NE(page.find(part), std::string::npos) << part;
    for (std::size_t at = 0; (at = page.find("href=\"#", at)) != std::string::npos; ++at) {
        const std::size_t begin = at + 7;
        const std::string id = page.substr(begin, page.find('"', begin) - begin);
        EXPECT_NE(page.find("id=\"" + id + "\""), std::string::npos) << id;
    }
}

TEST(ServedContract, AParameterThatItDoesNotKnowIsRefused) {
    Server server;
    const http::Response misspelt = server.get("/v1/jobs?limt=5");
    EXPECT_EQ(misspelt.status, 400);
    EXPECT_EQ(code_of(misspelt), "parameter_unknown");
    const wire::Json problem = json_of(misspelt);
    EXPECT_EQ(text_at(problem, "field"), "limt");
    EXPECT_EQ(text_at(problem, "detail"),
              "limt: GET /v1/jobs has no such parameter; did you mean \"limit\"?");
    EXPECT_EQ(text_at(json_of(server.get("/v1/chips?x=1")), "detail"),
              "x: GET /v1/chips has no such parameter, and no other in its query");
    EXPECT_EQ(text_at(json_of(server.get("/v1/jobs/1/wait?forever=1")), "detail"),
              "forever: GET /v1/jobs/{id}/wait has no such parameter; it takes timeout_s");
    // Agents may be newer than the server.
    const http::Response newer =
        server.call({.path = "/v1/agent/reach?installation=i&more=1"}, agent_token);
    EXPECT_EQ(newer.status, 200);
}

}  // namespace
}  // namespace dayu::rest
