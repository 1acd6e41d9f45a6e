#include "http/server.h"

#include <microhttpd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"
#include "http/microhttpd/certificate.h"
#include "http/microhttpd/connections.h"
#include "http/microhttpd/exchange.h"
#include "http/microhttpd/listen.h"
#include "http/microhttpd/translate.h"
#include "http/named_address.h"

namespace dayu::http {
namespace {

// A connection's memory holds its read buffer, the headers and the head of the answer.
constexpr std::size_t memory_per_header_byte = 2;
// Forward secrecy and authenticated ciphers, from TLS 1.2 on.
constexpr const char* tls_priorities =
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305"
    ":+AES-128-GCM:-RSA";
constexpr Duration longest_tick = seconds(1);
constexpr Duration shortest_tick = milliseconds(5);
constexpr std::chrono::milliseconds stop_poll_interval(1);

// Paths and queries are split before they are decoded, so that "%2F" and "%26" separate nothing.
std::size_t leave_encoded(void*, MHD_Connection*, char* text) { return std::strlen(text); }

void write_library_log(void*, const char* format, va_list arguments) {
    std::array<char, 512> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    std::string_view line(text.data());
    while (line.ends_with('\n')) line.remove_suffix(1);
    log_debug("http: {}", line);
}

}  // namespace

class Server::Running {
   public:
    Running(ServerOptions options, Handler handler)
        : service_{.options = std::move(options), .handler = std::move(handler)} {}
    ~Running() { stop(); }

    Result<void> start();
    void stop();
    const std::string& address() const { return address_; }
    const ServerOptions& options() const { return service_.options; }
    std::size_t open_connections() const { return connections_.count(); }

   private:
    MHD_Daemon* start_daemon(int socket);
    MHD_Result take(MHD_Connection* connection, const char* url, const char* method,
                    std::string_view upload, Exchange*& exchange);
    Exchange* begin(MHD_Connection* connection);
    void look_after();
    template <class Condition>
    void wait_until(Condition condition);

    static MHD_Result on_accept(void* self, const sockaddr*, socklen_t);
    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                                 const char* method, const char* version, const char* upload,
                                 std::size_t* upload_size, void** exchange);
    static void on_completed(void* self, MHD_Connection* connection, void** exchange,
                             MHD_RequestTerminationCode code);
    static void on_connection(void* self, MHD_Connection* connection, void** context,
                              MHD_ConnectionNotificationCode code);
    static Connection& connection_of(MHD_Connection* connection);

    Service service_;
    Connections connections_;
    std::string address_;
    MHD_Daemon* daemon_ = nullptr;

    std::mutex mutex_;
    std::condition_variable wake_;
    bool done_ = false;
    std::thread caretaker_;
};

// --- libmicrohttpd's callbacks ------------------------------------------------------------------

Connection& Server::Running::connection_of(MHD_Connection* connection) {
    const auto* context = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return *static_cast<Connection*>(context->socket_context);
}

MHD_Result Server::Running::on_accept(void* self, const sockaddr*, socklen_t) {
    return static_cast<Running*>(self)->service_.stopping ? MHD_NO : MHD_YES;
}

void Server::Running::on_connection(void* self, MHD_Connection* connection, void** context,
                                    MHD_ConnectionNotificationCode code) {
    Running& running = *static_cast<Running*>(self);
    Connections& connections = running.connections_;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        return connections.remove(static_cast<Connection*>(*context));
    }
    const auto* socket = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const int fd = socket->connect_fd;
    const auto* peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    CertificateFiles* const tls = running.options().certificate.get();
    *context = connections.add(fd, to_string(peer->client_addr), tls ? tls->current() : nullptr);
}

MHD_Result Server::Running::on_request(void* self, MHD_Connection* connection, const char* url,
                                       const char* method, const char*, const char* upload,
                                       std::size_t* upload_size, void** context) {
    Running& running = *static_cast<Running*>(self);
    auto* exchange = static_cast<Exchange*>(*context);
    const std::string_view bytes(upload ? upload : "", *upload_size);
    *upload_size = 0;
    const MHD_Result result = running.take(connection, url, method, bytes, exchange);
    *context = exchange;
    return result;
}

// Called once with the headers, then for each part of the body, then once without any: the request
// is complete. After a suspended connection was resumed it is called like that again.
MHD_Result Server::Running::take(MHD_Connection* connection, const char* url, const char* method,
                                 std::string_view upload, Exchange*& exchange) {
    if (!exchange) {
        exchange = begin(connection);
        const std::size_t limit = service_.options.body_limit_bytes;
        if (announced_body_bytes(connection).value_or(0) <= limit) return MHD_YES;
        return queue(connection, body_too_large(limit)) ? MHD_YES : MHD_NO;
    }
    if (!upload.empty()) {
        return exchange->receive(upload) == Exchange::Body::far_too_large ? MHD_NO : MHD_YES;
    }
    if (!exchange->is_handed_over()) {
        const std::string& peer = connection_of(connection).peer;
        exchange->hand_over(read_request(connection, method, url, peer));
    }
    return exchange->queue_or_suspend() ? MHD_YES : MHD_NO;
}

