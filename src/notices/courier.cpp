#include "notices/courier.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/sha256.h"
#include "http/address.h"
#include "wire/json_fields.h"

namespace dayu::notices {
namespace {

// An idle hook's place is written down now and then, so that a restart need not read the journal since
// its last message.
constexpr Duration idle_write = seconds(30);
// While it delivers one notice after the other, its place is written down so often: a crash tells again what was
// delivered since.
constexpr Duration busy_write = milliseconds(200);

// Its address holds a robot's key: no error may repeat it.
std::string without_path(std::string text, const std::string& path) {
    for (std::size_t at = text.find(path); path.size() > 1 && at != std::string::npos;
         at = text.find(path, at)) {
        text.replace(at, path.size(), "/...");
    }
    return text;
}

std::string with_query(const std::string& path, const std::string& query) {
    if (query.empty()) return path;
    return path + (path.find('?') == std::string::npos ? "?" : "&") + query;
}

}  // namespace

std::string vault_name(const std::string& hook) { return "hook." + hook; }

Sent send(http::Client& client, const std::string& path, const Channel& channel,
          const Address& address, std::span<const Notice> notices, NoticeLanguage language) {
    const Time now = system_clock().now();
    Message message = channel.compose(address, notices, language, now);
    const std::string full_path = with_query(path, message.query);
    const auto response = client.request({.method = "POST",
                                          .path = full_path,
                                          .body = std::move(message.body),
                                          .headers = std::move(message.headers),
                                          .timeout = send_timeout});
    if (response) {
        Sent sent{.judgement = channel.judge(*response), .status = response->status};
        if (sent.judgement.verdict == Verdict::delivered) return sent;
        if (const auto wait = retry_after(*response, now)) sent.judgement.wait = wait;
        return sent;
    }
    const bool never = response.error().code == "address_not_public";
    std::string why = without_path(response.error().message, full_path);
    return {.judgement = {.verdict = never ? Verdict::refused : Verdict::busy,
                          .why = without_path(std::move(why), path)}};
}

Courier::Courier(Office& office, control::ScopedName name, const control::HookRow& row, Seq newest)
    : office_(office),
      name_(std::move(name)),
      hook_(row.hook),
      sealed_(row.sealed),
      channel_(channel_of(row.hook.kind)),
      limits_(channel_.limits()),
      window_(limits_.messages_a_minute) {
    const Progress before = office_.progress.read(sealed_);
    told_before_ = std::min(std::max(before.done, row.since), newest);
    reached_ = told_before_;
    if (before.done >= row.since) delivery_.failing_since = before.failing_since;
    thread_ = std::thread([this] { run(); });
}

Courier::~Courier() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (in_use_ != nullptr) in_use_->interrupt();
    }
    woken_.notify_all();
    thread_.join();
}

bool Courier::has_room() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size() < max_waiting;
}

void Courier::take(Notice notice) {
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty())
            not_before_ = std::max(not_before_, system_clock().instant() + limits_.gather);
        reached_ = notice.seq;
        waiting_.push_back(std::move(notice));
    }
    woken_.notify_all();
}

void Courier::reached(Seq seq) {
    const std::lock_guard lock(mutex_);
    reached_ = std::max(reached_, seq);
}

Delivery Courier::delivery() const {
    const std::lock_guard lock(mutex_);
    Delivery delivery = delivery_;
    delivery.waiting = waiting_.size();
    if (!waiting_.empty()) delivery.oldest_waiting = waiting_.front().at;
    const Duration rest = not_before_ - system_clock().instant();
    if (!waiting_.empty() && rest.ms > 0) delivery.next_try = system_clock().now() + rest;
    return delivery;
}

void Courier::run() {
    for (;;) {
        const std::vector<Notice> notices = wait_for_notices();
        if (notices.empty()) break;
        settle(notices.size(), try_to_send(notices));
    }
    write_progress();
}

// None: it is time to stop.
std::vector<Notice> Courier::wait_for_notices() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const Duration rest = not_before_ - system_clock().instant();
        if (waiting_.empty()) {
            const auto woken = [this] { return stopping_ || !waiting_.empty(); };
            if (woken_.wait_for(lock, std::chrono::milliseconds(idle_write.ms), woken)) continue;
            lock.unlock();
            write_progress();
            lock.lock();
        } else if (rest.ms > 0) {
            woken_.wait_for(lock, std::chrono::milliseconds(rest.ms));
        } else {
            const auto count = std::min(waiting_.size(), limits_.notices_a_message);
            return {waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count)};
        }
    }
    return {};
}

