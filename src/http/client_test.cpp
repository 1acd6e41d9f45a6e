#include "http/client.h"

#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
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

// --- TLS ----------------------------------------------------------------------------------------

// A certificate for 127.0.0.1, made for the test by the openssl command.
class TlsTest : public ::testing::Test {
   protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "dayu-tls-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
            " -subj /CN=dayu-test -addext subjectAltName=IP:127.0.0.1 -keyout " +
            name + "/key.pem -out " + name + "/cert.pem 2>/dev/null";
        if (::system(command.c_str()) != 0) GTEST_SKIP() << "there is no openssl command";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string contents(const char* file) const {
        std::ostringstream text;
        text << std::ifstream(folder_ / file).rdbuf();
        return text.str();
    }
    ServerOptions options() const {
        return {.tls = {.certificate_pem = contents("cert.pem"), .key_pem = contents("key.pem")}};
    }

    std::filesystem::path folder_;
};

TEST_F(TlsTest, IsVerified) {
    const auto server =
        serve([](Request&& request,
                 const Responder& responder) { responder.send({.body = request.body}); },
              options());
    EXPECT_TRUE(server->url().starts_with("https://"));
    Client trusting({.base_url = server->url(), .ca_file = (folder_ / "cert.pem").string()});
    EXPECT_EQ(trusting.request({.method = "POST", .path = "/", .body = "hi"}).value().body, "hi");

    Client wary({.base_url = server->url()});
    const auto refused = wary.request({.path = "/"});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::denied);
    EXPECT_EQ(refused.error().code, "tls_not_trusted");
}

TEST_F(TlsTest, StreamsAndStops) {
    std::vector<Stream> streams;
    const auto server = serve(
        [&](Request&&, const Responder& responder) {
            streams.push_back(responder.stream({}));
            streams.back().write("hello");
        },
        options());
    Client client({.base_url = server->url(), .ca_file = (folder_ / "cert.pem").string()});
    std::string seen;
    std::thread stopping;
    const auto response = client.stream({.path = "/"}, [&](std::string_view bytes) {
        seen += bytes;
        if (!stopping.joinable()) stopping = std::thread([&] { server->stop(); });
        return true;
    });
    stopping.join();
    EXPECT_TRUE(response.ok());
    EXPECT_EQ(seen, "hello");
}

TEST_F(TlsTest, NeedsAGoodCertificateAndKey) {
    const Handler none = [](Request&&, const Responder&) {};
    EXPECT_EQ(Server::start({.address = "127.0.0.1:0", .tls = {.key_pem = "x"}}, none).error().code,
              "bad_tls");
    const TlsOptions garbage{.certificate_pem = "x", .key_pem = "y"};
    EXPECT_EQ(Server::start({.address = "127.0.0.1:0", .tls = garbage}, none).error().code,
              "cannot_serve");
}

}  // namespace
}  // namespace dayu::http
