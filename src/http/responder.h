// How a handler answers: at once or later, from any thread, exactly once. A Responder is a handle
// to one waiting request; a long poll is nothing but a handler that keeps it and sends later. Both
// handles may outlive the client, the request and the server: then they do nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "http/message.h"

namespace dayu::http {

class Exchange;

struct StreamHead {
    int status = 200;
    std::string content_type = "text/event-stream";
    NamedValues headers = {};
    // Written when nothing else was for ServerOptions::heartbeat; a server-sent event stream
    // gives a comment, ": ping\n\n". Empty: none.
    std::string heartbeat = {};
    // The last that a reader gets which was too slow, behind the piece that is on its way to it and in
    // place of all that was queued; then the body ends properly. Empty: it is cut off.
    std::string farewell = {};
};

// A response body without an end, as event streams and followed logs are. Copies share the stream,
// and it ends when the last copy goes.
class Stream {
   public:
    Stream() = default;  // a stream that is already closed
    explicit Stream(std::shared_ptr<Exchange> exchange);

    // Queues bytes and never waits. False: the stream is over, because the client has gone, the
    // server stops, or the client reads so slowly that more than
    // ServerOptions::stream_buffer_limit_bytes would be queued (StreamHead::farewell says what
    // becomes of it then). The shared form keeps one copy of a payload for all its watchers.
    bool write(std::shared_ptr<const std::string> bytes);
    bool write(std::string bytes);

    // Ends the body properly once what is queued has been sent.
    void close();

    bool is_open() const;
    // What the client has not taken yet: whoever reads ahead of it waits while this is large.
    std::size_t queued_bytes() const;

   private:
    std::shared_ptr<Exchange> exchange_;
};

// Copies share the one answer. When the last copy goes without an answer, the client gets a 500.
class Responder {
   public:
    explicit Responder(std::shared_ptr<Exchange> exchange);

    // The same handle, which tells the status of the answer, or of the stream that has begun, once.
    using Told = std::function<void(int status)>;
    Responder telling(Told told) const;

    // Of several calls the first one counts. The body goes as gzip where it is worth it and the caller takes it.
    void send(Response response) const;
    Stream stream(StreamHead head) const;

    // The client has hung up, or has its answer: no one waits. Costs a system call.
    bool gone() const;

   private:
    std::shared_ptr<Exchange> exchange_;
    std::shared_ptr<const Told> told_;
};

}  // namespace dayu::http
