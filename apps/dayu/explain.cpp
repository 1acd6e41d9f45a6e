// dayu explain JOB: one reason first, then what is behind it.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/attempts.h"
#include "dayu/candidates.h"
#include "dayu/connection.h"
#include "dayu/job_name.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

std::string headline(const wire::Json& explanation) {
    const std::string reason = text(explanation, "reason");
    const StateWord state = state_word(explanation);
    std::string line = fmt::format("job {} {}", number(explanation, "id"), state.word);
    if (!reason.empty() && reason != "None") line += ", " + reason;
    if (flag(explanation, "contact_lost")) line += " (contact lost)";
    return line + ": " + text(explanation, "text");
}

// ": 7 in default/vision, 5 in default/poems".
std::string where_they_wait(const wire::Json::Array& queues) {
    std::string line;
    for (const wire::Json& queue : queues) {
        line += fmt::format("{} {} in {}", line.empty() ? ":" : ",", number(queue, "jobs"),
                            text(queue, "queue"));
    }
    return line;
}

void print_explanation(const Globals& globals, const wire::Json& explanation) {
    print_line(headline(explanation));
    const bool waits = text(explanation, "state") == "PENDING";
    if (waits && !flag(explanation, "can_ever_run")) {
        print_line("It can never run as it is: nothing that frees up would help.");
    }
    const std::int64_t ahead = number(explanation, "ahead");
    const std::string start = local_time(text(explanation, "start"));
    if (waits && ahead > 0) {
        print_line(fmt::format("{} job(s) come first for the same place{}.", ahead,
                               where_they_wait(list(explanation, "queues_ahead"))));
    }
    if (waits && !start.empty())
        print_line("Estimated start: " + start + ", " + text(explanation, "basis"));
    const std::string refusals = count_refusals(list(explanation, "candidates"));
    if (!refusals.empty()) print_line("Refused: " + refusals);
    for (const std::string& hint : texts(explanation, "hints")) print_line("Hint: " + hint);
    if (!list(explanation, "candidates").empty()) {
        print_line("");
        print_candidates(globals, explanation);
    }
    if (!list(explanation, "attempts").empty()) {
        print_line("");
        print_attempts(globals, list(explanation, "attempts"));
    }
}

Result<int> explain(const std::string& job, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const std::int64_t id = TRY(find_job(connection, job));
    const wire::Json explanation = TRY(connection.get(job_path(id, "/explain")));
    if (is_structured(globals)) {
        print_structured(globals, explanation);
    } else {
        print_explanation(globals, explanation);
    }
    return 0;
}

}  // namespace

Verb explain_verb() {
    const auto job = std::make_shared<std::string>();
    return {
        .name = "explain",
        .help = "Say why a job waits, runs where it runs, or can never run",
        .options = {{"JOB", job.get(), "job id", true}},
        .run = [job](const Globals& globals) { return explain(*job, globals); },
        .can_watch = true,
    };
}

}  // namespace dayu::app
