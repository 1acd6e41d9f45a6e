// Submits jobs to a running server over keep-alive connections, one request in flight on each, and
// prints the rate and the latencies as JSON. One thread and epoll: on a small machine the generator
// must leave the cores to the server.
//
//   submit_load HOST PORT TOKEN --connections 32 --jobs 20000 [--batch 1000] [--keys] [--files FILE] [--rate 1000]
//
// FILE has a job file a line, taken in turn. With a rate, requests begin at their times, and a latency counts from
// there: what had to wait for a free connection is late.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/check.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int most_wait_ms = 60'000;  // for any answer

struct Load {
    std::string host, token;
    std::uint16_t port = 0;
    std::int64_t connections = 32;
    std::int64_t jobs = 20'000;
    std::int64_t batch = 1;  // 1: POST /v1/jobs, else /v1/jobs:batch
    std::int64_t rate =
        0;              // requests a second, over all connections; 0: as fast as they are answered
    bool keys = false;  // an Idempotency-Key of its own on each request
    std::vector<std::string> files;
};

std::string job_text(const Load& load, std::int64_t n) {
    if (!load.files.empty()) return load.files[static_cast<std::size_t>(n) % load.files.size()];
    return fmt::format(R"({{"name":"bench-{}","run":"python train.py --epochs 3",)"
                       R"("resources":{{"cpus":1,"memory":1}},"time_limit":"2h"}})",
                       n);
}

