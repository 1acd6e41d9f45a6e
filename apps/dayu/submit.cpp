// dayu submit FILE: prints the job's id.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/candidates.h"
#include "dayu/job_text.h"
#include "dayu/outcome.h"
#include "dayu/output.h"
#include "dayu/submission.h"
#include "dayu/verbs.h"
#include "wire/json_fields.h"

namespace dayu::app {
namespace {

struct SubmitOptions {
    std::string file;
    Submission submission;
    bool dry_run = false;
    bool wait = false;
};

Result<int> show_dry_run(const Globals& globals, Connection& connection,
                         const Submission& submission) {
    const auto workdir = TRY(workdir_of(submission));
    wire::Json offers = TRY(post_job(connection, "/v1/jobs?dry_run=true", submission.text));
    if (is_structured(globals)) {
        offers["workdir"] = workdir ? wire::to_json(workdir->summary) : wire::Json();
        print_structured(globals, offers);
    } else {
        wire::Json filled;
        filled["name"] = member(offers, "name");
        filled["spec"] = member(offers, "spec");
        print_line("# as it would be submitted");
        if (workdir) filled["workdir"] = wire::to_json(workdir->summary);
        print_line(to_yaml(filled));
        print_candidates(globals, offers);
    }
    if (would_be_refused(offers)) return exit_code(ErrorKind::invalid);
    return is_null(offers, "chosen") ? 1 : 0;
}

Result<int> submit_file(const SubmitOptions& options, const Globals& globals) {
    Submission submission = options.submission;
    submission.text = TRY(read_job_text(options.file));
    submission.file = options.file;
    Connection connection = TRY(Connection::open(globals));
    if (options.dry_run) return show_dry_run(globals, connection, submission);

    const wire::Json submitted = TRY(submit(connection, submission));
    const std::int64_t id = number(submitted, "id");
    if (!options.wait) {
        if (is_structured(globals)) {
            print_structured(globals, submitted);
        } else {
            print_line(std::to_string(id));
        }
        return 0;
    }
    remark(
        fmt::format("job {} ({}) is accepted; waiting for its end", id, text(submitted, "name")));
    const std::optional<wire::Json> job = TRY(wait_for_end(connection, id, std::nullopt));
    if (is_structured(globals)) {
        print_structured(globals, *job);
    } else {
        print_line(std::to_string(id));
    }
    const std::string cost = yuan(*job, "cost");
    remark(fmt::format("job {} {} {} at {}, ¥{}", id, state_word(*job).word, exit_word(*job),
                       text(*job, "center"), cost));
    return exit_code_of(*job);
}

}  // namespace

Verb submit_verb() {
    const auto options = std::make_shared<SubmitOptions>();
    std::vector<Option> all = {
        {"FILE", &options->file, "job file, YAML or JSON; - is stdin", true},
        {"--dry-run", &options->dry_run,
         "show the job with its defaults and its offers; submit nothing"},
        {"--wait", &options->wait, "wait for the end; exit with the job's own code"}};
    for (Option& option : submission_options(options->submission)) {
        all.push_back(std::move(option));
    }
    return {
        .name = "submit",
        .help = "Submit a job file and print the job's id",
        .options = std::move(all),
        .run = [options](const Globals& globals) { return submit_file(*options, globals); },
    };
}

}  // namespace dayu::app
