#include "http/server.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/testing/loopback.h"

namespace dayu::http {
namespace {

using testing::eventually;
using testing::Peer;
using testing::serve;

void echo(Request&& request, Responder responder) {
    responder.send({.body = request.method + " " + request.path + " " + request.body});
}

// Keeps responders, as a long poll does, until the test answers them.
class Waiting {
   public:
    Handler handler() {
        return [this](Request&&, Responder responder) {
            const std::lock_guard lock(mutex_);
            responders_.push_back(std::move(responder));
        };
    }
    std::size_t count() {
        const std::lock_guard lock(mutex_);
        return responders_.size();
    }
    std::deque<Responder> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(responders_, {});
    }

   private:
    std::mutex mutex_;
    std::deque<Responder> responders_;
};

TEST(Server, KeepsAConnectionAlive) {
    const auto server = serve(echo);
    Peer peer(*server);
    for (int i = 0; i < 3; ++i) {
        peer.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
        EXPECT_NE(peer.read_until("POST /a hi").find("200 OK"), std::string::npos);
    }
    EXPECT_EQ(server->open_connections(), 1U);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    Waiting waiting;
    const auto server = serve(waiting.handler());
    Peer peer(*server);
    peer.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
    for (const std::string body : {"first", "second"}) {
        ASSERT_TRUE(eventually([&] { return waiting.count() == 1; }));
        waiting.take().front().send({.body = body});
        EXPECT_NE(peer.read_until(body).find("200 OK"), std::string::npos);
    }
}

TEST(Server, HandsOverTheWholeRequest) {
    std::atomic<bool> seen = false;
    const auto server = serve([&](Request&& request, Responder responder) {
        EXPECT_EQ(request.method, "PATCH");
        EXPECT_EQ(request.path, "/v1/a%2Fb");
        EXPECT_EQ(request.query,
                  (NamedValues{{"q", "a&b c"}, {"empty", ""}, {"bare", ""}, {"q", "2"}}));
        EXPECT_EQ(request.header("x-one"), "1");
        EXPECT_EQ(request.body, std::string("a\0b", 3));
        EXPECT_TRUE(request.peer.starts_with("127.0.0.1:"));
        seen = true;
        responder.send({.status = 201, .body = "{}", .headers = {{"Location", "/v1/x"}}});
    });
    Client client({.base_url = server->url()});
    const Response response = client
                                  .request({.method = "PATCH",
                                            .path = "/v1/a%2Fb?q=a%26b+c&empty=&bare&q=2",
                                            .body = std::string("a\0b", 3),
                                            .headers = {{"X-One", "1"}}})
                                  .value();
    EXPECT_TRUE(seen);
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.header("location"), "/v1/x");
}

TEST(Server, ListensOnIpv6) {
    const auto server = serve(echo, {.address = "[::1]:0"});
    EXPECT_TRUE(server->address().starts_with("[::1]:"));
    Client client({.base_url = server->url()});
    EXPECT_EQ(client.request({.path = "/"}).value().body, "GET / ");
}

TEST(Server, SaysWhatIsWrongWithAnAddress) {
    for (const char* address : {"", "8620", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "::1:80",
                                ":80", "127.0.0.1:", "127.0.0.1:-1", "no.such.host.invalid:0"}) {
        const auto server = Server::start({.address = address}, echo);
        ASSERT_FALSE(server.ok()) << address;
        EXPECT_EQ(server.error().code, "bad_address") << address;
    }
    const auto first = serve(echo);
    const auto second = Server::start({.address = first->address()}, echo);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, "cannot_listen");
    EXPECT_NE(second.error().message.find(first->address()), std::string::npos);
}

TEST(Server, AnswersFromAnotherThread) {
    Waiting waiting;
    const auto server = serve(waiting.handler());
    std::atomic<bool> done = false;
    std::thread answering([&] {
        while (!done) {
            for (const Responder& responder : waiting.take()) responder.send({.body = "late"});
            std::this_thread::yield();
        }
    });
    std::vector<std::thread> clients;
    std::atomic<int> answered = 0;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            Client client({.base_url = server->url()});
            for (int n = 0; n < 200; ++n) {
                const auto response = client.request({.method = "POST", .path = "/", .body = "x"});
                if (response.ok() && response->body == "late") ++answered;
            }
        });
    }
    for (std::thread& client : clients) client.join();
    done = true;
    answering.join();
    EXPECT_EQ(answered, 1600);
}

