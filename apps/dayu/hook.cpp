// dayu hook add|list|test|resume|remove: whom to tell when a job ends or a centre is lost. The address of a
// chat's robot holds its key, and a secret is one: both come from stdin or a file, as every user of the
// machine can read a command line.
#include <unistd.h>

#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr std::size_t max_text_bytes = 64 * 1024;  // the server has smaller limits, and names them
constexpr Duration test_patience = seconds(40);

struct HookOptions {
    std::string name;
    std::string kind = "webhook";
    std::string url;
    std::string url_from;
    std::string secret_from;
    std::string events;
    std::string language = "zh";
    std::string owner;
    std::string job_name;
    bool failures_only = false;
    std::string project;
};

// Of one that is there.
struct NamedHook {
    std::string name;
    std::string project;
};

std::string path_of(const NamedHook& hook, const std::string& action = {}) {
    return with_query("/v1/hooks/" + http::percent_encode(hook.name) + action,
                      {{"project", hook.project}});
}

Result<std::string> read_line_of(const std::string& file) {
    std::string text = TRY(read_small_file(file, max_text_bytes));
    while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) text.pop_back();
    return text;
}

Result<std::string> url_of(const HookOptions& options) {
    if (!options.url.empty() && !options.url_from.empty())
        return invalid("options_clash", "--url and --url-from both say where the hook leads");
    if (!options.url.empty()) return options.url;
    const std::string from = options.url_from.empty() ? "-" : options.url_from;
    if (from == "-" && ::isatty(STDIN_FILENO) != 0)
        remark("paste the address of the hook, then Enter and Ctrl-D");
    return read_line_of(from);
}

