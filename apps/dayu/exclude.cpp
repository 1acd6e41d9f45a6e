// dayu centers exclude CENTER NODE --reason TEXT: no new jobs on one node; what runs there goes on. dayu centers
// include CENTER NODE takes it back, also where the platform excluded it by itself.
#include <memory>

#include "dayu/center_action.h"
#include "dayu/verbs.h"
#include "wire/json.h"

namespace dayu::app {
namespace {

constexpr const char* node_help = "POOL/NUMBER, or the number alone where the centre has one pool";

struct NodeOptions {
    std::string center;
    std::string node;
    std::string reason;
};

CenterAction action_on(const NodeOptions& options, std::string action, std::string done) {
    wire::Json body;
    body["node"] = options.node;
    if (!options.reason.empty()) body["reason"] = options.reason;
    return {.center = options.center,
            .action = std::move(action),
            .body = wire::to_text(body),
            .what = "node " + options.node + " of " + options.center,
            .done = std::move(done)};
}

}  // namespace

Verb centers_exclude_verb() {
    const auto options = std::make_shared<NodeOptions>();
    return {
        .name = "centers exclude",
        .help = "Place no new jobs on a node; what runs there goes on",
        .options = {{"CENTER", &options->center, "name of the centre", true},
                    {"NODE", &options->node, node_help, true},
                    {"--reason", &options->reason, "why; kept in the journal and shown", true}},
        .run =
            [options](const Globals& globals) {
                return act_on_center(action_on(*options, "exclude", "gets no new jobs"), globals);
            },
    };
}

Verb centers_include_verb() {
    const auto options = std::make_shared<NodeOptions>();
    return {
        .name = "centers include",
        .help = "Place jobs on an excluded node again",
        .options = {{"CENTER", &options->center, "name of the centre", true},
                    {"NODE", &options->node, node_help, true},
                    {"--reason", &options->reason, "what was mended; kept in the journal"}},
        .run =
            [options](const Globals& globals) {
                return act_on_center(action_on(*options, "include", "gets jobs again"), globals);
            },
    };
}

}  // namespace dayu::app
