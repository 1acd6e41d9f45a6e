#include "http/microhttpd/exchange.h"

#include <microhttpd.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "base/log.h"
#include "http/gzip.h"
#include "http/microhttpd/translate.h"
#include "http/problem.h"

namespace dayu::http {
namespace {

Response shutting_down() {
    Response response = problem(unavailable("shutting_down", "the server is stopping; try again"));
    response.headers.push_back({"Connection", "close"});
    return response;
}

}  // namespace

Exchange::Exchange(Service& service, MHD_Connection* connection, int socket)
    : service_(service), connection_(connection), socket_(socket) {}

// --- The handles -------------------------------------------------------------------------------

bool Exchange::answer(Response response) {
    const std::lock_guard lock(mutex_);
    if (answered_ || finished_) return false;
    answer_locked(std::move(response));
    return true;
}

void Exchange::answer_locked(Response response) {
    response_ = std::move(response);
    answered_ = true;
    wake_locked();
}

void Exchange::wake_locked() {
    if (std::exchange(suspended_, false)) MHD_resume_connection(connection_);
}

bool Exchange::begin_stream(StreamHead head) {
    const std::lock_guard lock(mutex_);
    if (answered_ || finished_) return false;
    stream_ = std::move(head);
    stream_open_ = true;
    last_write_ = system_clock().instant();
    answered_ = true;
    wake_locked();
    return true;
}

bool Exchange::write(std::shared_ptr<const std::string> bytes) {
    const std::lock_guard lock(mutex_);
    if (!stream_open_ || finished_) return false;
    if (!bytes || bytes->empty()) return true;
    if (queued_bytes_ + bytes->size() > service_.options.stream_buffer_limit_bytes) {
        drop_slow_reader_locked();
        return false;
    }
    queued_bytes_ += bytes->size();
    queue_.push_back(std::move(bytes));
    last_write_ = system_clock().instant();
    wake_locked();
    return true;
}

void Exchange::close_stream() {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(stream_open_, false) || finished_) return;
    wake_locked();
}

// Whatever is queued is dropped. The shutdown reaches a connection that waits for its reader; one
// that is suspended is woken instead.
void Exchange::cut_locked() {
    stream_open_ = false;
    stream_cut_ = true;
    queue_.clear();
    queued_bytes_ = 0;
    ::shutdown(socket_, SHUT_RDWR);
    wake_locked();
}

// The piece that is partly sent is sent to its end, so that nothing is torn; whoever never reads that
// either is closed after idle_timeout.
void Exchange::drop_slow_reader_locked() {
    if (stream_->farewell.empty()) return cut_locked();
    stream_open_ = false;
    queue_.resize(front_sent_bytes_ > 0 ? 1 : 0);
    queue_.push_back(std::make_shared<const std::string>(std::move(stream_->farewell)));
    queued_bytes_ = 0;
    for (const auto& piece : queue_) queued_bytes_ += piece->size();
    queued_bytes_ -= front_sent_bytes_;
    wake_locked();
}

bool Exchange::is_streaming() {
    const std::lock_guard lock(mutex_);
    return stream_open_ && !finished_;
}

std::size_t Exchange::queued_bytes() {
    const std::lock_guard lock(mutex_);
    return queued_bytes_;
}

bool Exchange::is_gone() {
    const std::lock_guard lock(mutex_);
    return finished_ || answered_ || peer_has_closed_locked();
}

bool Exchange::peer_has_closed_locked() const {
    pollfd entry{.fd = socket_, .events = POLLRDHUP, .revents = 0};
    return ::poll(&entry, 1, 0) == 1;
}

// --- libmicrohttpd's thread ---------------------------------------------------------------------

Exchange::Body Exchange::receive(std::string_view bytes) {
    const std::size_t limit = service_.options.body_limit_bytes;
    if (discarded_bytes_ == 0 && body_.size() + bytes.size() <= limit) {
        body_ += bytes;
        return Body::wanted;
    }
    discarded_bytes_ += bytes.size();
    std::string().swap(body_);
    return discarded_bytes_ > limit ? Body::far_too_large : Body::unwanted;
}

void Exchange::hand_over(Request&& request) {
    handed_over_ = true;
    if (service_.stopping) {
        answer(shutting_down());
        return;
    }
    counted_ = true;
    ++service_.handled;
    if (discarded_bytes_ > 0) {
        answer(body_too_large(service_.options.body_limit_bytes));
        return;
    }
    request.body = std::move(body_);
    takes_gzip_ = accepts_gzip(request);
    try {
        service_.handler(std::move(request), Responder(shared_from_this()));
    } catch (const std::exception& error) {
        log_error("http: a handler threw: {}", error.what());
        answer(problem(internal("internal", "the request could not be handled")));
    }
}

bool Exchange::queue_or_suspend() {
    std::unique_lock lock(mutex_);
    if (!answered_) {
        suspended_ = true;
        MHD_suspend_connection(connection_);
        return true;
    }
    if (!stream_) {
        Response response = std::move(response_);
        lock.unlock();
        return queue(connection_, std::move(response));
    }
    const StreamHead head = *stream_;
    lock.unlock();
    return queue_stream(connection_, head, shared_from_this());
}

// libmicrohttpd calls this when the socket takes more bytes.
long Exchange::read_stream(char* to, std::size_t most) {
    const std::lock_guard lock(mutex_);
    if (stream_cut_) return MHD_CONTENT_READER_END_WITH_ERROR;
    std::size_t taken = 0;
    while (taken < most && !queue_.empty()) {
        const std::string& front = *queue_.front();
        const std::size_t part = std::min(most - taken, front.size() - front_sent_bytes_);
        std::memcpy(to + taken, front.data() + front_sent_bytes_, part);
        taken += part;
        front_sent_bytes_ += part;
        if (front_sent_bytes_ == front.size()) {
            queue_.pop_front();
            front_sent_bytes_ = 0;
        }
    }
    queued_bytes_ -= taken;
    if (taken > 0) return static_cast<long>(taken);
    if (!stream_open_) return MHD_CONTENT_READER_END_OF_STREAM;
    suspended_ = true;
    MHD_suspend_connection(connection_);
    return 0;
}

void Exchange::finish() {
    if (counted_) --service_.handled;
    const std::lock_guard lock(mutex_);
    finished_ = true;
    stream_open_ = false;
    queue_.clear();
    queued_bytes_ = 0;
}

// --- The server's own thread --------------------------------------------------------------------

// A suspended connection does not notice that its peer has gone, so streams are looked after here.
void Exchange::tick(Instant now) {
    const std::lock_guard lock(mutex_);
    if (!stream_open_ || finished_) return;
    if (suspended_ && peer_has_closed_locked()) return cut_locked();
    if (stream_->heartbeat.empty() || now - last_write_ < service_.options.heartbeat) return;
    last_write_ = now;
    if (!suspended_) return;  // it has bytes to send as it is
    queue_.push_back(std::make_shared<const std::string>(stream_->heartbeat));
    queued_bytes_ += stream_->heartbeat.size();
    wake_locked();
}

void Exchange::stop() {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    if (!answered_) return answer_locked(shutting_down());
    if (std::exchange(stream_open_, false)) wake_locked();
}

}  // namespace dayu::http
