#include "http/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include <openssl/x509_vfy.h>

#include "http/address.h"
#include "http/gzip.h"
#include "http/named_address.h"

namespace dayu::http {
namespace {

constexpr int longest_poll_ms = 1000;
constexpr std::size_t error_body_limit_bytes = 1 << 20;  // of a stream that was refused

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;
using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void initialise_library() {
    static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
    static_cast<void>(done);
}

// A TLS write to a closed socket raises SIGPIPE, which would end the process. The signal is held
// back in this thread alone, so that neither the process nor the programs it starts see a change.
class SigpipeHeld {
   public:
    SigpipeHeld() {
        sigemptyset(&sigpipe_);
        sigaddset(&sigpipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
    }
    ~SigpipeHeld() {
        if (sigismember(&before_, SIGPIPE)) return;
        const timespec at_once{};
        while (sigtimedwait(&sigpipe_, nullptr, &at_once) == SIGPIPE) {}
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    SigpipeHeld(const SigpipeHeld&) = delete;
    SigpipeHeld& operator=(const SigpipeHeld&) = delete;

   private:
    sigset_t sigpipe_;
    sigset_t before_;
};

std::string url_part(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

struct Target {
    std::string url;
    bool loopback = false;
};

Result<Target> target_of(const std::string& base_url, const std::string& path) {
    const Url url(curl_url(), curl_url_cleanup);
    std::string base = base_url;
    while (base.ends_with('/')) base.pop_back();
    const bool parsed = curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) == CURLUE_OK;
    const std::string scheme = parsed ? url_part(url.get(), CURLUPART_SCHEME) : "";
    if (scheme != "http" && scheme != "https") {
        return invalid("bad_url", "\"" + base_url +
                                      "\" is no server address; expected http://HOST:PORT or "
                                      "https://HOST:PORT");
    }
    if (!path.starts_with('/') || path.find_first_of(" \r\n\t") != std::string::npos) {
        return invalid("bad_url",
                       "the path \"" + path + "\" must start with / and have its spaces encoded");
    }
    return Target{base + path, is_loopback(url_part(url.get(), CURLUPART_HOST))};
}

// What arrives during one call, filled by libcurl's callbacks.
struct Receiver {
    CURL* easy = nullptr;
    Response response{.status = 0, .body = {}, .content_type = {}, .headers = {}};
    std::size_t limit_bytes = 0;
    const Client::OnBytes* on_bytes = nullptr;
    Instant last_sign_of_life = system_clock().instant();
    bool too_large = false;
    bool stopped = false;  // by on_bytes
    bool address_refused = false;

    bool take(std::string_view bytes) {
        last_sign_of_life = system_clock().instant();
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (on_bytes && status >= 200 && status < 300) {
            stopped = !(*on_bytes)(bytes);
            return !stopped;
        }
        too_large = response.body.size() + bytes.size() > limit_bytes;
        if (!too_large) response.body += bytes;
        return !too_large;
    }

    void take_header(std::string_view line) {
        last_sign_of_life = system_clock().instant();
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with("HTTP/")) response.headers.clear();  // after a 100 Continue
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || line.starts_with("HTTP/")) return;
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
        response.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
    }
};

std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* receiver) {
    return static_cast<Receiver*>(receiver)->take({bytes, count}) ? count : 0;
}

std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* receiver) {
    static_cast<Receiver*>(receiver)->take_header({bytes, count});
    return count;
}

