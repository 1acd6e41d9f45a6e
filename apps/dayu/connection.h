// The way from a verb to the server: its address and token, found in this order, and its answers as JSON
// or as the Error that the server meant.
//
//   address   --server, the file `address` of --data, DAYU_SERVER, `address` in ./var, 127.0.0.1:8620
//   token     --token, the file `token` of --data, DAYU_TOKEN, and ./var/token beside ./var/address
//   authority --ca, DAYU_CA, and else those that this machine trusts
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dayu/verb.h"
#include "http/client.h"
#include "wire/json.h"

namespace dayu::app {

// What `dayu server` writes into its data folder for clients on the same machine.
inline constexpr std::string_view address_file = "address";
inline constexpr std::string_view token_file = "token";
inline constexpr std::string_view agent_token_file = "agent-token";
inline constexpr std::string_view default_data_folder = "./var";
inline constexpr std::string_view default_server = "http://127.0.0.1:8620";

struct Target {
    std::string url;
    std::string token;       // empty: none was found
    std::string url_source;  // "--server", "DAYU_SERVER", ...: where it came from
    std::string token_source;
    std::string ca;  // empty: what this machine trusts
};
Result<Target> find_target(const Globals& globals);
http::ClientOptions client_options(const Target& target);

// Whoever names an authority takes the way for safe: over plain HTTP it would not be.
Result<void> check_ca(const std::string& ca, const std::string& url);

class Connection {
   public:
    static Result<Connection> open(const Globals& globals);

    Result<wire::Json> get(const std::string& path, Duration timeout = seconds(30));
    Result<wire::Json> post(const std::string& path, std::string body = {},
                            http::NamedValues headers = {});
    // An answer that is no JSON; a problem is an Error all the same.
    Result<http::Response> fetch(const http::Call& call);

    http::Client& client() { return client_; }
    const Target& target() const { return target_; }

   private:
    explicit Connection(Target target);

    Target target_;
    http::Client client_;
};

// The Error behind an answer that is not 2xx.
Error error_from(const http::Response& response);

// "/v1/jobs?all=true&limit=10": leaves out parameters with an empty value.
std::string with_query(std::string path,
                       const std::vector<std::pair<std::string, std::string>>& params);

// "12", "job 12" is not one: invalid.
Result<std::int64_t> parse_job_id(std::string_view text);
std::string job_path(std::int64_t id, std::string_view rest = {});

}  // namespace dayu::app
