#include <chrono>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "http/client.h"
#include "http/event_stream.h"
#include "http/server.h"
#include "http/testing/loopback.h"

namespace dayu::http {
namespace {

using testing::eventually;
using testing::Peer;
using testing::serve;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

// A server whose every request becomes a stream that the test writes to.
class StreamTest : public ::testing::Test {
   protected:
    void start(ServerOptions options = {}, const std::string& heartbeat = "",
               const std::string& farewell = "") {
        server_ = serve(
            [this, heartbeat, farewell](Request&&, const Responder& responder) {
                const std::lock_guard lock(mutex_);
                streams_.push_back(
                    responder.stream({.heartbeat = heartbeat, .farewell = farewell}));
            },
            std::move(options));
    }

    Stream next_stream() {
        EXPECT_TRUE(eventually([this] {
            const std::lock_guard lock(mutex_);
            return !streams_.empty();
        }));
        const std::lock_guard lock(mutex_);
        Stream stream = streams_.back();
        streams_.pop_back();
        return stream;
    }

    std::mutex mutex_;
    std::vector<Stream> streams_;
    std::unique_ptr<Server> server_;
};

TEST_F(StreamTest, SendsWhatIsWrittenAndEnds) {
    start();
    Peer peer(*server_);
    peer.send(get);
    Stream stream = next_stream();
    EXPECT_TRUE(stream.write("one\n"));
    EXPECT_NE(peer.read_until("one\n").find("text/event-stream"), std::string::npos);
    EXPECT_TRUE(stream.write("two\n"));
    EXPECT_NE(peer.read_until("two\n").find("two"), std::string::npos);
    stream.close();
    EXPECT_FALSE(stream.write("three\n"));
    EXPECT_FALSE(stream.is_open());
    EXPECT_NE(peer.read_until("0\r\n\r\n").find("0\r\n\r\n"), std::string::npos);
    peer.send(get);  // the connection is good for another request
    next_stream().write("again");
    EXPECT_NE(peer.read_until("again").find("200 OK"), std::string::npos);
}

TEST_F(StreamTest, EndsWithItsLastHandle) {
    start();
    Peer peer(*server_);
    peer.send(get);
    next_stream().write("last words");
    EXPECT_NE(peer.read_until("0\r\n\r\n").find("last words"), std::string::npos);
}

TEST_F(StreamTest, SharesOnePayloadAmongManyWatchers) {
    start();
    std::vector<std::unique_ptr<Peer>> peers;
    std::vector<Stream> streams;
    for (int i = 0; i < 100; ++i) {
        peers.push_back(std::make_unique<Peer>(*server_));
        peers.back()->send(get);
        streams.push_back(next_stream());
    }
    for (int n = 0; n < 50; ++n) {
        const auto event = std::make_shared<const std::string>(
            format_event({.id = std::to_string(n), .event = "", .data = std::string(200, 'x')}));
        for (Stream& stream : streams) ASSERT_TRUE(stream.write(event));
    }
    streams.clear();
    for (const auto& peer : peers) {
        const std::string all = peer->read_until("0\r\n\r\n");
        for (int n = 0; n < 50; ++n) {
            EXPECT_NE(all.find("id: " + std::to_string(n) + "\n"), std::string::npos);
        }
    }
}

TEST_F(StreamTest, CutsOffAReaderThatStalls) {
    start({.stream_buffer_limit_bytes = 1 << 20});
    Peer peer(*server_, 4096);
    peer.send(get);
    Stream stream = next_stream();
    const auto block = std::make_shared<const std::string>(64 << 10, 'x');
    int written = 0;
    while (written < 1000 && stream.write(block)) {
        ++written;
        testing::sleep_a_little();
    }
    EXPECT_LT(written, 1000);  // what the kernel takes, and then no more than the buffer
    EXPECT_FALSE(stream.is_open());
    EXPECT_TRUE(eventually([&] { return server_->open_connections() == 0; }));
    EXPECT_EQ(peer.read_to_end().find("\r\n0\r\n\r\n"), std::string::npos);  // seen as incomplete
}

// What was on its way comes whole, then the word, then a proper end; what was queued behind is gone.
TEST_F(StreamTest, SaysAWordToAReaderThatWasTooSlow) {
    start({.stream_buffer_limit_bytes = 1 << 20}, "", "too slow\n");
    Peer peer(*server_, 4096);
    peer.send(get);
    Stream stream = next_stream();
    const auto block = std::make_shared<const std::string>(std::string((64 << 10) - 1, 'x') + '\n');
    int written = 0;
    while (written < 1000 && stream.write(block)) {
        ++written;
        testing::sleep_a_little();
    }
    EXPECT_FALSE(stream.is_open());
    EXPECT_LE(stream.queued_bytes(), block->size() + 9);
    const std::string all = peer.read_until("\r\n0\r\n\r\n");  // a proper end
    EXPECT_NE(all.find("slow\n\r\n0\r\n\r\n"), std::string::npos);
}

TEST_F(StreamTest, NoticesThatAQuietReaderHasGone) {
    start({.heartbeat = milliseconds(200)});
    Peer peer(*server_);
    peer.send(get);
    const Stream stream = next_stream();
    EXPECT_TRUE(stream.is_open());
    peer.hang_up();
    EXPECT_TRUE(eventually([&] { return !stream.is_open(); }));
    EXPECT_TRUE(eventually([&] { return server_->open_connections() == 0; }));
}

TEST_F(StreamTest, BeatsWhileNothingElseIsSaid) {
    start({.heartbeat = milliseconds(50)}, std::string(event_stream_heartbeat));
    Peer peer(*server_);
    peer.send(get);
    const Stream stream = next_stream();
    EXPECT_NE(peer.read_until(": ping\n\n").find(": ping"), std::string::npos);
    EXPECT_NE(peer.read_until(": ping\n\n").find(": ping"), std::string::npos);
}

TEST_F(StreamTest, EndsProperlyWhenTheServerStops) {
    start();
    Peer quiet(*server_);
    quiet.send(get);
    Stream stream = next_stream();
    stream.write("before");
    server_->stop();
    const std::string all = quiet.read_to_end();
    EXPECT_NE(all.find("before"), std::string::npos);
    EXPECT_TRUE(all.ends_with("0\r\n\r\n"));
    EXPECT_FALSE(stream.write("after"));
    server_.reset();
    EXPECT_FALSE(stream.write("long after"));
}

TEST_F(StreamTest, IsFollowedByTheClient) {
    start();
    std::thread writing([this] {
        Stream stream = next_stream();
        for (int n = 1; n <= 3; ++n) {
            stream.write(format_event({.id = std::to_string(n), .event = "tick", .data = "x"}));
            testing::sleep_a_little();
        }
    });
    Client client({.base_url = server_->url()});
    EventStreamParser parser;
    int events = 0;
    const auto response = client.stream({.path = "/"}, [&](std::string_view bytes) {
        events += static_cast<int>(parser.feed(bytes).value().size());
        return true;
    });
    writing.join();
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(events, 3);
    EXPECT_EQ(parser.last_id(), "3");
}

TEST_F(StreamTest, EndsWhenTheClientHasEnough) {
    start();
    std::thread writing([this] {
        Stream stream = next_stream();
        EXPECT_TRUE(eventually([&] { return !stream.write("more\n"); }));
    });
    Client client({.base_url = server_->url()});
    const auto response = client.stream({.path = "/"}, [](std::string_view) { return false; });
    writing.join();
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->status, 200);
}

TEST_F(StreamTest, AServerThatFallsSilentIsUnreachable) {
    start();
    Client client({.base_url = server_->url()});
    const auto response = client.stream({.path = "/", .silence_limit = milliseconds(100)},
                                        [](std::string_view) { return true; });
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().code, "server_unreachable");
}

}  // namespace
}  // namespace dayu::http
