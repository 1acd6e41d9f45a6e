// dayu centers drain CENTER --reason TEXT: no new jobs for a centre; what runs there goes on. dayu centers
// resume CENTER takes it back.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct DrainOptions {
    std::string center;
    std::string reason;
};

Result<int> post(const std::string& center, const std::string& action, std::string body,
                 const std::string& done, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json answer = TRY(connection.post(
        "/v1/centers/" + http::percent_encode(center) + "/" + action, std::move(body)));
    if (is_structured(globals)) print_structured(globals, answer);
    remark(fmt::format("{} {}", center, done));
    return 0;
}

}  // namespace

Verb centers_drain_verb() {
    const auto options = std::make_shared<DrainOptions>();
    return {
        .name = "centers drain",
        .help = "Place no new jobs at a centre; what runs there goes on",
        .options = {{"CENTER", &options->center, "name of the centre", true},
                    {"--reason", &options->reason, "why; kept in the journal and shown", true}},
        .run =
            [options](const Globals& globals) {
                wire::Json body;
                body["reason"] = options->reason;
                return post(options->center, "drain", wire::to_text(body), "gets no new jobs",
                            globals);
            },
    };
}

Verb centers_resume_verb() {
    const auto center = std::make_shared<std::string>();
    return {
        .name = "centers resume",
        .help = "Place jobs at a drained centre again",
        .options = {{"CENTER", center.get(), "name of the centre", true}},
        .run =
            [center](const Globals& globals) {
                return post(*center, "resume", {}, "gets jobs again", globals);
            },
    };
}

}  // namespace dayu::app
