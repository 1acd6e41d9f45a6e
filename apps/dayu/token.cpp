// dayu token create|list|revoke: who may call the server. A token is shown once.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct TokenOptions {
    std::string name;
    std::string role = "user";
    std::string expires;
    std::vector<std::string> centers;
};

// "90d" is ninety days from now; anything else the server reads as a time.
wire::Json expiry(const std::string& text) {
    if (text.empty()) return {};
    const Result<Duration> left = parse_duration(text);
    return left ? to_string(system_clock().now() + *left) : text;
}

wire::Json request_of(const TokenOptions& options) {
    wire::Json body;
    body["name"] = options.name;
    body["role"] = options.role;
    if (!options.expires.empty()) body["expires"] = expiry(options.expires);
    if (!options.centers.empty()) {
        wire::Json::Array centers;
        for (const std::string& center : options.centers) centers.push_back(center);
        body["centers"] = std::move(centers);
    }
    return body;
}

Result<int> create(const TokenOptions& options, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json made = TRY(connection.post("/v1/tokens", to_text(request_of(options))));
    if (is_structured(globals)) {
        print_structured(globals, made);
        return 0;
    }
    print_line(text(made, "token"));
    remark(
        fmt::format("token {} of the role {}; it is not shown again. `--token`, DAYU_TOKEN or a "
                    "token file of mode 600 takes it",
                    text(made, "name"), text(made, "role")));
    return 0;
}

std::string time_or(const wire::Json& token, std::string_view key, std::string_view otherwise) {
    return is_null(token, key) ? std::string(otherwise) : local_time(text(token, key));
}

Result<int> list_them(const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json answer = TRY(connection.get("/v1/tokens"));
    if (is_structured(globals)) {
        print_structured(globals, member(answer, "tokens"));
        return 0;
    }
    Table table(
        {{"ID"}, {"NAME"}, {"ROLE"}, {"CENTERS"}, {"CREATED"}, {"BY"}, {"EXPIRES"}, {"LAST USED"}});
    for (const wire::Json& token : list(answer, "tokens")) {
        table.add({text(token, "id"), text(token, "name"), text(token, "role"),
                   join(texts(token, "centers"), ","), time_or(token, "created", ""),
                   text(token, "by"), time_or(token, "expires", "never"),
                   time_or(token, "last_used", "-")});
    }
    print_table(globals, table);
    return 0;
}

Result<int> revoke(const TokenOptions& options, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const http::Response response = TRY(connection.fetch(
        {.method = "DELETE", .path = "/v1/tokens/" + http::percent_encode(options.name)}));
    if (is_structured(globals)) print_structured(globals, TRY(wire::parse_json(response.body)));
    remark(fmt::format("token {} is revoked: it opens nothing any more", options.name));
    return 0;
}

}  // namespace

Verb token_create_verb() {
    const auto options = std::make_shared<TokenOptions>();
    return {
        .name = "token create",
        .help = "Create a token, and print it once",
        .options = {{"NAME", &options->name, "letters, digits, '-', '_' and '.'", true},
                    {"--role",
                     &options->role,
                     "what it may do (user)",
                     false,
                     {"operator", "user", "viewer", "agent"}},
                    {"--expires", &options->expires, "a time, or 90d from now (never)"},
                    {"--center", &options->centers,
                     "of an agent: the centres it may speak for (all)"}},
        .run = [options](const Globals& globals) { return create(*options, globals); },
        .detail =
            "An operator does everything, a user has its own jobs, a viewer reads, an agent speaks "
            "for "
            "centres.",
        .examples = {"dayu token create audit --role viewer --expires 90d",
                     "dayu token create wuhan --role agent --center wuhan > agent-token"},
    };
}

Verb token_list_verb() {
    return {.name = "token list",
            .help = "List tokens by name; none is shown",
            .options = {},
            .run = list_them};
}

Verb token_revoke_verb() {
    const auto options = std::make_shared<TokenOptions>();
    return {
        .name = "token revoke",
        .help = "Revoke a token: it is refused at once, on open streams too",
        .options = {{"TOKEN", &options->name, "its name, or its id where a name is not enough",
                     true}},
        .run = [options](const Globals& globals) { return revoke(*options, globals); },
    };
}

}  // namespace dayu::app
