#include "agent/sync_thread.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "wire/json_fields.h"

namespace dayu::agent {
namespace {

constexpr Duration answer_patience = seconds(25);  // past the wait that was asked for
constexpr std::string_view sync_path = "/v1/agent/sync";

Error refusal(const http::Response& response) {
    const Result<wire::Json> problem = wire::parse_json(response.body);
    const auto text = [&](std::string_view key, std::string otherwise) {
        const wire::Json* member = problem.ok() ? problem->find(key) : nullptr;
        const std::string* found = member == nullptr ? nullptr : member->as_string();
        return found == nullptr ? std::move(otherwise) : *found;
    };
    return unavailable(text("code", "sync_refused"),
                       text("detail", "status " + std::to_string(response.status)));
}

}  // namespace

SyncThread::SyncThread(http::ClientOptions server, Probe probe)
    : server_(std::move(server)),
      probe_(std::move(probe)),
      client_(std::make_shared<http::Client>(server_)),
      thread_([this] { run(); }) {}

SyncThread::~SyncThread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        client_->interrupt();
    }
    changed_.notify_all();
    thread_.join();
}

void SyncThread::send(SyncRequest request) {
    {
        const std::lock_guard lock(mutex_);
        request_ = std::move(request);
    }
    changed_.notify_all();
}

void SyncThread::abandon() {
    const std::lock_guard lock(mutex_);
    ++generation_;
    request_.reset();
    client_->interrupt();  // for good: the next request takes a fresh one
    client_ = std::make_shared<http::Client>(server_);
}

std::deque<Input> SyncThread::wait(Duration timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(timeout.ms),
                      [&] { return !inbox_.empty() || woken_; });
    woken_ = false;
    return std::exchange(inbox_, {});
}

void SyncThread::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

void SyncThread::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return request_.has_value() || stopping_; });
        if (stopping_) return;
        const SyncRequest request = std::move(*request_);
        request_.reset();
        const std::shared_ptr<http::Client> client = client_;
        const std::uint64_t generation = generation_;
        lock.unlock();
        Result<SyncReply> outcome = exchange(*client, request);
        lock.lock();
        if (stopping_) return;
        if (generation != generation_) continue;
        say(outcome);
        if (outcome.ok()) {
            inbox_.push_back(Replied{.number = request.number, .reply = *std::move(outcome)});
        } else {
            inbox_.push_back(SyncFailed{.number = request.number});
        }
        changed_.notify_all();
    }
}

Result<SyncReply> SyncThread::exchange(http::Client& client, SyncRequest request) {
    request.health = probe_.look();
    const Instant sent = system_clock().instant();
    std::string body;
    wire::write_json(body, request);
    const http::Response response =
        TRY(client.request({.method = "POST",
                            .path = std::string(sync_path),
                            .body = std::move(body),
                            .timeout = request.wait + answer_patience}));
    if (response.status != 200) return refusal(response);
    SyncReply reply;
    const wire::Json json = TRY(wire::parse_json(response.body));
    TRY(wire::from_json(json, reply, {.ignore_unknown_keys = true}));
    probe_.compare_clocks(reply, system_clock().instant() - sent, system_clock().now());
    return reply;
}

void SyncThread::say(const Result<SyncReply>& outcome) {
    if (outcome.ok()) {
        if (!std::exchange(has_contact_, true)) log_info("in contact with {}", server_.base_url);
        last_problem_.clear();
        return;
    }
    has_contact_ = false;
    const Error& error = outcome.error();
    if (std::exchange(last_problem_, error.code) == error.code) return;
    log_warning("no contact with {}; what runs goes on, and it is tried again: {} ({})",
                server_.base_url, error.message, error.code);
}

}  // namespace dayu::agent
