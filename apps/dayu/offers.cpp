// dayu offers -f FILE: where a job could run, when, and what it would cost; nothing is submitted.
#include <memory>

#include "dayu/answers.h"
#include "dayu/candidates.h"
#include "dayu/job_text.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

Result<int> show_offers(const std::string& file, const Globals& globals) {
    const std::string job = TRY(read_job_text(file));
    Connection connection = TRY(Connection::open(globals));
    const wire::Json offers = TRY(post_job(connection, "/v1/offers", job));
    if (is_structured(globals)) {
        print_structured(globals, member(offers, "candidates"));
    } else {
        print_candidates(globals, offers);
        const bool none = list(offers, "candidates").empty();
        if (none)
            remark("dayu: no centre has joined yet; start one with `dayu agent --config FILE`");
    }
    if (would_be_refused(offers)) return exit_code(ErrorKind::invalid);
    return is_null(offers, "chosen") ? 1 : 0;
}

}  // namespace

Verb offers_verb() {
    const auto file = std::make_shared<std::string>();
    return {
        .name = "offers",
        .help = "Show where a job could run, when and at what price, and where not",
        .options = {{"-f,--file", file.get(), "job file, YAML or JSON; - is stdin", true}},
        .run = [file](const Globals& globals) { return show_offers(*file, globals); },
    };
}

}  // namespace dayu::app