TEST(Server, HoldsAThousandLongPolls) {
    Waiting waiting;
    const auto server = serve(waiting.handler());
    std::vector<std::unique_ptr<Peer>> peers;
    for (int i = 0; i < 1000; ++i) {
        peers.push_back(std::make_unique<Peer>(*server));
        peers.back()->send("GET /poll HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    ASSERT_TRUE(eventually([&] { return waiting.count() == 1000; }));
    for (const Responder& responder : waiting.take()) {
        EXPECT_FALSE(responder.gone());
        responder.send({.body = "news"});
    }
    for (const auto& peer : peers) {
        EXPECT_NE(peer->read_until("news").find("200 OK"), std::string::npos);
    }
}

TEST(Server, ADroppedResponderIsA500) {
    const auto server = serve([](Request&&, Responder) {});
    Client client({.base_url = server->url()});
    const Response response = client.request({.path = "/"}).value();
    EXPECT_EQ(response.status, 500);
    EXPECT_NE(response.body.find("no_answer"), std::string::npos);
}

TEST(Server, AHandlerThatThrowsIsA500) {
    const auto server = serve([](Request&&, const Responder&) { throw std::runtime_error("no"); });
    Client client({.base_url = server->url()});
    EXPECT_EQ(client.request({.path = "/"}).value().status, 500);
}

TEST(Server, OnlyTheFirstAnswerCounts) {
    const auto server = serve([](Request&&, const Responder& responder) {
        responder.send({.body = "first"});
        responder.send({.body = "second"});
        EXPECT_FALSE(responder.stream({}).write("third"));
    });
    Client client({.base_url = server->url()});
    EXPECT_EQ(client.request({.path = "/"}).value().body, "first");
    EXPECT_EQ(client.request({.path = "/"}).value().body, "first");
}

TEST(Server, NoticesThatALongPollHasHungUp) {
    Waiting waiting;
    const auto server = serve(waiting.handler());
    Peer peer(*server);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return waiting.count() == 1; }));
    const Responder responder = waiting.take().front();
    EXPECT_FALSE(responder.gone());
    peer.hang_up();
    EXPECT_TRUE(eventually([&] { return responder.gone(); }));
    responder.send({.body = "to no one"});
    EXPECT_TRUE(eventually([&] { return server->open_connections() == 0; }));
    EXPECT_TRUE(responder.gone());
}

TEST(Server, RefusesALargeBodyWithoutReadingIt) {
    const auto server = serve(echo, {.body_limit_bytes = 1000});
    Peer announced(*server);
    announced.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483648\r\n\r\n");
    const std::string answer = announced.read_to_end();
    EXPECT_NE(answer.find("HTTP/1.1 413"), std::string::npos);
    EXPECT_NE(answer.find("\"code\":\"body_too_large\""), std::string::npos);

    Client client({.base_url = server->url()});
    const std::string body(3 << 20, 'x');  // so large that the client waits for a 100 Continue
    EXPECT_EQ(client.request({.method = "POST", .path = "/", .body = body}).value().status, 413);
    const std::string just_fits(1000, 'x');
    EXPECT_EQ(client.request({.method = "POST", .path = "/", .body = just_fits}).value().status,
              200);
}

TEST(Server, RefusesALargeChunkedBody) {
    const auto server = serve(echo, {.body_limit_bytes = 1000});
    const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string chunk = "200\r\n" + std::string(512, 'x') + "\r\n";
    Peer slightly(*server);
    slightly.send(head + chunk + chunk + "0\r\n\r\n");
    EXPECT_NE(slightly.read_until("body_too_large").find("HTTP/1.1 413"), std::string::npos);
    Peer endless(*server);
    endless.send(head);
    EXPECT_TRUE(eventually([&] { return !endless.send(chunk); }));
}

TEST(Server, TakesABodyInManyParts) {
    const auto server = serve(echo);
    Peer peer(*server);
    peer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const std::string part : {"2\r\nab", "\r\n3\r\nc", "de\r", "\n0\r", "\n\r\n"}) {
        peer.send(part);
        testing::sleep_a_little();
    }
    EXPECT_NE(peer.read_until("abcde").find("200 OK"), std::string::npos);

    Client client({.base_url = server->url()});
    const std::string large(8 << 20, 'y');
    EXPECT_EQ(client.request({.method = "PUT", .path = "/", .body = large}).value().body,
              "PUT / " + large);
}