Exchange* Server::Running::begin(MHD_Connection* connection) {
    Connection& ours = connection_of(connection);
    auto exchange = std::make_shared<Exchange>(service_, connection, ours.socket);
    Exchange* const raw = exchange.get();
    ours.begin(std::move(exchange));
    return raw;
}

void Server::Running::on_completed(void*, MHD_Connection* connection, void** context,
                                   MHD_RequestTerminationCode) {
    if (!*context) return;
    static_cast<Exchange*>(*context)->finish();
    *context = nullptr;
    connection_of(connection).end();
}

// --- Start, care and stop -----------------------------------------------------------------------

Result<void> Server::Running::start() {
    const ServerOptions& options = service_.options;
    const Listening listening = TRY(listen_on(options.address));
    address_ = listening.address;
    daemon_ = start_daemon(listening.socket);
    if (!daemon_) {
        ::close(listening.socket);
        return unavailable("cannot_serve", "the HTTP server did not start on " + address_ +
                                               "; see the log, and check the limit of open files");
    }
    caretaker_ = std::thread([this] { look_after(); });
    return {};
}

MHD_Daemon* Server::Running::start_daemon(int socket) {
    const ServerOptions& options = service_.options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    std::array<MHD_OptionItem, 3> tls{};
    if (options.certificate) {
        flags |= MHD_USE_TLS;
        tls[0] = {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, certificate_callback()};
        tls[1] = {MHD_OPTION_HTTPS_PRIORITIES, 0, const_cast<char*>(tls_priorities)};
    }
    const auto idle_seconds = static_cast<unsigned>((options.idle_timeout.ms + 999) / 1000);
    const unsigned threads = std::max(options.threads, 1U);
    // The logger comes first: libmicrohttpd says what is wrong with the options that follow it.
    return MHD_start_daemon(flags, 0, &Running::on_accept, this, &Running::on_request, this,  //
                            MHD_OPTION_EXTERNAL_LOGGER, &write_library_log, nullptr,          //
                            MHD_OPTION_LISTEN_SOCKET, socket,                                 //
                            MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0,           //
                            MHD_OPTION_CONNECTION_LIMIT,
                            std::max(options.connection_limit, threads),  //
                            MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,  //
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            options.header_limit_bytes * memory_per_header_byte,          //
                            MHD_OPTION_NOTIFY_CONNECTION, &Running::on_connection, this,  //
                            MHD_OPTION_NOTIFY_COMPLETED, &Running::on_completed, this,    //
                            MHD_OPTION_UNESCAPE_CALLBACK, &leave_encoded, nullptr,        //
                            MHD_OPTION_STRICT_FOR_CLIENT, 1,                              //
                            MHD_OPTION_ARRAY, tls.data(), MHD_OPTION_END);
}

void Server::Running::look_after() {
    const ServerOptions& options = service_.options;
    const Duration tick =
        std::clamp(milliseconds(options.heartbeat.ms / 4), shortest_tick, longest_tick);
    const Duration slow = options.idle_timeout + options.request_timeout;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::milliseconds(tick.ms), [this] { return done_; })) {
        lock.unlock();
        if (options.certificate) options.certificate->look();
        const Instant now = system_clock().instant();
        for (const auto& exchange : connections_.exchanges()) exchange->tick(now);
        connections_.shut_hopeless(now, slow);
        lock.lock();
    }
}

// libmicrohttpd must not be stopped while a connection is suspended. An exchange that begins after
// `stopping` is set answers 503 by itself, and each earlier one is found and answered here.
//
// Two faults of 0.9.75 would end the process under load. MHD_quiesce_daemon aborts when it meets
// an epoll thread at the listening socket: new clients are turned away one by one instead. And a
// malformed request that MHD_stop_daemon finds is a null pointer: no connection is left by then.
void Server::Running::stop() {
    if (!daemon_) return;
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
    }
    wake_.notify_all();
    caretaker_.join();

    service_.stopping = true;
    for (const auto& exchange : connections_.exchanges()) exchange->stop();
    wait_until([this] { return service_.handled == 0; });
    wait_until([this] { return connections_.shut_all() == 0; });
    MHD_stop_daemon(daemon_);
    daemon_ = nullptr;
}

template <class Condition>
void Server::Running::wait_until(Condition condition) {
    const Instant deadline = system_clock().instant() + service_.options.stop_timeout;
    while (!condition() && system_clock().instant() < deadline) {
        std::this_thread::sleep_for(stop_poll_interval);
    }
}

// --- The face -----------------------------------------------------------------------------------

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, Handler handler) {
    auto running = std::make_unique<Running>(std::move(options), std::move(handler));
    TRY(running->start());
    return std::unique_ptr<Server>(new Server(std::move(running)));
}

Server::Server(std::unique_ptr<Running> running) : running_(std::move(running)) {}
Server::~Server() = default;

void Server::stop() { running_->stop(); }

const std::string& Server::address() const { return running_->address(); }

std::string Server::url() const {
    const auto& certificate = running_->options().certificate;
    if (!certificate) return "http://" + address();
    return "https://" + named_address(address(), certificate->status().names);
}

std::size_t Server::open_connections() const { return running_->open_connections(); }

}  // namespace dayu::http
