// dayu secret set|list|remove: values that jobs are given by name. A value comes from stdin or a file,
// never from the command line, which every user of the machine can read.
#include <unistd.h>

#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr std::size_t max_value_bytes = 1 << 20;  // the server has a smaller limit, and names it

struct SecretOptions {
    std::string name;
    std::string from_file;
    std::string project;
};

std::string path_of(const SecretOptions& options) {
    return with_query("/v1/secrets/" + http::percent_encode(options.name),
                      {{"project", options.project}});
}

Result<int> change(Connection& connection, const Globals& globals, http::Call call,
                   const std::string& done) {
    const http::Response response = TRY(connection.fetch(call));
    if (is_structured(globals)) print_structured(globals, TRY(wire::parse_json(response.body)));
    remark(done);
    return 0;
}

Result<int> set(const SecretOptions& options, const Globals& globals) {
    const std::string from = options.from_file.empty() ? "-" : options.from_file;
    if (from == "-" && ::isatty(STDIN_FILENO) != 0)
        remark("type the value, then Ctrl-D; one line break at its end is not part of it");
    std::string value = TRY(read_small_file(from, max_value_bytes));
    if (value.ends_with('\n')) value.pop_back();
    Connection connection = TRY(Connection::open(globals));
    return change(connection, globals,
                  {.method = "PUT",
                   .path = path_of(options),
                   .body = std::move(value),
                   .content_type = "application/octet-stream"},
                  fmt::format("secret {} is set; jobs name it under `secrets`", options.name));
}

Result<int> remove(const SecretOptions& options, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    return change(
        connection, globals, {.method = "DELETE", .path = path_of(options)},
        fmt::format("secret {} is removed; attempts that run keep it to their end", options.name));
}

Result<int> list_names(const std::string& project, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json answer =
        TRY(connection.get(with_query("/v1/secrets", {{"project", project}})));
    if (is_structured(globals)) {
        print_structured(globals, member(answer, "secrets"));
        return 0;
    }
    Table table({{"NAME"}, {"VARIABLE"}, {"SET"}, {"BY"}});
    for (const wire::Json& secret : list(answer, "secrets")) {
        table.add({text(secret, "name"), text(secret, "variable"), local_time(text(secret, "set")),
                   text(secret, "by")});
    }
    print_table(globals, table);
    return 0;
}

}  // namespace

Verb secret_set_verb() {
    const auto options = std::make_shared<SecretOptions>();
    return {
        .name = "secret set",
        .help = "Give a secret of a project its value, from stdin",
        .options = {{"NAME", &options->name, "small letters, digits, '-' and '_'", true},
                    {"--from-file", &options->from_file, "read the value there instead"},
                    {"--project", &options->project, "whose it is (the token's)"}},
        .run = [options](const Globals& globals) { return set(*options, globals); },
    };
}

Verb secret_list_verb() {
    const auto project = std::make_shared<std::string>();
    return {.name = "secret list",
            .help = "List the secrets of a project by name",
            .options = {{"--project", project.get(), "whose they are (the token's)"}},
            .run = [project](const Globals& globals) { return list_names(*project, globals); }};
}

Verb secret_remove_verb() {
    const auto options = std::make_shared<SecretOptions>();
    return {
        .name = "secret remove",
        .help = "Remove a secret of a project",
        .options = {{"NAME", &options->name, "name of the secret", true},
                    {"--project", &options->project, "whose it is (the token's)"}},
        .run = [options](const Globals& globals) { return remove(*options, globals); },
    };
}

}  // namespace dayu::app