TEST(Server, RefusesLargeHeaders) {
    const auto server = serve(echo, {.header_limit_bytes = 2048});
    Peer peer(*server);
    peer.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n");
    EXPECT_NE(peer.read_to_end().find("HTTP/1.1 431"), std::string::npos);
}

TEST(Server, SurvivesClientsThatLeaveInTheMiddle) {
    const auto server = serve(echo);
    const std::string whole =
        "POST /x?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n12345678901234567890";
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        Peer peer(*server);
        peer.send(whole.substr(0, length));
    }
    EXPECT_TRUE(eventually([&] { return server->open_connections() == 0; }));
    Client client({.base_url = server->url()});
    EXPECT_EQ(client.request({.path = "/"}).value().status, 200);
}

TEST(Server, SurvivesGarbage) {
    const auto server = serve(echo);
    std::mt19937 random(8620);
    const std::string valid =
        "POST /v1/jobs?a=%41 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n0\r\n\r\n";
    for (int i = 0; i < 500; ++i) {
        std::string bytes = i % 2 ? valid : std::string(1 + random() % 300, '\0');
        for (std::size_t n = i % 2 ? 1 + random() % 4 : bytes.size(); n > 0; --n) {
            bytes[random() % bytes.size()] = static_cast<char>(random());
        }
        Peer peer(*server);
        peer.send(bytes);
    }
    Client client({.base_url = server->url()});
    EXPECT_EQ(client.request({.path = "/"}).value().status, 200);
}

TEST(Server, BreaksOffARequestThatComesTooSlowly) {
    const auto server = serve(echo, {.idle_timeout = seconds(1),
                                     .request_timeout = milliseconds(0),
                                     .heartbeat = milliseconds(40)});
    Peer peer(*server);
    bool open = peer.send("GET / HTTP/1.1\r\n");
    for (int i = 0; i < 1000 && open; ++i) {
        testing::sleep_a_little();
        open = peer.send("X");
    }
    EXPECT_FALSE(open);
}

TEST(Server, AnswersWhoeverWaitsWhenItStops) {
    Waiting waiting;
    auto server = serve(waiting.handler());
    std::vector<std::unique_ptr<Peer>> peers;
    for (int i = 0; i < 50; ++i) {
        peers.push_back(std::make_unique<Peer>(*server));
        peers.back()->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    ASSERT_TRUE(eventually([&] { return waiting.count() == 50; }));
    server->stop();
    for (const auto& peer : peers) {
        const std::string answer = peer->read_to_end();
        EXPECT_NE(answer.find("HTTP/1.1 503"), std::string::npos);
        EXPECT_NE(answer.find("shutting_down"), std::string::npos);
    }
    const std::string address = server->address();
    server.reset();
    EXPECT_EQ(serve(echo, {.address = address})->address(), address);
    for (const Responder& responder : waiting.take()) {  // outlives the server, and does nothing
        EXPECT_TRUE(responder.gone());
        responder.send({.body = "too late"});
    }
}

TEST(Server, StopsAmidGarbage) {
    for (int round = 0; round < 30; ++round) {
        auto server = serve(echo);
        std::vector<std::unique_ptr<Peer>> peers;
        for (int i = 0; i < 60; ++i) peers.push_back(std::make_unique<Peer>(*server));
        std::thread sending([&] {
            for (const auto& peer : peers) peer->send("POST / HTTP/9.9\r\nno header\r\n\r\n");
        });
        server->stop();
        sending.join();
    }
}

TEST(Server, StopsUnderLoad) {
    for (int round = 0; round < 20; ++round) {
        Waiting waiting;
        auto server = serve(waiting.handler());
        std::atomic<bool> done = false;
        std::thread answering([&] {
            while (!done) {
                for (const Responder& responder : waiting.take()) responder.send({.body = "x"});
                std::this_thread::yield();
            }
        });
        std::vector<std::thread> clients;
        for (int i = 0; i < 4; ++i) {
            clients.emplace_back([&] {
                Client client({.base_url = server->url()});
                while (client.request({.path = "/"}).ok()) {}
            });
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        server->stop();
        for (std::thread& client : clients) client.join();
        done = true;
        answering.join();
    }
}

}  // namespace
}  // namespace dayu::http
