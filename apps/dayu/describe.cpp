// dayu describe JOB: all about one job and its attempts.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/attempts.h"
#include "dayu/connection.h"
#include "dayu/job_name.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

void print_field(std::string_view name, const std::string& value) {
    if (!value.empty()) print_line(fmt::format("{:<12}  {}", name, value));
}

std::string resources_text(std::int64_t nodes, const wire::Json& each) {
    return fmt::format("{} node(s), each {}, {} cpus, {} GiB", nodes,
                       chips(text(each, "chip"), number(each, "chips_milli")), number(each, "cpus"),
                       gibibytes(number(each, "memory_mib")));
}

// A job with a choice needs what its latest placement took; before one, any of its variants.
std::string needs_text(const wire::Json& job) {
    const wire::Json& spec = member(job, "spec");
    const auto& variants = list(spec, "variants");
    if (variants.empty()) return resources_text(number(spec, "nodes"), member(spec, "resources"));
    const auto text_of = [&](const wire::Json& variant) {
        const bool has_own = !is_null(variant, "nodes");
        return resources_text(number(has_own ? variant : spec, "nodes"), variant);
    };
    const auto& table = list(job, "candidates");
    const auto chosen = static_cast<std::size_t>(number(job, "chosen"));
    const bool is_placed = text(job, "state") != "PENDING" && text(job, "state") != "HELD";
    if (is_placed && !is_null(job, "chosen") && chosen < table.size()) {
        const auto taken = static_cast<std::size_t>(number(table[chosen], "variant"));
        if (taken < variants.size())
            return fmt::format("{} (one of {} variants)", text_of(variants[taken]),
                               variants.size());
    }
    std::vector<std::string> all;
    for (const wire::Json& variant : variants) all.push_back(text_of(variant));
    return join(all, "; or ");
}

std::string placement_text(const wire::Json& spec) {
    const wire::Json& rules = member(spec, "placement");
    std::string out =
        fmt::format("¥{} a chip-hour waited, ¥{} a kg CO2e", yuan(rules, "wait_yuan_per_chip_hour"),
                    yuan(rules, "carbon_yuan_per_kg"));
    const auto add = [&](std::string_view name, const std::string& value) {
        if (!value.empty()) out += fmt::format("; {} {}", name, value);
    };
    add("regions", join(texts(rules, "regions"), ", "));
    add("tiers", join(texts(rules, "tiers"), ", "));
    add("security level", std::to_string(number(rules, "security_level")) + "+");
    if (!is_null(rules, "max_price")) add("at most ¥", yuan(rules, "max_price"));
    if (!is_null(rules, "move_after_s")) {
        add("moves after lost contact of", short_seconds(number(rules, "move_after_s")));
    }
    return out;
}

std::string workdir_text(const wire::Json& workdir) {
    if (workdir.is_null()) return "";
    return fmt::format("{} file(s), {}, {}", number(workdir, "files"),
                       bytes(number(workdir, "bytes")), text(workdir, "manifest").substr(0, 16));
}

std::string priority_text(const wire::Json& job) {
    const std::string word = text(job, "priority");
    return flag(job, "preemptible") ? word + ", may be stopped for others" : word;
}

std::string inputs_text(const wire::Json& spec) {
    std::vector<std::string> words;
    for (const wire::Json& input : list(spec, "inputs")) {
        const std::int64_t count = number(input, "bytes");
        words.push_back(text(input, "dataset") + (count == 0 ? "" : " (" + bytes(count) + ")"));
    }
    return join(words, ", ");
}

std::string claim_text(const wire::Json& claim) {
    if (claim.is_null()) return "";
    return fmt::format("{} node(s) of {}/{} are kept for it until {}", number(claim, "nodes"),
                       text(claim, "center"), text(claim, "pool"),
                       local_time(text(claim, "until")));
}

std::string retry_text(const wire::Json& spec) {
    const wire::Json& retry = member(spec, "retry");
    if (number(retry, "max") == 0) return "no";
    std::string codes;
    for (const wire::Json& code : list(retry, "on_exit")) codes += " " + to_text(code);
    return fmt::format("at most {} times on exit{}", number(retry, "max"),
                       codes.empty() ? " other than 0" : codes);
}

void print_job(const Globals& globals, const wire::Json& job) {
    const wire::Json& spec = member(job, "spec");
    const StateWord state = state_word(job);
    const std::string note = job_note(job);
    const std::string word = uses_color(globals) ? colored(state.word, state.color) : state.word;
    print_field("Job", fmt::format("{} {}", number(job, "id"), text(job, "name")));
    print_field("State", note.empty() ? word : word + " (" + note + ")");
    print_field("Exit", exit_word(job));
    print_field("Kind", text(job, "kind"));
    print_field("Owner", text(job, "owner"));
    print_field("Project", text(job, "tenant") + "/" + text(job, "project"));
    print_field("Priority", priority_text(job));
    print_field("Needs", needs_text(job));
    print_field("Claim", claim_text(member(job, "claim")));
    print_field("Reads", inputs_text(spec));
    print_field("Workdir", workdir_text(member(job, "workdir")));
    print_field("Time limit", short_seconds(number(spec, "time_limit_s")));
    print_field("Placement", placement_text(spec));
    print_field("Retry", retry_text(spec));
    print_field("Center", text(job, "center"));
    print_field("Submitted", local_time(text(job, "submitted")));
    print_field("Started", local_time(text(job, "started")));
    print_field("Ended", local_time(text(job, "ended")));
    print_field("Ran", ran_for(job));
    print_field("Cost", "¥" + yuan(job, "cost"));
    if (!list(job, "attempts").empty()) {
        print_line("");
        print_attempts(globals, list(job, "attempts"));
    }
}

Result<int> describe(const std::string& job, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const std::int64_t id = TRY(find_job(connection, job));
    const wire::Json detail = TRY(connection.get(job_path(id)));
    if (is_structured(globals)) {
        print_structured(globals, detail);
    } else {
        print_job(globals, detail);
    }
    return 0;
}

}  // namespace

Verb describe_verb() {
    const auto job = std::make_shared<std::string>();
    return {
        .name = "describe",
        .help = "Show all about one job and its attempts",
        .options = {{"JOB", job.get(), "job id", true}},
        .run = [job](const Globals& globals) { return describe(*job, globals); },
        .can_watch = true,
    };
}

}  // namespace dayu::app
