#include "http/responder.h"

#include <utility>

#include "http/gzip.h"
#include "http/microhttpd/exchange.h"
#include "http/problem.h"

namespace dayu::http {
namespace {

// A handle whose last copy calls `when_dropped` on the exchange that it keeps alive.
template <class WhenDropped>
std::shared_ptr<Exchange> guard(std::shared_ptr<Exchange> exchange, WhenDropped when_dropped) {
    Exchange* const raw = exchange.get();
    return {raw, [keep = std::move(exchange), when_dropped](Exchange*) { when_dropped(*keep); }};
}

void answer_unanswered(Exchange& exchange) {
    exchange.answer(problem(internal("no_answer", "the request was dropped without an answer")));
}

}  // namespace

Responder::Responder(std::shared_ptr<Exchange> exchange)
    : exchange_(guard(std::move(exchange), answer_unanswered)) {}

Responder Responder::telling(Told told) const {
    Responder telling = *this;
    telling.told_ = std::make_shared<const Told>(std::move(told));
    return telling;
}

void Responder::send(Response response) const {
    const int status = response.status;
    encode_body(response, exchange_->takes_gzip());  // on the thread that answers
    if (exchange_->answer(std::move(response)) && told_) (*told_)(status);
}

Stream Responder::stream(StreamHead head) const {
    const int status = head.status;
    if (!exchange_->begin_stream(std::move(head))) return {};
    if (told_) (*told_)(status);
    return Stream(exchange_->shared_from_this());
}

bool Responder::gone() const { return exchange_->is_gone(); }

Stream::Stream(std::shared_ptr<Exchange> exchange)
    : exchange_(guard(std::move(exchange), [](Exchange& each) { each.close_stream(); })) {}

bool Stream::write(std::shared_ptr<const std::string> bytes) {
    return exchange_ && exchange_->write(std::move(bytes));
}

bool Stream::write(std::string bytes) {
    return exchange_ && exchange_->write(std::make_shared<const std::string>(std::move(bytes)));
}

void Stream::close() {
    if (exchange_) exchange_->close_stream();
}

bool Stream::is_open() const { return exchange_ && exchange_->is_streaming(); }

std::size_t Stream::queued_bytes() const { return exchange_ ? exchange_->queued_bytes() : 0; }

}  // namespace dayu::http
