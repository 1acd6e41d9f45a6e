// dayu centers drain CENTER --reason TEXT: no new jobs for a centre; what runs there goes on. dayu centers
// resume CENTER takes it back.
#include <memory>

#include "dayu/center_action.h"
#include "dayu/verbs.h"
#include "wire/json.h"

namespace dayu::app {
namespace {

struct DrainOptions {
    std::string center;
    std::string reason;
};

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
                return act_on_center({.center = options->center,
                                      .action = "drain",
                                      .body = wire::to_text(body),
                                      .what = options->center,
                                      .done = "gets no new jobs"},
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
                return act_on_center({.center = *center,
                                      .action = "resume",
                                      .body = {},
                                      .what = *center,
                                      .done = "gets jobs again"},
                                     globals);
            },
    };
}

}  // namespace dayu::app
