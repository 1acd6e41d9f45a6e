// Measures, and tests nothing, so that it runs only when asked for:
//     http_test --gtest_also_run_disabled_tests --gtest_filter='*Throughput*'
// One thread sends small POSTs over 32 kept-alive connections, each the next when it has its
// answer; another thread answers whatever has queued up, as the server's control thread does.
#include <poll.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "http/server.h"
#include "http/testing/loopback.h"

namespace dayu::http {
namespace {

constexpr int connections = 32;
constexpr std::chrono::seconds measured_time(3);

class AnsweringThread {
   public:
    AnsweringThread() : thread_([this] { answer_all(); }) {}
    ~AnsweringThread() {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void take(Responder responder) {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(responder));
        if (queue_.size() == 1) wake_.notify_one();
    }

   private:
    void answer_all() {
        std::vector<Responder> batch;
        std::unique_lock lock(mutex_);
        while (true) {
            wake_.wait(lock, [this] { return done_ || !queue_.empty(); });
            if (done_) return;
            batch.swap(queue_);
            lock.unlock();
            for (const Responder& each : batch) each.send({.status = 201, .body = "{\"id\":1}"});
            batch.clear();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Responder> queue_;
    bool done_ = false;
    std::thread thread_;
};

// Answers received in the measured time.
long drive(const Server& server) {
    const std::string body(200, 'j');
    const std::string request =
        "POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 0123456789abcdef\r\n"
        "Content-Type: application/json\r\nIdempotency-Key: 0123456789\r\nContent-Length: 200\r\n"
        "\r\n" +
        body;
    std::vector<std::unique_ptr<testing::Peer>> peers;
    std::vector<pollfd> watched;
    for (int i = 0; i < connections; ++i) {
        peers.push_back(std::make_unique<testing::Peer>(server));
        watched.push_back({.fd = peers.back()->socket(), .events = POLLIN, .revents = 0});
        peers.back()->send(request);
    }
    long answers = 0;
    const auto until = std::chrono::steady_clock::now() + measured_time;
    while (std::chrono::steady_clock::now() < until) {
        ::poll(watched.data(), watched.size(), 100);
        for (std::size_t i = 0; i < peers.size(); ++i) {
            if (!(watched[i].revents & POLLIN)) continue;
            if (peers[i]->read_until("{\"id\":1}").empty()) return answers;
            ++answers;
            peers[i]->send(request);
        }
    }
    return answers;
}

void measure(const std::string& name, Handler handler) {
    const auto server = testing::serve(std::move(handler));
    const long answers = drive(*server);
    server->stop();
    EXPECT_GT(answers, 0);
    const std::string per_second = std::to_string(answers / measured_time.count());
    ::testing::Test::RecordProperty(name, per_second);
    std::printf("%s: %s requests/s over %d connections\n", name.c_str(), per_second.c_str(),
                connections);
}

TEST(DISABLED_Throughput, AnsweredByAnotherThread) {
    AnsweringThread answering;
    measure("answered_by_another_thread",
            [&](Request&&, Responder responder) { answering.take(std::move(responder)); });
}

TEST(DISABLED_Throughput, AnsweredAtOnce) {
    measure("answered_at_once", [](Request&&, const Responder& responder) {
        responder.send({.status = 201, .body = "{\"id\":1}"});
    });
}

}  // namespace
}  // namespace dayu::http
