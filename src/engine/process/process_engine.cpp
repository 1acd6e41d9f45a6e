#include "engine/process/process_engine.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "engine/process/log_reader.h"
#include "engine/process/order.h"
#include "engine/process/processes.h"
#include "engine/process/record.h"
#include "engine/process/spawn.h"
#include "engine/process/staging.h"
#include "engine/process/steps.h"

namespace dayu::engine {
namespace {

constexpr std::size_t most_windows_a_report = 1000;
constexpr std::chrono::minutes sweep_every{10};
constexpr int kill_sweeps = 100;  // over what a dead shim left behind
constexpr std::chrono::milliseconds kill_pause{10};

Time now() { return system_clock().now(); }

// Whatever a shim that is gone may have left alive. Most of it died with the shim.
bool kill_leftovers(const Token& token) {
    const Cgroup cgroup(token);
    for (int i = 0; i < kill_sweeps; ++i) {
        std::vector<pid_t> left = processes_with_environment("DAYU_FENCING_TOKEN=" + token.text);
        if (left.empty() && cgroup.processes().empty()) return true;
        cgroup.kill_all();
        for (const pid_t pid : left) ::kill(pid, SIGKILL);
        std::this_thread::sleep_for(kill_pause);
    }
    return false;
}

Usage sum_of(const AttemptFiles& files) {
    Usage sum;
    std::int64_t offset = 0;
    for (const UsageWindow& window : read_windows(files, offset)) {
        sum.cpu_ms += window.usage.cpu_ms;
        sum.peak_memory_mib = std::max(sum.peak_memory_mib, window.usage.peak_memory_mib);
    }
    return sum;
}

}  // namespace

Result<std::unique_ptr<Engine>> make_process_engine(const Settings& settings) {
    return ProcessEngine::open(TRY(read_options(settings)));
}

Result<std::unique_ptr<Engine>> ProcessEngine::open(const ProcessOptions& options) {
    if (::access(options.shim.c_str(), X_OK) != 0) {
        return invalid("shim_not_found", "engine.shim: \"" + options.shim +
                                             "\" is no program that can be run; build dayu-shim");
    }
    JobUser user = TRY(find_job_user(options.run_as));
    AttemptStore store = TRY(AttemptStore::open(options.work_root));
    return std::unique_ptr<Engine>(new ProcessEngine(options, std::move(store), std::move(user)));
}

ProcessEngine::ProcessEngine(const ProcessOptions& options, AttemptStore store, JobUser user)
    : options_(options),
      store_(std::move(store)),
      user_(std::move(user)),
      unreachable_(why_unreachable(user_, store_.root() + "/attempts")),
      boot_(boot_id()),
      facts_(describe_host(user_, survey_cgroups(), unreachable_)),
      last_contact_(system_clock().instant()) {
    adopt();
    janitor_ = std::jthread([this](const std::stop_token& stop) {
        std::unique_lock lock(janitor_mutex_);
        while (!stop.stop_requested()) {
            store_.sweep(now(), options_.retain);
            janitor_wakes_.wait_for(lock, stop, sweep_every, [] { return false; });
        }
    });
}

void ProcessEngine::adopt() {
    for (const Token& token : store_.unsettled()) {
        Claim claim{.token = token, .boot = {}, .script = {}, .env = {}};
        // Without a claim the agent died while it made one: it counts as claimed, and never starts.
        if (auto read = read_record<Claim>(store_.attempt(token).claim())) claim = std::move(*read);
        held_.emplace(token, held_by(claim));
    }
    const auto contact = read_record<Contact>(store_.contact_file());
    if (contact && contact->boot == boot_) last_contact_ = contact->at;
}

ProcessEngine::Held ProcessEngine::held_by(const Claim& claim) const {
    Held held;
    held.claimed = claim.claimed;
    held.boot = claim.boot;
    held.run_directory = claim.run_directory;
    held.outputs = claim.outputs;
    held.can_move = claim.move_after.ms > 0;
    return held;
}

Result<void> ProcessEngine::start(const StartOrder& order) {
    TRY(check_order(order));
    const std::lock_guard guard(mutex_);
    if (store_.find(order.token)) return tell_again(order.token);
    if (!unreachable_.empty())
        return unavailable("work_root_unreachable", "work_root: " + unreachable_);

    const std::string run = store_.run_directory(order.token, !order.spec.checkpoint.path.empty());
    TRY(refuse_busy_directory(run));
    const bool continues = order.resume_from.has_value() && exists(run);
    if (!is_staged(order)) {
        return unavailable("workdir_not_staged",
                           "the workdir of attempt " + order.token.text + " is not here yet");
    }
    Claim claim = make_claim(order, {.path = options_.path, .env = options_.env, .user = user_},
                             run, continues);
    claim.claimed = now();
    claim.boot = boot_;
    claim.contact_file = store_.contact_file();
    claim.window = options_.window;
    if (claim.move_after.ms > 0) TRY(write_contact());
    TRY(store_.claim(claim, continues));
    if (const Result<void> spawned =
            spawn_shim(options_.shim, store_.attempt(order.token), secret_variables(order));
        !spawned.ok()) {
        store_.release(order.token);
        return spawned;
    }
    held_.emplace(order.token, held_by(claim));
    return {};
}

// Nothing starts twice. A server that asks for what it had settled forgot that: it was restored from a
// backup, or the order was old and slow. It is told the end once more, and settles it once more.
Result<void> ProcessEngine::tell_again(const Token& token) {
    if (held_.contains(token)) return {};
    TRY(store_.take_back(token));
    Claim claim{.token = token, .boot = {}, .script = {}, .env = {}};
    if (auto read = read_record<Claim>(store_.attempt(token).claim())) claim = std::move(*read);
    held_.emplace(token, held_by(claim));
    return {};
}

// Two attempts of one job in one folder would spoil each other's checkpoints.
Result<void> ProcessEngine::refuse_busy_directory(const std::string& run_directory) {
    for (auto& [token, held] : held_) {
        if (held.run_directory != run_directory) continue;
        look_at(token, held);
        if (held.ending) continue;
        return conflict(
            "run_directory_in_use",
            "attempt " + token.text + " of the same job still runs in " + run_directory);
    }
    return {};
}

Result<void> ProcessEngine::stop(const StopOrder& order) {
    TRY(check_token(order.token));
    const std::lock_guard guard(mutex_);
    const AttemptFiles files = store_.attempt(order.token);
    if (const auto found = held_.find(order.token); found != held_.end()) {
        const auto earlier = read_record<StopRequest>(files.stop());
        const StopRequest request{.cause = order.cause,
                                  .signal = signal_number(order.signal),
                                  .grace = order.grace,
                                  .number = earlier ? earlier->number + 1 : 1};
        TRY(replace_file(files.stop(), to_record(request)));
        poke_shim(files);
        return {};
    }
    if (store_.find(order.token)) return tell_again(order.token);  // settled

    return claim_ended(
        order.token, "stopped (" + std::string(to_string(order.cause)) + ") before it was started");
}

Result<void> ProcessEngine::refuse(const Token& token, const std::string& why) {
    TRY(check_token(token));
    const std::lock_guard guard(mutex_);
    if (store_.find(token)) return tell_again(token);
    return claim_ended(token, why);
}

Result<void> ProcessEngine::claim_ended(const Token& token, std::string detail) {
    Claim claim{.token = token, .claimed = now(), .boot = boot_, .script = {}, .env = {}};
    const Ending ending{
        .cause = EndCause::start_failed, .ended = claim.claimed, .detail = std::move(detail)};
    TRY(store_.claim_ended(claim, ending));
    store_.discard_staged(token);
    held_.emplace(token, held_by(claim));
    return {};
}

bool ProcessEngine::is_staged(const StartOrder& order) const {
    if (!order.body.workdir) return true;
    const std::string run = store_.run_directory(order.token, !order.spec.checkpoint.path.empty());
    const bool continues = order.resume_from.has_value() && exists(run);
    return continues || exists(store_.staged(order.token));
}

Result<void> ProcessEngine::stage(const StartOrder& order, WorkdirSource& source) {
    TRY(check_order(order));
    if (!unreachable_.empty())
        return unavailable("work_root_unreachable", "work_root: " + unreachable_);
    if (store_.find(order.token) || is_staged(order)) return {};
    const std::string half = store_.staged(order.token) + ".half";
    const Result<void> laid = lay_out(half, user_, source);
    const std::lock_guard guard(mutex_);
    // Claimed meanwhile, it was stopped: nobody comes for the folder any more.
    if (!laid.ok() || store_.find(order.token) || source.is_abandoned()) {
        store_.discard_staged(order.token);
        return laid;
    }
    return store_.finish_staging(order.token, half);
}

Result<std::vector<Observation>> ProcessEngine::observe() {
    const std::lock_guard guard(mutex_);
    std::vector<Observation> observations;
    observations.reserve(held_.size());
    for (auto& [token, held] : held_) {
        look_at(token, held);
        observations.push_back(describe(token, held));
    }
    return observations;
}

void ProcessEngine::look_at(const Token& token, Held& held) {
    if (held.ending) return;
    const AttemptFiles files = store_.attempt(token);
    held.ending = read_record<Ending>(files.exit());
    if (!held.ending) held.ending = declare_dead(token, held);
    if (held.ending && !lists_outputs(token, held, *held.ending)) held.ending.reset();
    if (held.ending) held.ending->steps = read_steps(steps_file(held.run_directory, token));
    if (!held.started) {
        if (const auto started = read_record<Started>(files.started())) held.started = started->at;
    }
    // After the exit record was seen: then all windows are there.
    for (const UsageWindow& window : read_windows(files, held.usage_read)) {
        held.windows.push_back(window);
    }
}

// Whether the ending is whole: with what the job has left. Until then it is not told, and the folder that
// is being read counts as used.
bool ProcessEngine::lists_outputs(const Token& token, const Held& held, Ending& ending) {
    if (held.outputs.empty() || ending.started.ms == 0) return true;
    const AttemptFiles files = store_.attempt(token);
    const auto outputs = read_record<Outputs>(files.outputs());
    if (!outputs) {
        output_lister_.list({files, held.run_directory, held.outputs});
        return false;
    }
    ending.outputs = outputs->files;
    if (outputs->left_out > 0) {
        if (!ending.detail.empty()) ending.detail += "; ";
        ending.detail += std::to_string(outputs->left_out) + " more outputs are not listed";
    }
    return true;
}

std::optional<Ending> ProcessEngine::declare_dead(const Token& token, const Held& held) {
    const AttemptFiles files = store_.attempt(token);
    const Result<Fd> lock = try_lock(files.lock());
    if (!lock.ok() || !lock.value()) return std::nullopt;                  // its shim lives
    if (const auto late = read_record<Ending>(files.exit())) return late;  // ended just now
    if (!kill_leftovers(token)) {
        log_error("attempt {}: its shim is gone, and what it left cannot be killed", token.text);
        return std::nullopt;
    }
    const auto started = read_record<Started>(files.started());
    const bool rebooted = !held.boot.empty() && held.boot != boot_;
    Ending ending{
        .cause = EndCause::node_failed, .ended = now(), .total = sum_of(files), .detail = {}};
    if (started) ending.started = started->at;
    if (rebooted) {
        ending.detail = "the machine was restarted";
    } else if (started) {
        ending.detail = "its shim was killed, and the job with it";
    } else {
        ending.cause = EndCause::start_failed;
        ending.detail =
            "the agent ended after it had claimed the attempt and before it had started it";
    }
    if (const Result<void> written = write_ending(files, ending); !written.ok()) {
        // Not said before it is on disk: a shim that comes late would start the job after all.
        log_error("attempt {}: {}", token.text, written.error().message);
        return std::nullopt;
    }
    return ending;
}

Observation ProcessEngine::describe(const Token& token, const Held& held) {
    Observation seen{.token = token, .at = held.claimed, .windows = {}, .ending = {}};
    const std::size_t count = std::min(held.windows.size(), most_windows_a_report);
    seen.windows.assign(held.windows.begin(),
                        held.windows.begin() + static_cast<std::ptrdiff_t>(count));
    // The end comes with the last windows, never before them.
    if (held.ending && count == held.windows.size()) {
        seen.state = AttemptState::ended;
        seen.at = held.ending->ended;
        seen.ending = held.ending;
    } else if (held.started) {
        seen.state = AttemptState::running;
        seen.at = *held.started;
    }
    return seen;
}

void ProcessEngine::acknowledge(const Token& token, Time to) {
    const std::lock_guard guard(mutex_);
    const auto found = held_.find(token);
    if (found == held_.end()) return;
    std::deque<UsageWindow>& windows = found->second.windows;
    while (!windows.empty() && windows.front().to <= to) windows.pop_front();
}

Result<void> ProcessEngine::settle(const Token& token) {
    const std::lock_guard guard(mutex_);
    const auto found = held_.find(token);
    if (found == held_.end()) return {};  // settled before, or never here
    look_at(token, found->second);
    if (!found->second.ending) {
        return conflict("attempt_not_ended",
                        "attempt " + token.text + " has not ended: stop it before it is settled");
    }
    Cgroup(token).remove();  // a shim that died after its exit record has left it
    TRY(store_.settle(token));
    held_.erase(found);
    return {};
}

LogChunk ProcessEngine::read_log(const LogRequest& request) {
    // Without the lock: a follower never waits for a start. It may look while the attempt is settled,
    // and then looks again.
    if (check_token(request.token).ok()) {
        for (int look = 0; look < 2; ++look) {
            const auto files = store_.find(request.token);
            if (!files) break;
            LogChunk chunk = read_log_chunk(*files, request);
            if (exists(files->directory)) return chunk;
        }
    }
    return {.id = request.id,
            .base64 = {},
            .at_end = true,
            .complete = true,
            .error = "no log of attempt " + request.token.text + " is kept here"};
}

void ProcessEngine::renew_contact(Duration ago) {
    const std::lock_guard guard(mutex_);
    last_contact_ = std::max(last_contact_, Instant{system_clock().instant().ms - ago.ms});
    const bool matters = std::ranges::any_of(
        held_, [](const auto& entry) { return entry.second.can_move && !entry.second.ending; });
    if (!matters) return;
    if (const Result<void> written = write_contact(); !written.ok()) {
        log_error("contact: {}", written.error().message);
    }
}

Result<void> ProcessEngine::write_contact() const {
    return replace_file(store_.contact_file(),
                        to_record(Contact{.boot = boot_, .at = last_contact_}));
}

}  // namespace dayu::engine