curl_socket_t open_to_public(void* receiver, curlsocktype, curl_sockaddr* address) {
    if (!is_public_address(address->addr)) {
        static_cast<Receiver*>(receiver)->address_refused = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

class Client::Session {
   public:
    explicit Session(ClientOptions options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Result<Response> request(const Call& call);
    Result<Response> stream(const StreamCall& call, const OnBytes& on_bytes);
    void interrupt();
    const ClientOptions& options() const { return options_; }

   private:
    enum class Ending { done, interrupted, silent };

    void prepare(const Target& target, Receiver& receiver);
    HeaderList headers_of(const NamedValues& headers, const std::string& content_type) const;
    void set_method(const std::string& method, const std::string& body);
    bool compresses(const Target& target) const;
    Result<Response> perform(Receiver& receiver, const std::string& what, Duration silence_limit);
    Ending run(const Receiver& receiver, Duration silence_limit, CURLcode& code);
    Error failure(CURLcode code, const Receiver& receiver, const std::string& what) const;
    Error not_trusted(const std::string& why) const;
    Error unreachable(const std::string& why) const;

    ClientOptions options_;
    CURL* easy_;
    CURLM* multi_;
    std::atomic<bool> interrupted_ = false;
    std::array<char, CURL_ERROR_SIZE> error_text_{};
};

Client::Session::Session(ClientOptions options) : options_(std::move(options)) {
    initialise_library();
    easy_ = curl_easy_init();
    multi_ = curl_multi_init();
    CHECK(easy_ && multi_);
}

Client::Session::~Session() {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
}

// The connection stays with the multi handle, so that resetting the easy one does not close it.
void Client::Session::prepare(const Target& target, Receiver& receiver) {
    receiver.easy = easy_;
    curl_easy_reset(easy_);
    error_text_.fill('\0');
    curl_easy_setopt(easy_, CURLOPT_URL, target.url.c_str());
    curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);  // a name may be "."
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_.data());
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    curl_easy_setopt(easy_, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, long{options_.connect_timeout.ms});
    curl_easy_setopt(easy_, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &receiver);
    curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy_, CURLOPT_HEADERDATA, &receiver);
    const bool public_only = options_.destinations == Destinations::public_only;
    if (target.loopback || public_only) curl_easy_setopt(easy_, CURLOPT_NOPROXY, "*");
    if (public_only) {
        curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, open_to_public);
        curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, &receiver);
    }
    if (!options_.ca_file.empty()) {
        curl_easy_setopt(easy_, CURLOPT_CAINFO, options_.ca_file.c_str());
        curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);            // and no other authority
        curl_easy_setopt(easy_, CURLOPT_CA_CACHE_TIMEOUT, long{0});  // it may be renewed
    }
}

HeaderList Client::Session::headers_of(const NamedValues& headers,
                                       const std::string& content_type) const {
    curl_slist* list = nullptr;
    const auto add = [&](const std::string& line) { list = curl_slist_append(list, line.c_str()); };
    if (!options_.bearer_token.empty()) add("Authorization: Bearer " + options_.bearer_token);
    // Without a value libcurl leaves the header out, which it would else invent for an empty POST.
    add(content_type.empty() ? "Content-Type:" : "Content-Type: " + content_type);
    for (const auto& [name, value] : headers) {
        add(value.empty() ? name + ";" : name + ": " + value);
    }
    return {list, curl_slist_free_all};
}

bool Client::Session::compresses(const Target& target) const {
    if (options_.compression == Compression::over_network) return !target.loopback;
    return options_.compression == Compression::always;
}

void Client::Session::set_method(const std::string& method, const std::string& body) {
    if (method == "HEAD") {
        curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    } else if (method == "POST" || method == "PUT" || method == "PATCH" || !body.empty()) {
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.size()));
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, body.data());
    }
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, method == "HEAD" ? nullptr : method.c_str());
}

Result<Response> Client::Session::request(const Call& call) {
    const Target target = TRY(target_of(options_.base_url, call.path));
    Receiver receiver;
    receiver.limit_bytes = options_.response_limit_bytes;
    prepare(target, receiver);
    const bool compress = compresses(target);
    const bool packs = compress && is_worth_gzip(call.content_type, call.body.size());
    NamedValues named = call.headers;
    if (packs) named.push_back({"Content-Encoding", "gzip"});
    const std::string packed = packs ? gzip(call.body) : std::string();
    const HeaderList headers =
        headers_of(named, call.body.empty() ? std::string() : call.content_type);
    if (compress) curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "gzip");
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, long{std::max<std::int64_t>(call.timeout.ms, 1)});
    set_method(call.method, packs ? packed : call.body);
    return perform(receiver, call.method + " " + call.path, Duration{0});
}

Result<Response> Client::Session::stream(const StreamCall& call, const OnBytes& on_bytes) {
    const Target target = TRY(target_of(options_.base_url, call.path));
    Receiver receiver;
    receiver.limit_bytes = error_body_limit_bytes;
    receiver.on_bytes = &on_bytes;
    prepare(target, receiver);
    const HeaderList headers = headers_of(call.headers, {});
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers.get());
    return perform(receiver, "GET " + call.path, call.silence_limit);
}