std::string request_text(const Load& load, std::int64_t first, std::int64_t count) {
    std::string body = load.batch == 1 ? job_text(load, first) : "[";
    if (load.batch > 1) {
        for (std::int64_t i = 0; i < count; ++i) body += (i ? "," : "") + job_text(load, first + i);
        body += "]";
    }
    const auto started = Clock::now().time_since_epoch().count();
    const std::string key =
        load.keys ? fmt::format("Idempotency-Key: bench-{}-{}\r\n", started, first) : "";
    return fmt::format(
        "POST /v1/jobs{} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n{}"
        "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        load.batch == 1 ? "" : ":batch", load.host, load.token, key, body.size(), body);
}

// The whole answer's size once it is here, else 0.
std::size_t answer_size(std::string_view in) {
    const std::size_t end = in.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    const std::size_t at = in.find("Content-Length: ");
    CHECK(at < end);
    const std::size_t size = end + 4 + std::strtoull(in.data() + at + 16, nullptr, 10);
    return in.size() < size ? 0 : size;
}

struct Connection {
    int fd = -1;
    std::string out, in;
    std::size_t sent = 0;
    std::int64_t jobs = 0;  // of the request in flight
    Clock::time_point since;
};

class Run {
   public:
    explicit Run(const Load& load) : load_(load), connections_(load.connections) {}

    void go() {
        for (Connection& connection : connections_) open(connection);
        started_ = Clock::now();
        for (Connection& connection : connections_) idle_.push_back(&connection);
        std::array<epoll_event, 64> ready{};
        while (done_ < load_.jobs) {
            const int wait_ms = send_due();
            const int count = ::epoll_wait(epoll_, ready.data(), ready.size(), wait_ms);
            CHECK(count > 0 || wait_ms < most_wait_ms);
            for (int i = 0; i < count; ++i) {
                auto& connection = *static_cast<Connection*>(ready[i].data.ptr);
                flush(connection);
                if (ready[i].events & EPOLLIN) receive(connection);
            }
        }
        ended_ = Clock::now();
    }

    void report() {
        std::ranges::sort(latencies_);
        const auto at = [&](double share) {
            return latencies_[static_cast<std::size_t>(share *
                                                       static_cast<double>(latencies_.size() - 1))];
        };
        const double seconds = std::chrono::duration<double>(ended_ - started_).count();
        fmt::print(
            "{{\"jobs\":{},\"batch\":{},\"connections\":{},\"keys\":{},\"seconds\":{:.3f},"
            "\"submits_per_s\":{:.0f},\"p50_ms\":{:.2f},\"p99_ms\":{:.2f},\"max_ms\":{:.2f}}}\n",
            done_, load_.batch, load_.connections, load_.keys, seconds,
            static_cast<double>(done_) / seconds, at(0.5), at(0.99), at(1));
    }

   private:
    void open(Connection& connection) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(load_.port);
        CHECK(::inet_pton(AF_INET, load_.host.c_str(), &address.sin_addr) == 1);
        connection.fd = ::socket(AF_INET, SOCK_STREAM, 0);
        CHECK(::connect(connection.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        const int on = 1;
        ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = &connection}};
        CHECK(::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) == 0);
    }

    // Sends what is due on idle connections; how long nothing more will be.
    int send_due() {
        while (!idle_.empty() && asked_ < load_.jobs) {
            const Clock::time_point due = due_time();
            const auto early = std::chrono::ceil<std::chrono::milliseconds>(due - Clock::now());
            if (early.count() > 0) return static_cast<int>(early.count());
            Connection& connection = *idle_.back();
            idle_.pop_back();
            send_next(connection, due);
        }
        return most_wait_ms;
    }

    Clock::time_point due_time() const {
        if (load_.rate == 0) return Clock::now();
        return started_ +
               std::chrono::nanoseconds(asked_ / load_.batch * 1'000'000'000 / load_.rate);
    }

    void send_next(Connection& connection, Clock::time_point due) {
        connection.jobs = std::min(load_.batch, load_.jobs - asked_);
        connection.out = request_text(load_, asked_, connection.jobs);
        connection.sent = 0;
        connection.since = due;
        asked_ += connection.jobs;
        flush(connection);
    }

    void flush(Connection& connection) {
        while (connection.sent < connection.out.size()) {
            const ssize_t count = ::send(connection.fd, connection.out.data() + connection.sent,
                                         connection.out.size() - connection.sent, MSG_DONTWAIT);
            if (count <= 0) return;  // full: epoll says when to go on
            connection.sent += static_cast<std::size_t>(count);
        }
    }

    void receive(Connection& connection) {
        std::array<char, 65'536> buffer;
        for (;;) {
            const ssize_t count = ::recv(connection.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
            CHECK(count != 0);
            if (count < 0) return;
            connection.in.append(buffer.data(), static_cast<std::size_t>(count));
            const std::size_t size = answer_size(connection.in);
            if (size == 0) continue;
            const bool good = connection.in.starts_with("HTTP/1.1 20") &&
                              connection.in.find("\"error\"") == std::string::npos;
            if (!good) fmt::print(stderr, "{}\n", connection.in.substr(0, 2000));
            CHECK(good);
            const std::chrono::duration<double, std::milli> took = Clock::now() - connection.since;
            latencies_.push_back(took.count());
            done_ += connection.jobs;
            connection.in.erase(0, size);
            idle_.push_back(&connection);
        }
    }

    const Load& load_;
    int epoll_ = ::epoll_create1(0);
    std::vector<Connection> connections_;
    std::vector<Connection*> idle_;
    std::int64_t asked_ = 0, done_ = 0;
    std::vector<double> latencies_;  // ms
    Clock::time_point started_, ended_;
};

std::vector<std::string> read_lines(const char* path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
    CHECK(!lines.empty());
    return lines;
}

}  // namespace

int main(int count, char** words) {
    CHECK(count >= 4);
    Load load{.host = words[1], .token = words[3], .files = {}};
    load.port = static_cast<std::uint16_t>(std::atoi(words[2]));
    for (int i = 4; i < count; ++i) {
        const std::string_view name = words[i];
        if (name == "--keys") {
            load.keys = true;
            continue;
        }
        CHECK(i + 1 < count);
        const char* value = words[++i];
        if (name == "--files") load.files = read_lines(value);
        if (name == "--connections") load.connections = std::atoll(value);
        if (name == "--jobs") load.jobs = std::atoll(value);
        if (name == "--batch") load.batch = std::atoll(value);
        if (name == "--rate") load.rate = std::atoll(value);
    }
    Run run(load);
    run.go();
    run.report();
}
