// dayu run -- CMD ... and dayu run FILE: submits, follows the log, and ends with the job's own code. The log
// goes to stdout; why it waits, where it runs and at what price go to stderr.
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <thread>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/command_job.h"
#include "dayu/job_text.h"
#include "dayu/log_reader.h"
#include "dayu/outcome.h"
#include "dayu/output.h"
#include "dayu/progress.h"
#include "dayu/stop_signal.h"
#include "dayu/submission.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

constexpr Duration explain_every = seconds(2);
constexpr Duration explain_patience = seconds(5);
constexpr Duration worth_explaining = seconds(1);  // most jobs are placed before that

struct RunOptions {
    std::vector<std::string> words;    // before "--": a job file, or a command without options
    std::vector<std::string> command;  // behind "--"
    CommandJob job;
    Submission submission;
};

bool is_job_file(const std::string& word) {
    constexpr std::string_view endings[] = {".yaml", ".yml", ".json", ".sbatch", ".slurm"};
    return word == "-" || std::ranges::any_of(endings, [&](std::string_view ending) {
               return word.ends_with(ending);
           });
}

Result<std::string> job_text(const RunOptions& options) {
    if (!options.command.empty() && !options.words.empty()) {
        return invalid("usage", "dayu run: unexpected argument \"" + options.words.front() +
                                    "\" before --; give a job file or a command, not both");
    }
    if (options.command.empty() && options.words.size() == 1 && is_job_file(options.words[0])) {
        if (has_options(options.job)) {
            return invalid("usage", "dayu run " + options.words[0] +
                                        ": options like --cpus go with a command; a job file "
                                        "says them itself");
        }
        return read_job_text(options.words[0]);
    }
    CommandJob job = options.job;
    job.command = options.command.empty() ? options.words : options.command;
    if (job.command.empty()) {
        return invalid("usage",
                       "dayu run: name a job file, or a command as in "
                       "`dayu run --cpus 2 -- python train.py`");
    }
    return job_text_of(job);
}

// The first Ctrl-C asks the job to end and goes on following it; the second ends this program at once.
class CancelOnSignal {
   public:
    CancelOnSignal(const Globals& globals, std::int64_t id)
        : thread_([this, globals, id] {
              signal_.wait();
              if (!over_) cancel(globals, id);
          }) {}

    ~CancelOnSignal() {
        over_ = true;
        signal_.end_wait();
        thread_.join();
    }

   private:
    static void cancel(const Globals& globals, std::int64_t id) {
        Result<Connection> connection = Connection::open(globals);
        const Result<wire::Json> done = connection.ok() ? connection->post(job_path(id, "/cancel"))
                                                        : Result<wire::Json>(connection.error());
        if (!done.ok() && done.error().kind != ErrorKind::conflict) {
            return remark(
                fmt::format("dayu: job {} could not be cancelled: {}; it goes on, and "
                            "Ctrl-C leaves it",
                            id, done.error().message));
        }
        remark(fmt::format("job {} is asked to end; Ctrl-C again does not wait for that", id));
    }

    StopSignal signal_;
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

// Says each change of a job once.
class Narrator {
   public:
    Narrator(Connection& connection, std::int64_t id) : connection_(connection), id_(id) {
        progress_.emplace(fmt::format("job {} waits to be placed", id));
    }

    void look(const wire::Json& job) {
        const std::int64_t attempt = number(job, "attempt");
        if (text(job, "state") == "PENDING" || text(job, "state") == "HELD") {
            if (attempt > told_end_ && attempt > 0) {
                told_end_ = attempt;
                remark(fmt::format("attempt {} is over ({}); the job is tried again", attempt,
                                   text(job, "cause")));
            }
            return explain_wait();
        }
        if (attempt > told_place_) {
            told_place_ = attempt;
            tell_place(job);
        }
        progress_.reset();  // from here on the log speaks
    }

