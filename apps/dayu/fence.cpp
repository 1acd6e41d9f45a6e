// dayu fence CENTER: an operator's word that nothing of a centre runs any more. What still runs there
// would run twice, so it is asked for.
#include <unistd.h>

#include <cstdio>
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct FenceOptions {
    std::string center;
    std::string reason;
};

Result<void> confirm(const std::string& center, const Globals& globals) {
    if (globals.yes) return {};
    if (isatty(STDIN_FILENO) == 0) {
        return invalid("not_confirmed",
                       "fencing " + center +
                           " makes its jobs run elsewhere: what still runs there "
                           "would run twice. Make sure that nothing does, and give -y");
    }
    std::fprintf(stderr, "Nothing of %s runs any more, and its jobs may run elsewhere? [y/N] ",
                 center.c_str());
    const int answer = std::getchar();
    if (answer == 'y' || answer == 'Y') return {};
    return invalid("not_confirmed", "nothing was fenced");
}

Result<int> fence(const FenceOptions& options, const Globals& globals) {
    TRY(confirm(options.center, globals));
    Connection connection = TRY(Connection::open(globals));
    wire::Json body;
    body["reason"] = options.reason;
    const wire::Json done = TRY(connection.post(
        "/v1/centers/" + http::percent_encode(options.center) + "/fence", to_text(body)));
    if (is_structured(globals)) print_structured(globals, done);
    remark(fmt::format("{} is fenced; its jobs are placed anew", options.center));
    return 0;
}

}  // namespace

Verb fence_verb() {
    const auto options = std::make_shared<FenceOptions>();
    return {
        .name = "fence",
        .help = "Declare that nothing of a centre runs any more",
        .options = {{"CENTER", &options->center, "name of the centre", true},
                    {"--reason", &options->reason, "how you know; kept in the journal", true}},
        .run = [options](const Globals& globals) { return fence(*options, globals); },
    };
}

}  // namespace dayu::app
