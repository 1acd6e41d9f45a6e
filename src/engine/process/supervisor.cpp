#include "engine/process/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/process/files.h"
#include "engine/process/processes.h"
#include "engine/process/rank.h"
#include "engine/process/record.h"

namespace dayu::engine {
namespace {

constexpr Duration tick = seconds(1);    // at least this often we look at files
constexpr Duration first_kill_pause{2};  // between sweeps over processes that do not die
constexpr Duration longest_kill_pause{1000};
constexpr std::int64_t processes_per_rank = 16'384;  // threads count too

}  // namespace

Supervisor::Supervisor(const AttemptFiles& files, const Claim& claim, int signal_fd)
    : files_(files),
      claim_(claim),
      cgroup_(claim.token),
      meter_(cgroup_, files_, claim.window),
      signal_fd_(signal_fd) {}

Ending Supervisor::run() {
    cgroup_.create({.cpus = claim_.cpus,
                    .memory_mib = claim_.memory_mib,
                    .processes = claim_.ranks * processes_per_rank});
    const Time started = system_clock().now();
    began_ = system_clock().instant();
    meter_.begin(started, began_);
    Result<void> begun = replace_file(files_.started(), to_record(Started{meter_.wall(began_)}));
    if (begun.ok() && must_set_up()) begun = set_up();
    if (begun.ok() && !is_over()) begun = start_ranks();
    if (!begun.ok()) {
        kill_everything();
        return {.cause = EndCause::start_failed,
                .ended = meter_.wall(system_clock().instant()),
                .detail = begun.error().message};
    }
    if (!leaders_.empty()) supervise();
    const Instant now = system_clock().instant();
    meter_.close_window(now);
    ending_.started = started;
    ending_.ended = meter_.wall(now);
    ending_.total = meter_.total();
    const bool failed = ending_.code != 0 || ending_.signal != 0;
    if (ending_.cause == EndCause::exited && failed && cgroup_.oom_kills() > 0) {
        ending_.cause = EndCause::oom;
        ending_.detail = std::string(in_setup_ ? "setup " : "") + "reached its memory limit of " +
                         std::to_string(claim_.memory_mib) + " MiB";
    }
    return ending_;
}

bool Supervisor::must_set_up() const {
    if (claim_.setup.empty()) return false;
    const Result<std::string> done = read_file(setup_marker(claim_.run_directory));
    return !done.ok() || *done != claim_.setup;
}

// One process, whatever the number of ranks; none of its children outlives it.
Result<void> Supervisor::set_up() {
    in_setup_ = true;
    tell("setup begins");
    leaders_.push_back(TRY(start_rank(claim_, claim_.setup, files_, cgroup_, 0)));
    supervise();
    if (!is_over()) {
        TRY(replace_file(setup_marker(claim_.run_directory), claim_.setup));
        tell("setup is done, run begins");
        in_setup_ = childless_ = false;
        return {};
    }
    const std::string how = ending_.signal != 0 ? "signal " + std::to_string(ending_.signal)
                                                : "exit code " + std::to_string(ending_.code);
    tell("setup ended with " + how + ", run does not begin");
    if (ending_.detail.empty()) {
        ending_.detail = stopping_ ? "stopped during setup"
                                   : "setup failed with " + how + "; its output is in the log";
    }
    return {};
}

// In the job's log, among its own lines. Where the disk is full, what the job does is what counts.
void Supervisor::tell(const std::string& line) const {
    (void)append_file(files_.log(0), "[dayu] " + line + "\n").ok();
}

Result<void> Supervisor::start_ranks() {
    for (std::int64_t rank = 0; rank < claim_.ranks; ++rank) {
        leaders_.push_back(TRY(start_rank(claim_, claim_.script, files_, cgroup_, rank)));
    }
    return {};
}

void Supervisor::supervise() {
    for (;;) {
        reap();
        const Instant now = system_clock().instant();
        if (childless_) return;
        if (leaders_.empty() && !stopping_) return kill_everything();  // what it left behind
        look_for_reasons_to_stop(now);
        if (stopping_ && now >= kill_at_) return kill_everything();
        meter_.sample();
        if (now >= meter_.next_window()) meter_.close_window(now);
        wait_until(next_wake(now));
    }
}

void Supervisor::wait_until(Instant wake) {
    const std::int64_t left_ms = std::max<std::int64_t>((wake - system_clock().instant()).ms, 0);
    pollfd waiting{.fd = signal_fd_, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, static_cast<int>(left_ms)) <= 0) return;
    signalfd_siginfo signal{};
    while (::read(signal_fd_, &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo == SIGTERM) told_to_end_ = true;
    }
}