   private:
    void explain_wait() {
        const Instant now = system_clock().instant();
        if (!progress_) {
            progress_.emplace(fmt::format("job {} waits to be placed", id_));
            waits_since_ = now;
        }
        if (now - waits_since_ < worth_explaining || now - asked_ < explain_every) return;
        asked_ = now;
        const Result<wire::Json> why = connection_.get(job_path(id_, "/explain"), explain_patience);
        if (!why.ok() || text(*why, "state") != "PENDING") return;
        const std::string reason = text(*why, "reason");
        if (reason == told_reason_) return;
        told_reason_ = reason;
        remark(fmt::format("job {} waits, {}: {}", id_, reason, text(*why, "text")));
        progress_->say(fmt::format("job {} waits, {}", id_, reason));
    }

    void tell_place(const wire::Json& job) const {
        const wire::Json::Array& attempts = list(job, "attempts");
        if (attempts.empty()) return;
        const wire::Json& attempt = attempts.back();
        remark(fmt::format("job {} is placed at {}/{} on {}, for at most ¥{}", id_,
                           text(attempt, "center"), text(attempt, "pool"),
                           chips(text(job, "chip"), number(job, "chips_milli")),
                           yuan(attempt, "price_at_most")));
    }

    Connection& connection_;
    std::int64_t id_;
    std::int64_t told_place_ = 0;
    std::int64_t told_end_ = 0;
    std::string told_reason_;
    Instant waits_since_ = system_clock().instant();
    Instant asked_{};
    std::optional<Progress> progress_;
};

Result<int> run(const RunOptions& options, const Globals& globals) {
    Submission submission = options.submission;
    submission.text = TRY(job_text(options));
    if (options.command.empty() && !options.words.empty() && is_job_file(options.words[0]))
        submission.file = options.words[0];
    Connection connection = TRY(Connection::open(globals));
    const wire::Json submitted = TRY(submit(connection, submission));
    const std::int64_t id = number(submitted, "id");
    remark(fmt::format("job {} ({}) is accepted", id, text(submitted, "name")));

    const CancelOnSignal cancel(globals, id);
    {
        Narrator narrator(connection, id);
        LogOptions log{.follow = true, .write = write_to(is_structured(globals) ? stderr : stdout)};
        log.watch = [&](const wire::Json& job) { narrator.look(job); };
        const Result<void> followed = LogReader(connection, log, id).follow(1);
        // Without its log a job still has an end.
        if (!followed.ok()) {
            remark(fmt::format("dayu: its log cannot be read: {}", followed.error().message));
        }
    }
    const std::optional<wire::Json> job = TRY(wait_for_end(connection, id, std::nullopt));
    if (is_structured(globals)) print_structured(globals, *job);
    remark(fmt::format("job {} {} {} at {}, ¥{}", id, state_word(*job).word, exit_word(*job),
                       text(*job, "center"), yuan(*job, "cost")));
    return exit_code_of(*job);
}

}  // namespace

Verb run_verb() {
    const auto options = std::make_shared<RunOptions>();
    std::vector<Option> all = {
        {"FILE", &options->words, "job file; or behind -- a command with its arguments"}};
    for (const std::vector<Option>& more :
         {command_job_options(options->job), submission_options(options->submission)}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    return {
        .name = "run",
        .help = "Submit a command or a job file, follow its log, exit with its code",
        .options = std::move(all),
        .run = [options](const Globals& globals) { return run(*options, globals); },
        .command = &options->command,
        .detail =
            "A word that ends with .yaml, .yml, .json, .sbatch or .slurm is a job file; anything "
            "else is a command, "
            "and what stands behind -- is one in any case. One word alone is read as a line of "
            "shell; several are the program and its arguments, as they are. The log goes to "
            "stdout; why the job waits, where it was placed and the most that it may cost go to "
            "stderr. With -o json the log goes there, too, and stdout has the job as it ended. "
            "The first Ctrl-C cancels the job and waits for its end; the second leaves at once. "
            "A terminal that closes leaves the job running.",
        .examples = {"dayu run --cpus 2 --memory 4 -- python train.py --epochs 3",
                     "dayu run --chips A100-80GB:8 --prefer cheapest --max-price 500 -- ./train.sh",
                     "dayu run --workdir . -- python train.py",
                     "dayu run -- 'hostname | tee where.txt'", "dayu run job.yaml"},
    };
}

}  // namespace dayu::app