wire::Json::Array split(const std::string& comma_list) {
    wire::Json::Array words;
    for (std::size_t begin = 0; begin < comma_list.size();) {
        const std::size_t end = std::min(comma_list.find(',', begin), comma_list.size());
        if (end > begin) words.emplace_back(comma_list.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

Result<int> add(const HookOptions& options, const Globals& globals) {
    wire::Json body;
    body["kind"] = options.kind;
    body["url"] = TRY(url_of(options));
    if (!options.secret_from.empty()) body["secret"] = TRY(read_line_of(options.secret_from));
    if (!options.events.empty()) body["events"] = split(options.events);
    body["language"] = options.language;
    body["filter"] = wire::Json::Object{{"owner", options.owner},
                                        {"name", options.job_name},
                                        {"failures_only", options.failures_only}};
    Connection connection = TRY(Connection::open(globals));
    const http::Response response =
        TRY(connection.fetch({.method = "PUT",
                              .path = path_of({options.name, options.project}),
                              .body = wire::to_text(body)}));
    const wire::Json answer = TRY(wire::parse_json(response.body));
    if (is_structured(globals)) {
        print_structured(globals, answer);
    } else if (!is_null(answer, "secret")) {
        remark("what it is sent is signed with this secret, which is not shown again:");
        print_line(text(answer, "secret"));
    }
    remark(
        fmt::format("hook {} is set; try it with `dayu hook test {}`", options.name, options.name));
    return 0;
}

std::string state_of(const wire::Json& hook) {
    if (!is_null(hook, "suspended")) return "suspended: " + text(hook, "suspended");
    const wire::Json& delivery = member(hook, "delivery");
    return is_null(delivery, "failing_since") ? "ok" : "failing";
}

Result<int> list_hooks(const std::string& project, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json answer = TRY(connection.get(with_query("/v1/hooks", {{"project", project}})));
    if (is_structured(globals)) {
        print_structured(globals, member(answer, "hooks"));
        return 0;
    }
    Table table({{"NAME"},
                 {"KIND"},
                 {"HOST"},
                 {"STATE"},
                 {"EVENTS", Column::Kind::prose},
                 {"WAITING", Column::Kind::number},
                 {"DELIVERED", Column::Kind::number},
                 {"LAST"},
                 {"ERROR", Column::Kind::prose}});
    for (const wire::Json& hook : list(answer, "hooks")) {
        const wire::Json& delivery = member(hook, "delivery");
        const std::string state = state_of(hook);
        const bool told = !is_null(hook, "delivery");
        table.add({text(hook, "name"), text(hook, "kind"), text(hook, "host"),
                   Cell(state, state == "ok" ? Color::green : Color::red),
                   join(texts(hook, "events"), ","),
                   told ? std::to_string(number(delivery, "waiting")) : "",
                   told ? std::to_string(number(delivery, "delivered")) : "",
                   local_time(text(delivery, "last_delivered")),
                   state == "failing" ? text(delivery, "last_error") : ""});
    }
    print_table(globals, table);
    return 0;
}

Result<int> test(const NamedHook& hook, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const http::Response response = TRY(connection.fetch(
        {.method = "POST", .path = path_of(hook, "/test"), .timeout = test_patience}));
    const wire::Json answer = TRY(wire::parse_json(response.body));
    if (is_structured(globals)) print_structured(globals, answer);
    if (flag(answer, "delivered")) {
        remark(fmt::format("hook {} took a test notice in {} ms", hook.name,
                           number(answer, "took_ms")));
        return 0;
    }
    remark(fmt::format("hook {} did not take it: {}", hook.name, text(answer, "error")));
    return 1;
}

Result<int> change(const http::Call& call, const std::string& done, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const http::Response response = TRY(connection.fetch(call));
    if (is_structured(globals)) print_structured(globals, TRY(wire::parse_json(response.body)));
    remark(done);
    return 0;
}

std::vector<Option> options_of(NamedHook& hook) {
    return {{"NAME", &hook.name, "name of the hook", true},
            {"--project", &hook.project, "whose it is (the token's)"}};
}

}  // namespace

Verb hook_add_verb() {
    const auto options = std::make_shared<HookOptions>();
    return {
        .name = "hook add",
        .help = "Tell a program or a chat's robot what happens; replaces a hook of that name",
        .options = {{"NAME", &options->name, "small letters, digits, '-' and '_'", true},
                    {"--kind",
                     &options->kind,
                     "what takes it (webhook)",
                     false,
                     {"webhook", "wecom", "dingtalk", "feishu"}},
                    {"--url", &options->url, "where it leads; a robot's holds its key: use stdin"},
                    {"--url-from", &options->url_from, "FILE with the URL (stdin)"},
                    {"--secret-from", &options->secret_from,
                     "FILE with the secret; a webhook without one gets one, and prints it"},
                    {"--on", &options->events,
                     "job_ended,job_held,center_lost,center_back: what it hears of (all)"},
                    {"--owner", &options->owner, "jobs of this user alone, as token:admin"},
                    {"--name", &options->job_name,
                     "jobs of this name alone; * stands for any letters"},
                    {"--failures-only", &options->failures_only,
                     "no job that completed or was cancelled"},
                    {"--language", &options->language, "of a robot (zh)", false, {"zh", "en"}},
                    {"--project", &options->project, "of whose jobs it hears (the token's)"}},
        .run = [options](const Globals& globals) { return add(*options, globals); },
        .detail =
            "A webhook gets signed JSON (Standard Webhooks); wecom (企业微信), dingtalk (钉钉) and "
            "feishu (飞书) are robots of group chats. Without --url the address comes from "
            "stdin.",
        .examples = {"dayu hook add ci --url https://ci.example.org/dayu --on job_ended",
                     "dayu hook add ops --kind wecom --failures-only < robot-url.txt"},
    };
}

Verb hook_list_verb() {
    const auto project = std::make_shared<std::string>();
    return {.name = "hook list",
            .help = "List the hooks of a project, and how they are getting on",
            .options = {{"--project", project.get(), "whose they are (the token's)"}},
            .run = [project](const Globals& globals) { return list_hooks(*project, globals); },
            .can_watch = true};
}

Verb hook_test_verb() {
    const auto hook = std::make_shared<NamedHook>();
    return {.name = "hook test",
            .help = "Send a test notice to a hook and say what came of it",
            .options = options_of(*hook),
            .run = [hook](const Globals& globals) { return test(*hook, globals); }};
}

Verb hook_resume_verb() {
    const auto hook = std::make_shared<NamedHook>();
    return {.name = "hook resume",
            .help = "Tell a suspended hook again what happens from now on",
            .options = options_of(*hook),
            .run = [hook](const Globals& globals) {
                return change({.method = "POST", .path = path_of(*hook, "/resume")},
                              fmt::format("hook {} is told again", hook->name), globals);
            }};
}

Verb hook_remove_verb() {
    const auto hook = std::make_shared<NamedHook>();
    return {.name = "hook remove",
            .help = "Remove a hook of a project",
            .options = options_of(*hook),
            .run = [hook](const Globals& globals) {
                return change({.method = "DELETE", .path = path_of(*hook)},
                              fmt::format("hook {} is removed", hook->name), globals);
            }};
}

}  // namespace dayu::app