void Supervisor::reap() {
    int status = 0;
    for (;;) {
        const pid_t pid = ::waitpid(-1, &status, WNOHANG);
        if (pid > 0) {
            note_exit(pid, status);
        } else {
            childless_ = pid < 0 && errno == ECHILD;
            return;
        }
    }
}

// The job's exit is that of the rank that failed first; the others are then asked to end.
void Supervisor::note_exit(pid_t pid, int status) {
    if (std::erase(leaders_, pid) == 0 || status == 0) return;
    const bool is_first = ending_.code == 0 && ending_.signal == 0;
    if (!is_first) return;
    if (WIFSIGNALED(status)) {
        ending_.signal = WTERMSIG(status);
    } else {
        ending_.code = WEXITSTATUS(status);
    }
    if (claim_.ranks > 1 && !stopping_ && !in_setup_) {
        begin_stop(EndCause::exited, {.signal = claim_.signal, .grace = claim_.grace},
                   system_clock().instant(), "one rank failed, the others were stopped");
    }
}

void Supervisor::look_for_reasons_to_stop(Instant now) {
    read_stop_request(now);
    const StopRequest own{.signal = claim_.signal, .grace = claim_.grace};
    if (stopping_) return;
    if (claim_.time_limit.ms > 0 && now >= began_ + claim_.time_limit) {
        begin_stop(EndCause::time_limit, own, now,
                   "ran for its time limit of " + to_string(claim_.time_limit));
    } else if (claim_.move_after.ms > 0 && now >= fence_at()) {
        begin_stop(EndCause::moved, own, now,
                   "contact was lost for longer than move_after, " + to_string(claim_.move_after));
    } else if (told_to_end_) {
        begin_stop(EndCause::node_failed, own, now, "the node ended the shim by SIGTERM");
    }
}

void Supervisor::read_stop_request(Instant now) {
    if (!exists(files_.stop())) return;
    const auto request = read_record<StopRequest>(files_.stop());
    if (!request || request->number == stop_number_) return;
    stop_number_ = request->number;
    if (!stopping_) return begin_stop(request->cause, *request, now, "");
    kill_at_ = std::min(kill_at_, now + request->grace);  // less patience; the first cause stands
}

Instant Supervisor::fence_at() const {
    const auto contact = read_record<Contact>(claim_.contact_file);
    const bool counts = contact && contact->boot == claim_.boot;
    return (counts ? contact->at : began_) + claim_.move_after;
}

Instant Supervisor::next_wake(Instant now) const {
    Instant wake = std::min(now + tick, meter_.next_window());
    if (stopping_) return std::min(wake, kill_at_);
    if (claim_.time_limit.ms > 0) wake = std::min(wake, began_ + claim_.time_limit);
    if (claim_.move_after.ms > 0) wake = std::min(wake, fence_at());
    return wake;
}

void Supervisor::begin_stop(EndCause cause, const StopRequest& how, Instant now,
                            std::string detail) {
    stopping_ = true;
    kill_at_ = now + how.grace;
    ending_.cause = cause;
    ending_.detail = std::move(detail);
    if (how.grace.ms > 0) signal_all(static_cast<int>(how.signal));
}

// Every process of the job hears it, not the shell alone: what works may be a child of it.
void Supervisor::signal_all(int signal) const {
    for (const pid_t pid : descendants(::getpid())) ::kill(pid, signal);
}

void Supervisor::kill_everything() {
    Duration pause = first_kill_pause;
    for (reap(); !childless_; reap()) {
        for (const pid_t pid : descendants(::getpid()))
            ::kill(pid, SIGSTOP);  // so that none forks on
        cgroup_.kill_all();
        for (const pid_t pid : descendants(::getpid())) ::kill(pid, SIGKILL);
        wait_until(system_clock().instant() + pause);
        pause = std::min(pause + pause, longest_kill_pause);
    }
}

}  // namespace dayu::engine
