// One request from its first line to the last byte of its answer, shared by libmicrohttpd's thread,
// which reads and writes, and whichever thread answers. While no one has answered, or a stream has
// nothing to send, libmicrohttpd is told to forget the connection (suspend); the answer wakes it.
//
// The invariant that everything here keeps, under `mutex_`: suspended_ is true exactly while
// libmicrohttpd holds the connection suspended, and then only this object may resume it. So the
// connection and its socket are alive wherever finished_ is false.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/message.h"
#include "http/responder.h"
#include "http/server.h"

struct MHD_Connection;

namespace dayu::http {

// What all exchanges of a server share. It outlives their connections.
struct Service {
    ServerOptions options;
    Handler handler;
    std::atomic<bool> stopping = false;
    std::atomic<std::size_t> handled = 0;  // exchanges given to the handler and not yet finished
};

class Exchange : public std::enable_shared_from_this<Exchange> {
   public:
    Exchange(Service& service, MHD_Connection* connection, int socket);

    // For the handles; from any thread. False: too late, and nothing was done.
    bool answer(Response response);
    bool begin_stream(StreamHead head);
    bool write(std::shared_ptr<const std::string> bytes);
    void close_stream();
    bool is_streaming();
    std::size_t queued_bytes();
    bool is_gone();
    bool takes_gzip() const { return takes_gzip_; }

    // For libmicrohttpd's thread.
    enum class Body { wanted, unwanted, far_too_large };
    Body receive(std::string_view bytes);
    void hand_over(Request&& request);  // the request is complete: calls the handler
    // Queues the answer if there is one, else suspends. False: libmicrohttpd refused the answer.
    bool queue_or_suspend();
    long read_stream(char* to, std::size_t most);
    void finish();

    // For the server's own thread.
    void tick(Instant now);
    void stop();
    bool is_handed_over() const { return handed_over_; }

   private:
    void answer_locked(Response response);
    void wake_locked();
    void cut_locked();
    void drop_slow_reader_locked();
    bool peer_has_closed_locked() const;

    Service& service_;
    std::mutex mutex_;
    MHD_Connection* const connection_;
    const int socket_;

    std::string body_;                 // libmicrohttpd's thread only
    std::size_t discarded_bytes_ = 0;  // likewise
    std::atomic<bool> handed_over_ = false;
    bool counted_ = false;     // in Service::handled; likewise
    bool takes_gzip_ = false;  // set before anyone may answer

    bool answered_ = false;
    bool suspended_ = false;
    bool finished_ = false;
    Response response_;

    std::optional<StreamHead> stream_;  // the answer is a stream
    bool stream_open_ = false;          // it takes more bytes
    bool stream_cut_ = false;           // it ends as an error
    std::deque<std::shared_ptr<const std::string>> queue_;
    std::size_t queued_bytes_ = 0;
    std::size_t front_sent_bytes_ = 0;
    Instant last_write_;
};

}  // namespace dayu::http
