#include "http/client.h"

#include <stdlib.h>

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "http/problem.h"
#include "http/testing/loopback.h"

namespace dayu::http {
namespace {

using testing::serve;

TEST(Client, SendsItsTokenAndHeaders) {
    const auto server = serve([](Request&& request, const Responder& responder) {
        responder.send({.body = std::string(bearer_token(request).value_or("none")) + " " +
                                std::string(request.header("Content-Type").value_or("none")) + " " +
                                std::string(request.header("X-Empty").value_or("none"))});
    });
    Client client({.base_url = server->url() + "/", .bearer_token = "secret"});
    EXPECT_EQ(client.request({.method = "POST", .path = "/", .body = "{}"}).value().body,
              "secret application/json none");
    EXPECT_EQ(
        client.request({.method = "POST", .path = "/", .headers = {{"X-Empty", ""}}}).value().body,
        "secret none ");
}

TEST(Client, KeepsOneConnection) {
    const auto server = serve([](Request&& request, const Responder& responder) {
        responder.send({.body = request.peer});
    });
    Client client({.base_url = server->url()});
    const std::string first = client.request({.path = "/"}).value().body;
    EXPECT_EQ(client.request({.method = "DELETE", .path = "/"}).value().body, first);
    EXPECT_EQ(client.request({.method = "PUT", .path = "/", .body = "x"}).value().body, first);
}

TEST(Client, NamesTheServerThatItCannotReach) {
    auto server = serve([](Request&&, const Responder&) {});
    const std::string url = server->url();
    server.reset();
    Client client({.base_url = url});
    const auto response = client.request({.path = "/v1/jobs"});
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(response.error().code, "server_unreachable");
    EXPECT_NE(response.error().message.find(url), std::string::npos);
}

TEST(Client, GivesUpInTime) {
    std::vector<Responder> kept;
    const auto server =
        serve([&](Request&&, Responder responder) { kept.push_back(std::move(responder)); },
              {.threads = 1});
    Client client({.base_url = server->url()});
    const auto response = client.request({.path = "/", .timeout = milliseconds(50)});
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().code, "server_unreachable");
    server->stop();
}

TEST(Client, RefusesWhatIsNoAddress) {
    for (const char* url : {"", "dayu", "ftp://a", "file:///etc/passwd", "http://"}) {
        Client client({.base_url = url});
        const auto response = client.request({.path = "/"});
        ASSERT_FALSE(response.ok()) << url;
        EXPECT_EQ(response.error().code, "bad_url") << url;
    }
    Client client({.base_url = "http://127.0.0.1:1"});
    EXPECT_EQ(client.request({.path = "/a b"}).error().code, "bad_url");
    EXPECT_EQ(client.request({.path = "@evil.example/"}).error().code, "bad_url");
}

TEST(Client, FollowsNoRedirect) {
    const auto server = serve([](Request&&, const Responder& responder) {
        responder.send({.status = 302, .headers = {{"Location", "http://127.0.0.1:1/"}}});
    });
    Client client({.base_url = server->url()});
    EXPECT_EQ(client.request({.path = "/"}).value().status, 302);
}

TEST(Client, GoesToLoopbackWithoutAProxy) {
    const auto server = serve([](Request&&, const Responder& responder) { responder.send({}); });
    ::setenv("http_proxy", "http://127.0.0.1:1", 1);
    Client client({.base_url = server->url()});
    const auto response = client.request({.path = "/"});
    ::unsetenv("http_proxy");
    EXPECT_TRUE(response.ok());
}

TEST(Client, LimitsTheAnswer) {
    const auto server = serve([](Request&&, const Responder& responder) {
        responder.send({.body = std::string(100'000, 'x')});
    });
    Client client({.base_url = server->url(), .response_limit_bytes = 1000});
    EXPECT_EQ(client.request({.path = "/"}).error().code, "response_too_large");
}

TEST(Client, GivesTheBodyOfARefusedStream) {
    const auto server = serve([](Request&&, const Responder& responder) {
        responder.send(problem(not_found("no_such_job", "7")));
    });
    Client client({.base_url = server->url()});
    const auto response = client.stream({.path = "/"}, [](std::string_view) {
        ADD_FAILURE() << "the body of a refusal is no stream";
        return true;
    });
    EXPECT_EQ(response.value().status, 404);
    EXPECT_NE(response.value().body.find("no_such_job"), std::string::npos);
}

TEST(Client, ALongPollCanBeInterrupted) {
    std::vector<Responder> kept;
    const auto server =
        serve([&](Request&&, Responder responder) { kept.push_back(std::move(responder)); },
              {.threads = 1});
    Client client({.base_url = server->url()});
    std::thread interrupting([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        client.interrupt();
    });
    const auto began = std::chrono::steady_clock::now();
    const auto response = client.request({.path = "/poll"});
    interrupting.join();
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().code, "interrupted");
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(900));
    EXPECT_EQ(client.request({.path = "/"}).error().code, "interrupted");
    server->stop();
}

}  // namespace
}  // namespace dayu::http
