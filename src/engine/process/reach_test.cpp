// Reaching into an attempt's place: commands there, with pipes and with a terminal, and its files.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "engine/process/plain_sha256.h"
#include "engine/testing/workbench.h"
#include "model/file_words.h"

namespace dayu::engine {
namespace {

class ReachTest : public testing::Test, protected Workbench {
   protected:
    // Starts it, and returns when it has said "ready".
    StartOrder begin(const std::string& run) {
        StartOrder job = order(run + "; echo ready; sleep 60");
        EXPECT_TRUE(engine->start(job).ok());
        EXPECT_TRUE(wait_output(job.token, "ready"));
        return job;
    }
    std::unique_ptr<Reached> reach(const StartOrder& job, std::vector<std::string> argv,
                                   const std::string& term = {}) {
        ReachOrder wish;
        wish.token = job.token;
        wish.kind = argv.empty() ? "files" : "exec";
        wish.argv = std::move(argv);
        wish.term = term;
        auto reached = engine->reach(wish);
        EXPECT_TRUE(reached.ok()) << reached.error().message;
        return reached.ok() ? *std::move(reached) : nullptr;
    }
};

std::string read_some(int fd) {
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    std::string bytes(65536, '\0');
    if (::poll(&waiting, 1, 10'000) <= 0) return {};
    const ssize_t count = ::read(fd, bytes.data(), bytes.size());
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

std::string read_all(int fd) {
    std::string all;
    for (std::string some = read_some(fd); !some.empty(); some = read_some(fd)) all += some;
    return all;
}

int exit_of(Reached& reached) {
    std::optional<int> code;
    EXPECT_TRUE(wait_for([&] { return (code = reached.poll_exit()).has_value(); }));
    return code.value_or(-1);
}

class Files {
   public:
    explicit Files(std::unique_ptr<Reached> reached) : reached_(std::move(reached)) {}

    void say(char word, const std::string& payload) {
        const std::string frame = make_frame(word, payload);
        ASSERT_EQ(::write(reached_->input(), frame.data(), frame.size()),
                  static_cast<ssize_t>(frame.size()));
    }
    Frame hear() {
        while (true) {
            if (auto frame = reader_.next()) return *std::move(frame);
            const std::string bytes = read_some(reached_->output());
            if (bytes.empty()) return {};
            reader_.add(bytes);
        }
    }
    Frame ask(char word, const std::string& payload) {
        say(word, payload);
        return hear();
    }
    Frame put(const std::string& path, const std::string& content) {
        say(file_word::put, "0\n" + path);
        say(file_word::bytes, content);
        return ask(file_word::commit,
                   "420 " + std::to_string(content.size()) + " " + to_hex(sha256(content)) + "\n");
    }

   private:
    std::unique_ptr<Reached> reached_;
    FrameReader reader_;
};

TEST(PlainSha256, IsTheOneOfTheLibrary) {
    std::mt19937 random(7);
    for (const std::size_t size : {0, 1, 55, 56, 63, 64, 65, 127, 128, 1000, 100'000}) {
        std::string bytes(size, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random());
        PlainSha256 sum;
        sum.add(std::string_view(bytes).substr(0, size / 3));
        sum.add(std::string_view(bytes).substr(size / 3));
        EXPECT_EQ(sum.finish(), to_hex(sha256(bytes))) << size;
    }
}

TEST_F(ReachTest, RunsACommandInTheJobsPlace) {
    const StartOrder job = begin("echo here > mark");
    const auto command =
        reach(job, {"sh", "-c", "cat mark; cat; echo $DAYU_JOB_ID; echo oops >&2; exit 7"});
    ASSERT_EQ(::write(command->input(), "typed\n", 6), 6);
    command->close_input();
    EXPECT_EQ(read_all(command->output()),
              "here\ntyped\n" + std::to_string(job.attempt.job.value) + "\n");
    EXPECT_EQ(read_all(command->errors()), "oops\n");
    EXPECT_EQ(exit_of(*command), 7);
}

TEST_F(ReachTest, TellsWhatCannotBeRun) {
    const StartOrder job = begin("true");
    EXPECT_EQ(exit_of(*reach(job, {"no-such-command"})), 127);
    ReachOrder wish{
        .session = {}, .center = {}, .token = job.token, .kind = "exec", .argv = {}, .term = {}};
    EXPECT_EQ(engine->reach(wish).error().code, "argv_empty");
    wish.argv = {"true"};
    wish.node = 1;
    EXPECT_EQ(engine->reach(wish).error().code, "node_unknown");
    wish.node = 0;
    wish.token.text = "c-99-1";
    EXPECT_EQ(engine->reach(wish).error().code, "attempt_not_kept");
}

TEST_F(ReachTest, GivesATerminalOfTheSizeThatIsAsked) {
    const StartOrder job = begin("true");
    const auto shell = reach(job, {"sh", "-c", "stty size; tty; read x; stty size"}, "xterm");
    shell->resize(33, 77);
    std::string seen;
    EXPECT_TRUE(wait_for([&] {
        return (seen += read_some(shell->output())).find("/dev/pts/") != std::string::npos;
    }));
    shell->resize(40, 100);
    ASSERT_EQ(::write(shell->input(), "\n", 1), 1);
    seen += read_all(shell->output());
    EXPECT_NE(seen.find("40 100"), std::string::npos) << seen;
    EXPECT_EQ(exit_of(*shell), 0);
}

TEST_F(ReachTest, ACommandEndsWithTheAttemptAndWithWhoAsked) {
    const StartOrder job = begin("true");
    const auto first = reach(job, {"sleep", "600"});
    reach(job, {"sh", "-c", "sleep 601 & sleep 602"}).reset();
    ASSERT_TRUE(engine->stop({.token = job.token, .grace = {}}).ok());
    wait_end(job.token);
    EXPECT_EQ(exit_of(*first), 137);
    EXPECT_TRUE(is_gone(job.token));
    ReachOrder wish{.session = {},
                    .center = {},
                    .token = job.token,
                    .kind = "exec",
                    .argv = {"true"},
                    .term = {}};
    EXPECT_EQ(engine->reach(wish).error().code, "attempt_ended");
}

TEST_F(ReachTest, ServesFilesOfARunningAndOfAnEndedAttempt) {
    const StartOrder job = begin("mkdir d; echo one > d/a");
    {
        Files files(reach(job, {}));
        EXPECT_EQ(files.ask(file_word::stat, "\nd/a").payload.substr(0, 8), "f 420 4 ");
        EXPECT_EQ(files.ask(file_word::get, "0 4\nd/a").payload, "one\n");
        EXPECT_EQ(files.hear().kind, file_word::done);
        EXPECT_EQ(files.ask(file_word::hash, "4\nd/a").payload, to_hex(sha256("one\n")));
        EXPECT_EQ(files.put("d/b", "two").kind, file_word::done);
    }
    ASSERT_TRUE(engine->stop({.token = job.token, .grace = {}}).ok());
    wait_end(job.token);
    ASSERT_TRUE(engine->settle(job.token).ok());
    Files files(reach(job, {}));
    EXPECT_EQ(files.ask(file_word::get, "0 3\nd/b").payload, "two");
}

TEST_F(ReachTest, NoPathLeadsOutOfTheRunDirectory) {
    const StartOrder job = begin("ln -s / root; ln -s ../.. up; ln -s /etc/passwd p; mkfifo pipe");
    Files files(reach(job, {}));
    for (const char* path : {"/etc/passwd", "../claim", "root/etc/passwd", "up/agent.lock", "p"}) {
        EXPECT_EQ(files.ask(file_word::get, std::string("0 9\n") + path).kind, file_word::refused)
            << path;
        EXPECT_EQ(files.put(path, "evil").kind, file_word::refused) << path;
    }
    EXPECT_EQ(files.ask(file_word::get, "0 9\npipe").kind, file_word::refused);
    EXPECT_EQ(files.ask(file_word::mkdir, "511\nroot/tmp/dayu-evil").kind, file_word::refused);
    EXPECT_EQ(files.ask(file_word::stat, "\n.").payload.front(), 'd');
}

TEST_F(ReachTest, AnUploadIsWholeOrNotThere) {
    const StartOrder job = begin("true");
    Files files(reach(job, {}));
    files.say(file_word::put, "0\nf");
    files.say(file_word::bytes, "half");
    EXPECT_EQ(files.ask(file_word::commit, "420 4 0000\n").payload.substr(0, 15),
              "content_differs");
    EXPECT_EQ(files.ask(file_word::stat, "\nf").payload.substr(0, 14), "file_not_found");
    files.say(file_word::put, "0\nf");
    files.say(file_word::bytes, "half");
    EXPECT_EQ(files.ask(file_word::part, "\nf").payload, "4");
    files.say(file_word::put, "4\nf");
    files.say(file_word::bytes, "+half");
    EXPECT_EQ(files.ask(file_word::commit, "384 9 " + to_hex(sha256("half+half")) + "\n").kind,
              file_word::done);
    EXPECT_EQ(files.ask(file_word::stat, "\nf").payload.substr(0, 8), "f 384 9 ");
}

}  // namespace
}  // namespace dayu::engine