Sent Courier::try_to_send(std::span<const Notice> notices) {
    const auto prepare = [this]() -> Result<void> {
        if (client_ != nullptr) return {};
        const std::string text =
            TRY(office_.vault.unseal(name_.scope, vault_name(name_.name), sealed_));
        TRY(wire::from_json(TRY(wire::parse_json(text)), address_));
        const http::Url url = TRY(http::parse_url(address_.url));
        path_ = url.path;
        client_ = std::make_unique<http::Client>(
            http::ClientOptions{.base_url = url.base,
                                .user_agent = office_.user_agent,
                                .destinations = office_.destinations,
                                .response_limit_bytes = max_answer_bytes});
        const std::lock_guard lock(mutex_);
        in_use_ = client_.get();
        if (stopping_) client_->interrupt();
        return {};
    };
    if (const auto ready = prepare(); !ready)
        return {.judgement = {.verdict = Verdict::busy, .why = ready.error().message}};
    return send(*client_, path_, channel_, address_, notices, hook_.language);
}

void Courier::settle(std::size_t count, const Sent& sent) {
    const Judgement& judgement = sent.judgement;
    bool suspend = false;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ && judgement.verdict != Verdict::delivered) return;  // it was broken off
        const Instant now = system_clock().instant();
        window_.sent(now);
        not_before_ = window_.next(now);
        if (judgement.verdict == Verdict::delivered) {
            note_delivered(count);
        } else {
            not_before_ = std::max(not_before_, now + note_failure(count, judgement));
            suspend = wants_suspension(judgement);
        }
    }
    write_progress();
    if (!suspend) return;
    office_.suspend(name_, sealed_,
                    judgement.verdict == Verdict::gone ? HookTrouble::gone : HookTrouble::failing);
}

void Courier::note_delivered(std::size_t count) {
    drop_front(count);
    if (delivery_.failures > 0) log_info("hook {}: delivered again", name_.name);
    delivery_.delivered += static_cast<std::int64_t>(count);
    delivery_.failures = 0;
    delivery_.failing_since = {};
    delivery_.last_delivered = system_clock().now();
}

// For how long to rest.
Duration Courier::note_failure(std::size_t count, const Judgement& judgement) {
    ++delivery_.failed_tries;
    if (delivery_.failures++ == 0)
        log_warning("hook {}: not delivered: {}", name_.name, judgement.why);
    if (delivery_.failing_since.ms == 0) delivery_.failing_since = system_clock().now();
    delivery_.last_error = judgement.why;
    if (judgement.verdict == Verdict::refused && ++refusals_ >= max_refusals) {
        log_warning("hook {}: {} notices were given up after {} tries: {}", name_.name, count,
                    refusals_, judgement.why);
        drop_front(count);
        delivery_.given_up += static_cast<std::int64_t>(count);
    }
    const auto chance = static_cast<unsigned char>(random_bytes(1)[0]) * 1000 / 255;
    return std::max(rest_after(delivery_.failures, chance), judgement.wait.value_or(Duration{}));
}

bool Courier::wants_suspension(const Judgement& judgement) const {
    if (judgement.verdict == Verdict::gone) return true;
    return delivery_.failures >= least_failures_to_suspend &&
           system_clock().now() - delivery_.failing_since >= suspend_after;
}

void Courier::drop_front(std::size_t count) {
    refusals_ = 0;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
}

// What waits begins right behind what is done.
void Courier::write_progress() {
    Progress progress;
    bool is_busy = false;
    {
        const std::lock_guard lock(mutex_);
        is_busy = !waiting_.empty() && delivery_.failures == 0 && !stopping_;
        progress.done = waiting_.empty() ? reached_ : Seq{waiting_.front().seq.value - 1};
        progress.failing_since = delivery_.failing_since;
    }
    const Instant now = system_clock().instant();
    if (written_ == progress || (is_busy && now < written_at_ + busy_write)) return;
    written_at_ = now;
    const auto done = office_.progress.write(sealed_, progress);
    if (done) {
        written_ = progress;
    } else {
        log_warning("hook {}: its place cannot be written: {}", name_.name, done.error().message);
    }
}

}  // namespace dayu::notices
