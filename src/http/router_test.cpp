#include "http/router.h"

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/testing/loopback.h"

namespace dayu::http {
namespace {

// Answers with its own name and what the route matched.
Handler named(const std::string& name) {
    return [name](Request&& request, Responder responder) {
        std::string text = name;
        for (const NamedValue& param : request.params) text += " " + param.name + "=" + param.value;
        responder.send({.body = text + " " + request.pattern});
    };
}

class RouterTest : public ::testing::Test {
   protected:
    RouterTest() {
        Router router;
        router.add("GET", "/v1/jobs", named("list"))
            .add("POST", "/v1/jobs", named("submit"))
            .add("POST", "/v1/jobs/batch", named("batch"))
            .add("GET", "/v1/jobs/{id}", named("get"))
            .add("POST", "/v1/jobs/{id}/cancel", named("cancel"))
            .add("GET", "/v1/centers/{center}/pools/{pool}", named("pool"))
            .add("GET", "/", named("root"));
        server_ = testing::serve(std::move(router).into_handler());
    }

    Response call(const std::string& method, const std::string& path) {
        Client client({.base_url = server_->url()});
        return client.request({.method = method, .path = path}).value();
    }

    std::unique_ptr<Server> server_;
};

TEST_F(RouterTest, FindsTheHandlerAndItsParams) {
    EXPECT_EQ(call("GET", "/v1/jobs").body, "list /v1/jobs");
    EXPECT_EQ(call("GET", "/v1/jobs?limit=3").body, "list /v1/jobs");
    EXPECT_EQ(call("POST", "/v1/jobs").body, "submit /v1/jobs");
    EXPECT_EQ(call("POST", "/v1/jobs/7/cancel").body, "cancel id=7 /v1/jobs/{id}/cancel");
    EXPECT_EQ(call("GET", "/v1/centers/a/pools/b").body,
              "pool center=a pool=b /v1/centers/{center}/pools/{pool}");
    EXPECT_EQ(call("GET", "/").body, "root /");
}

TEST_F(RouterTest, APlainSegmentIsPreferredWhereItTakesTheMethod) {
    EXPECT_EQ(call("POST", "/v1/jobs/batch").body, "batch /v1/jobs/batch");
    EXPECT_EQ(call("GET", "/v1/jobs/batch").body, "get id=batch /v1/jobs/{id}");
    EXPECT_EQ(call("POST", "/v1/jobs/batch/cancel").body, "cancel id=batch /v1/jobs/{id}/cancel");
}

TEST_F(RouterTest, AParamMayHoldAnEncodedSlash) {
    EXPECT_EQ(call("GET", "/v1/jobs/cn%2Fshanghai%20x").body, "get id=cn/shanghai x /v1/jobs/{id}");
}

TEST_F(RouterTest, UnknownPathsAre404) {
    for (const char* path : {"/v2", "/v1/jobs/", "/v1/jobs/7/", "/v1/jobs/7/cancel/x", "//"}) {
        const Response response = call("GET", path);
        EXPECT_EQ(response.status, 404) << path;
        EXPECT_NE(response.body.find("\"code\":\"no_such_route\""), std::string::npos);
        EXPECT_EQ(response.content_type, "application/problem+json");
    }
}

TEST_F(RouterTest, OtherMethodsAre405WithAllow) {
    const Response response = call("DELETE", "/v1/jobs");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.header("Allow"), "GET, POST");
    EXPECT_NE(response.body.find("\"code\":\"method_not_allowed\""), std::string::npos);
    EXPECT_EQ(call("DELETE", "/v1/jobs/batch").header("Allow"), "GET, POST");
    EXPECT_EQ(call("BREW", "/v1/jobs/7/cancel").header("Allow"), "POST");
}

TEST_F(RouterTest, HeadGoesWhereGetGoes) {
    const Response response = call("HEAD", "/v1/jobs");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.header("Content-Length"), "13");
    EXPECT_EQ(call("HEAD", "/v1/jobs/7/cancel").status, 405);
}

}  // namespace
}  // namespace dayu::http
