// The driver against a server of a few lines and an engine in memory: its threads, not its decisions.
#include "agent/driver.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "http/server.h"
#include "wire/json_fields.h"

namespace dayu::agent {
namespace {

constexpr auto patience = std::chrono::seconds(10);

// Says what the test tells it to; a request that asks to wait is held until there is something.
class FakeServer {
   public:
    FakeServer() {
        server_ = *http::Server::start(
            {.address = "127.0.0.1:0"}, [this](http::Request&& request, http::Responder responder) {
                SyncRequest sync;
                ASSERT_TRUE(wire::from_json(*wire::parse_json(request.body), sync).ok());
                take(std::move(sync), responder);
            });
    }

    void say(SyncReply reply) {
        const std::lock_guard lock(mutex_);
        reply_ = std::move(reply);
        if (waiting_) answer(*std::exchange(waiting_, std::nullopt));
    }

    bool wait_for(const std::function<bool(const SyncRequest&)>& seen) {
        std::unique_lock lock(mutex_);
        std::size_t looked_at = 0;
        return came_.wait_for(lock, patience, [&] {
            while (looked_at < requests_.size()) {
                if (seen(requests_[looked_at++])) return true;
            }
            return false;
        });
    }

    std::string url() const { return server_->url(); }

   private:
    void take(SyncRequest sync, const http::Responder& responder) {
        const std::lock_guard lock(mutex_);
        waiting_.reset();  // overtaken by this one
        const bool waits = sync.wait.ms > 0 && !reply_;
        requests_.push_back(std::move(sync));
        came_.notify_all();
        if (waits) {
            waiting_ = responder;
        } else {
            answer(responder);
        }
    }
    void answer(const http::Responder& responder) {
        SyncReply reply = std::exchange(reply_, std::nullopt).value_or(SyncReply{});
        reply.lease = seconds(30);
        std::string body;
        wire::write_json(body, reply);
        responder.send({.body = std::move(body)});
    }

    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<SyncRequest> requests_;
    std::optional<SyncReply> reply_;
    std::optional<http::Responder> waiting_;
    std::unique_ptr<http::Server> server_;
};

class FakeEngine : public engine::Engine {
   public:
    EngineFacts facts() const override {
        EngineFacts facts;
        facts.kind = "fake";
        return facts;
    }
    Result<void> start(const StartOrder& order) override {
        return become(order.token, AttemptState::running);
    }
    Result<void> stop(const StopOrder& order) override {
        return become(order.token, AttemptState::ended);
    }
    Result<std::vector<Observation>> observe() override {
        const std::lock_guard lock(mutex_);
        std::vector<Observation> all;
        for (const auto& [token, observation] : held_) all.push_back(observation);
        return all;
    }
    void acknowledge(const Token&, Time) override {}
    Result<void> settle(const Token& token) override {
        const std::lock_guard lock(mutex_);
        held_.erase(token);
        return {};
    }
    LogChunk read_log(const LogRequest& request) override {
        LogChunk chunk;
        chunk.id = request.id;
        chunk.base64 = "aGk=";
        chunk.at_end = true;
        return chunk;
    }
    void renew_contact(Duration) override {}

    Result<void> become(const Token& token, AttemptState state) {
        const std::lock_guard lock(mutex_);
        Observation& observation = held_[token];
        observation.token = token;
        observation.state = state;
        if (state == AttemptState::ended) observation.ending = Ending{};
        return {};
    }
    bool is_empty() {
        const std::lock_guard lock(mutex_);
        return held_.empty();
    }

   private:
    std::mutex mutex_;
    std::map<Token, Observation> held_;
};

class DriverTest : public testing::Test {
   protected:
    DriverTest()
        : driver_({.agent = "a", .installation = "i", .incarnation = 1, .centers = {}},
                  {{.center = "here", .engine = &engine_}}, {.base_url = server_.url()},
                  system_clock()),
          thread_([this] { driver_.run(); }) {}
    ~DriverTest() override {
        driver_.stop();
        thread_.join();
    }

    void order_start(const Token& token) {
        SyncReply reply;
        StartOrder& order = reply.starts.emplace_back();
        order.token = token;
        order.center = "here";
        server_.say(std::move(reply));
    }
    bool is_reported(const Token& token, AttemptState state) {
        return server_.wait_for([&](const SyncRequest& request) {
            return std::ranges::any_of(request.observations, [&](const Observation& seen) {
                return seen.token == token && seen.state == state;
            });
        });
    }

    FakeServer server_;
    FakeEngine engine_;
    Driver driver_;
    std::thread thread_;
};

TEST_F(DriverTest, StartsReportsAndSettles) {
    const Token token{"t-1-1"};
    order_start(token);
    EXPECT_TRUE(is_reported(token, AttemptState::running));
    ASSERT_TRUE(engine_.become(token, AttemptState::ended).ok());
    EXPECT_TRUE(is_reported(token, AttemptState::ended));
    SyncReply reply;
    reply.settled = {token};
    server_.say(std::move(reply));
    for (int i = 0; i < 500 && !engine_.is_empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(engine_.is_empty());
}

// A long poll of ten seconds is under way when the attempt ends: that is told within a moment.
TEST_F(DriverTest, NewsOvertakesALongPoll) {
    const Token token{"t-2-1"};
    order_start(token);
    EXPECT_TRUE(is_reported(token, AttemptState::running));
    EXPECT_TRUE(server_.wait_for([&](const SyncRequest& request) {
        return request.wait.ms > 0 && request.holding == std::vector{token};
    }));
    const Instant before = system_clock().instant();
    ASSERT_TRUE(engine_.become(token, AttemptState::ended).ok());
    EXPECT_TRUE(is_reported(token, AttemptState::ended));
    EXPECT_LT((system_clock().instant() - before).ms, 5000);
}

TEST_F(DriverTest, SendsTheLogThatWasAskedFor) {
    const Token token{"t-3-1"};
    order_start(token);
    EXPECT_TRUE(is_reported(token, AttemptState::running));
    SyncReply reply;
    LogRequest& request = reply.log_requests.emplace_back();
    request.id = 9;
    request.token = token;
    server_.say(std::move(reply));
    EXPECT_TRUE(server_.wait_for([](const SyncRequest& sync) {
        return !sync.log_chunks.empty() && sync.log_chunks[0].id == 9;
    }));
}

// Believed to run here, but not held: its token is claimed, and its end reported, though nothing else
// runs and nobody would look at the engine.
TEST_F(DriverTest, AnInquiryIsAnswered) {
    const Token token{"t-4-1"};
    SyncReply reply;
    reply.inquiries = {token};
    server_.say(std::move(reply));
    EXPECT_TRUE(is_reported(token, AttemptState::ended));
}

}  // namespace
}  // namespace dayu::agent