Result<Response> Client::Session::perform(Receiver& receiver, const std::string& what,
                                          Duration silence_limit) {
    const SigpipeHeld held;
    CURLcode code = CURLE_OK;
    curl_multi_add_handle(multi_, easy_);
    const Ending ending = run(receiver, silence_limit, code);
    curl_multi_remove_handle(multi_, easy_);

    if (ending == Ending::interrupted) {
        return unavailable("interrupted", what + " was interrupted, because this program stops");
    }
    if (ending == Ending::silent) {
        return unreachable("nothing came for " + to_string(silence_limit) + " (" + what + ")");
    }
    if (code != CURLE_OK && !receiver.stopped) return failure(code, receiver, what);
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    Response& response = receiver.response;
    response.status = static_cast<int>(status);
    response.content_type = response.header("Content-Type").value_or("");
    return std::move(response);
}

Client::Session::Ending Client::Session::run(const Receiver& receiver, Duration silence_limit,
                                             CURLcode& code) {
    const auto is_silent = [&] {
        return silence_limit.ms > 0 &&
               system_clock().instant() - receiver.last_sign_of_life > silence_limit;
    };
    const int poll_ms =
        silence_limit.ms > 0
            ? static_cast<int>(std::clamp<std::int64_t>(silence_limit.ms / 4, 1, longest_poll_ms))
            : longest_poll_ms;
    int running = 1;
    while (true) {
        if (interrupted_) return Ending::interrupted;
        if (is_silent()) return Ending::silent;
        curl_multi_perform(multi_, &running);
        if (running == 0) break;
        curl_multi_poll(multi_, nullptr, 0, poll_ms, nullptr);
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE) code = message->data.result;
    }
    return Ending::done;
}

void Client::Session::interrupt() {
    interrupted_ = true;
    curl_multi_wakeup(multi_);
}

Error Client::Session::unreachable(const std::string& why) const {
    return unavailable("server_unreachable",
                       "cannot reach " + options_.base_url + ": " + why +
                           ". Check that the server runs and that this is its address");
}

// What OpenSSL found wrong in the certificate; a wrong name is found by libcurl, after it was content.
Error Client::Session::not_trusted(const std::string& why) const {
    const std::string whose = "the certificate of " + options_.base_url;
    long verdict = X509_V_OK;
    curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &verdict);
    switch (verdict) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return denied("tls_expired", whose + " has expired: whoever runs the server renews it");
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return denied("tls_not_yet_valid",
                          whose + " is not valid yet; is this machine's clock right?");
        case X509_V_OK:
        case X509_V_ERR_UNSPECIFIED:  // libcurl's first value, still there
            return denied("tls_wrong_name", whose + " is for other names: " + why +
                                                ". Dial one of those that it bears");
        default:
            return denied("tls_not_trusted",
                          whose + " is of an authority that is not trusted here: " + why +
                              ". Name the authority's file: --ca FILE or DAYU_CA, and `ca` in an "
                              "agent's configuration");
    }
}

Error Client::Session::failure(CURLcode code, const Receiver& receiver,
                               const std::string& what) const {
    if (receiver.too_large) {
        return exhausted("response_too_large", "the answer to " + what + " is larger than " +
                                                   std::to_string(receiver.limit_bytes) + " bytes");
    }
    if (receiver.address_refused) {
        return denied("address_not_public",
                      options_.base_url + " leads into a network that is not public");
    }
    const std::string why = error_text_[0] ? error_text_.data() : curl_easy_strerror(code);
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_ISSUER_ERROR: return not_trusted(why);
        case CURLE_SSL_CACERT_BADFILE:
            return invalid("ca_file_unusable", "the file with the authority, " + options_.ca_file +
                                                   ", cannot be read or holds no certificate");
        case CURLE_SSL_CONNECT_ERROR:
            return unavailable("tls_failed", "no TLS with " + options_.base_url + ": " + why +
                                                 ". Where nothing speaks TLS 1.2 or 1.3, the "
                                                 "address begins with http://");
        case CURLE_GOT_NOTHING:
            return unreachable(why + " (" + what +
                               "); where TLS is spoken, the address begins with https://");
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return invalid("bad_url", "\"" + options_.base_url + "\": " + why);
        default: return unreachable(why + " (" + what + ")");
    }
}

// --- The face -----------------------------------------------------------------------------------

Client::Client(ClientOptions options) : session_(std::make_unique<Session>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Response> Client::request(const Call& call) { return session_->request(call); }

Result<Response> Client::stream(const StreamCall& call, const OnBytes& on_bytes) {
    return session_->stream(call, on_bytes);
}

void Client::interrupt() { session_->interrupt(); }

const ClientOptions& Client::options() const { return session_->options(); }

}  // namespace dayu::http
