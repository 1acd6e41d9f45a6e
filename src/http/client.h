// The HTTP client, by which agents, the command line and other Dayus speak to a server. One Client
// is one kept-alive connection to one server and belongs to one thread at a time. It follows no
// redirect, and goes to loopback directly whatever proxy the environment names.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"

namespace dayu::http {

// Where a client may connect to. What a stranger gave as an address must not lead into our own networks;
// that is looked at when a connection is made, so that a name which resolves to something else later is
// no way around it.
enum class Destinations { any, public_only };

// Whether bodies go and come as gzip. It saves a network's bytes and costs time, so loopback goes without; and whoever
// is no Dayu may not know it in a request.
enum class Compression { none, over_network, always };

struct ClientOptions {
    std::string base_url = {};      // "http://127.0.0.1:8620"
    std::string bearer_token = {};  // empty: none
    std::string ca_file = {};       // PEM, and no other authority; empty: the system's
    std::string user_agent = "dayu";
    Duration connect_timeout = seconds(5);
    Destinations destinations = Destinations::any;  // public_only goes through no proxy either
    Compression compression = Compression::none;
    std::size_t response_limit_bytes = std::size_t{256} << 20;  // beyond it, unpacked: exhausted
};

struct Call {
    std::string method = "GET";
    std::string path = {};  // with its query, "/v1/jobs?limit=10", encoded
    std::string body = {};
    std::string content_type = "application/json";  // sent when there is a body
    NamedValues headers = {};
    Duration timeout = seconds(30);  // for the whole call, and above a long poll's own wait
};

struct StreamCall {
    std::string path = {};
    NamedValues headers = {};
    Duration silence_limit = seconds(45);  // three missed heartbeats: the server has gone
};

class Client {
   public:
    explicit Client(ClientOptions options);
    ~Client();
    Client(Client&&) noexcept;
    Client& operator=(Client&&) noexcept;

    // Any answer of the server is a Response, whatever its status. Errors:
    //   unavailable server_unreachable  not found, refused, timed out, broken off
    //   unavailable interrupted         by interrupt()
    //   denied      tls_not_trusted, tls_expired, tls_not_yet_valid, tls_wrong_name
    //   denied      address_not_public  it leads into a network that is not public
    //   unavailable tls_failed          no handshake
    //   invalid     ca_file_unusable
    //   exhausted   response_too_large
    //   invalid     bad_url
    Result<Response> request(const Call& call);

    // GETs a body that goes on, and hands on its bytes as they come until `on_bytes` returns false,
    // the server ends it, or interrupt(). Only the bytes of a 2xx answer go to `on_bytes`; another
    // answer's body is in the Response.
    using OnBytes = std::function<bool(std::string_view)>;
    Result<Response> stream(const StreamCall& call, const OnBytes& on_bytes);

    // From any thread: ends the call in progress and every later one with unavailable interrupted,
    // so that a long poll does not delay a shutdown. What must still be said needs a new Client.
    void interrupt();

    const ClientOptions& options() const;

   private:
    class Session;
    std::unique_ptr<Session> session_;
};

}  // namespace dayu::http
