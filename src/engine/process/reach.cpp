// How the process engine lets someone into an attempt's place: `dayu-shim --reach` (guest.h) with pipes
// or a terminal to it. It is another program, because the agent has threads and may not fork itself.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/process/files.h"
#include "engine/process/place.h"
#include "engine/process/process_engine.h"

namespace dayu::engine {
namespace {

constexpr std::size_t longest_command_bytes = 128 * 1024;
constexpr int end_tries = 400;
constexpr std::chrono::milliseconds end_pause{5};

class ReachedProcess final : public Reached {
   public:
    ~ReachedProcess() override {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGTERM);  // it kills all that it stands over
        for (int i = 0; i < end_tries && !poll_exit(); ++i) std::this_thread::sleep_for(end_pause);
        if (poll_exit()) return;
        ::kill(pid_, SIGKILL);  // and the command, at least, with it
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
    }

    int input() const override { return is_terminal_ ? output_.get() : input_.get(); }
    int output() const override { return output_.get(); }
    int errors() const override { return errors_.get(); }
    void close_input() override {
        constexpr char end_of_file = 4;  // what ^D is to a terminal
        if (is_terminal_) (void)!::write(output_.get(), &end_of_file, 1);
        input_ = Fd();
    }
    void resize(std::int64_t rows, std::int64_t columns) override {
        winsize size{};
        size.ws_row = static_cast<unsigned short>(rows);
        size.ws_col = static_cast<unsigned short>(columns);
        if (is_terminal_) ::ioctl(output_.get(), TIOCSWINSZ, &size);
    }
    std::optional<int> poll_exit() override {
        if (pid_ <= 0) return code_;
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
        pid_ = 0;
        code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        return code_;
    }

    Result<void> open_streams(bool terminal) {
        is_terminal_ = terminal;
        return terminal ? open_terminal() : open_pipes();
    }
    Result<void> spawn(const std::string& shim, const std::vector<std::string>& arguments) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
        for (int fd = 0; fd < 3; ++fd) {
            ::posix_spawn_file_actions_adddup2(&actions, theirs_[is_terminal_ ? 0 : fd].get(), fd);
        }
        ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
        sigset_t all;
        ::sigfillset(&all);
        ::posix_spawnattr_setsigdefault(&attributes, &all);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
        char* const environment[] = {nullptr};
        const int error = ::posix_spawn(&pid_, shim.c_str(), &actions, &attributes,
                                        pointers_to(arguments).data(), environment);
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&actions);
        for (Fd& fd : theirs_) fd = Fd();
        if (error == 0) return {};
        pid_ = 0;
        return error_from_errno("reach_failed", "start " + shim, error);
    }

   private:
    Result<void> open_pipes() {
        Fd* const ours[] = {&input_, &output_, &errors_};
        for (int i = 0; i < 3; ++i) {
            int ends[2];
            if (::pipe2(ends, O_CLOEXEC) != 0)
                return error_from_errno("reach_failed", "make a pipe", errno);
            const int mine = i == 0 ? 1 : 0;
            *ours[i] = Fd(ends[mine]);
            theirs_[i] = Fd(ends[1 - mine]);
            ::fcntl(ends[mine], F_SETFL, O_NONBLOCK);
        }
        return {};
    }
    Result<void> open_terminal() {
        output_ = Fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
        char name[64];
        if (!output_ || ::grantpt(output_.get()) != 0 || ::unlockpt(output_.get()) != 0 ||
            ::ptsname_r(output_.get(), name, sizeof name) != 0) {
            return error_from_errno("reach_failed", "make a terminal", errno);
        }
        theirs_[0] = Fd(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
        if (!theirs_[0]) return error_from_errno("reach_failed", "open a terminal", errno);
        return {};
    }

    bool is_terminal_ = false;
    Fd input_;
    Fd output_;
    Fd errors_;
    Fd theirs_[3];
    pid_t pid_ = 0;
    std::optional<int> code_;
};

Result<void> check_command(const ReachOrder& order) {
    std::size_t bytes = 0;
    for (const std::string& word : order.argv) bytes += word.size() + 1;
    if (order.argv.empty()) return invalid("argv_empty", "argv: there is no command to run");
    if (bytes > longest_command_bytes) {
        return invalid("argv_too_long", "argv: " + std::to_string(bytes) + " bytes, more than " +
                                            std::to_string(longest_command_bytes));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Reached>> ProcessEngine::reach(const ReachOrder& order) {
    TRY(check_token(order.token));
    const auto files = store_.find(order.token);
    const auto claim = files ? read_record<Claim>(files->claim()) : std::nullopt;
    if (!claim) {
        return not_found("attempt_not_kept",
                         "attempt " + order.token.text +
                             " is no longer kept at its centre (its agent's setting `retain`)");
    }
    if (order.node < 0 || order.node >= claim->ranks) {
        return invalid("node_unknown", "node: " + std::to_string(order.node) +
                                           " is not below the job's number of nodes, " +
                                           std::to_string(claim->ranks));
    }
    const bool is_command = order.kind == "exec";
    if (is_command) {
        TRY(check_command(order));
        if (exists(files->exit()))
            return conflict("attempt_ended", "attempt " + order.token.text + " has ended");
        if (!exists(files->started())) {
            return unavailable("attempt_not_started",
                               "attempt " + order.token.text + " is not running yet; try again");
        }
    } else if (!exists(files->run()) && !exists(claim->run_directory)) {
        return not_found("no_files_left",
                         "attempt " + order.token.text + " has ended and left no files");
    }
    std::vector<std::string> arguments = {"dayu-shim",
                                          "--reach",
                                          files->directory,
                                          std::to_string(order.node),
                                          is_command ? "exec" : "files",
                                          order.term.empty() ? "-" : order.term};
    if (is_command) arguments.insert(arguments.end(), order.argv.begin(), order.argv.end());
    auto reached = std::make_unique<ReachedProcess>();
    TRY(reached->open_streams(is_command && !order.term.empty()));
    reached->resize(order.rows, order.columns);
    TRY(reached->spawn(options_.shim, arguments));
    return std::unique_ptr<Reached>(std::move(reached));
}

}  // namespace dayu::engine
