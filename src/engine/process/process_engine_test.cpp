// Engine `process` with real processes: how jobs end, what they see, and what they cannot escape.
#include "engine/process/process_engine.h"

#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "engine/process/processes.h"
#include "engine/testing/workbench.h"

namespace dayu::engine {
namespace {

class ProcessEngineTest : public testing::Test, protected Workbench {};

bool lacks(const Engine& engine, std::string_view what) {
    for (const std::string& line : engine.facts().lacks) {
        if (line.starts_with(what)) return true;
    }
    return false;
}

TEST_F(ProcessEngineTest, TellsTheExitCode) {
    const StartOrder job = order("echo hello; exit 7");
    const Ending ending = run(job);
    EXPECT_EQ(ending.cause, EndCause::exited);
    EXPECT_EQ(ending.code, 7);
    EXPECT_EQ(ending.signal, 0);
    EXPECT_GT(ending.started.ms, 0);
    EXPECT_GE(ending.ended, ending.started);
    EXPECT_EQ(log(job.token), "hello\n");
}

TEST_F(ProcessEngineTest, TellsTheSignal) {
    const Ending ending = run(order("kill -SEGV $$"));
    EXPECT_EQ(ending.cause, EndCause::exited);
    EXPECT_EQ(ending.code, 0);
    EXPECT_EQ(ending.signal, SIGSEGV);
}

TEST_F(ProcessEngineTest, AsksAtTheTimeLimitAndLetsTheJobFinish) {
    StartOrder job = order("trap 'echo saved; exit 3' TERM; while :; do sleep 0.05; done");
    job.spec.time_limit = seconds(1);
    const Ending ending = run(job);
    EXPECT_EQ(ending.cause, EndCause::time_limit);
    EXPECT_EQ(ending.code, 3);
    EXPECT_NE(log(job.token).find("saved\n"), std::string::npos);
    EXPECT_GE((ending.ended - ending.started).ms, 1000);
    EXPECT_LT((ending.ended - ending.started).ms, 3000);
}

TEST_F(ProcessEngineTest, KillsAJobThatIgnoresTheTimeLimit) {
    StartOrder job = order("trap '' TERM; sleep 60 & while :; do sleep 60; done");
    job.spec.time_limit = milliseconds(300);
    job.spec.checkpoint.grace = milliseconds(300);
    const Ending ending = run(job);
    EXPECT_EQ(ending.cause, EndCause::time_limit);
    EXPECT_EQ(ending.signal, SIGKILL);
    EXPECT_LT((ending.ended - ending.started).ms, 3000);
    EXPECT_TRUE(is_gone(job.token));
}

TEST_F(ProcessEngineTest, SetsUpOnceBeforeAllRanks) {
    StartOrder job = order("cat prepared; sleep 0.2");
    job.body.setup = "echo preparing; echo ready >> prepared";
    job.spec.nodes = 2;
    EXPECT_EQ(run(job).code, 0);
    EXPECT_EQ(log(job.token),
              "[dayu] setup begins\npreparing\n[dayu] setup is done, run begins\nready\n");
    EXPECT_EQ(log(job.token, 1), "ready\n");
}

TEST_F(ProcessEngineTest, AFailedSetupFailsTheAttempt) {
    StartOrder job = order("echo never");
    job.body.setup = "echo no network; exit 9";
    const Ending ending = run(job);
    EXPECT_EQ(ending.cause, EndCause::exited);
    EXPECT_EQ(ending.code, 9);
    EXPECT_EQ(ending.detail, "setup failed with exit code 9; its output is in the log");
    EXPECT_EQ(log(job.token).find("never"), std::string::npos);
}

TEST_F(ProcessEngineTest, SetsUpAgainOnlyWhatFailedOrChanged) {
    StartOrder job = order("exit 75");
    job.spec.checkpoint.path = "ckpt";
    job.body.setup = "echo x >> count; test $(wc -l < count) -gt 1";
    EXPECT_EQ(run(job).code, 1);
    StartOrder second = next_attempt_of(job);
    EXPECT_EQ(run(second).code, 75);  // set up anew, and it worked
    StartOrder third = next_attempt_of(second);
    third.body.run = "wc -l < count";
    EXPECT_EQ(run(third).code, 0);
    EXPECT_EQ(log(third.token), "2\n");
    StartOrder other = next_attempt_of(third);
    other.body.setup = "echo other";
    EXPECT_EQ(run(other).code, 0);
    EXPECT_NE(log(other.token).find("other\n"), std::string::npos);
}

TEST_F(ProcessEngineTest, StopsDuringSetup) {
    StartOrder job = order("echo never");
    job.body.setup = "echo busy; sleep 60";
    job.spec.time_limit = milliseconds(400);
    job.spec.checkpoint.grace = milliseconds(100);
    const Ending ending = run(job);
    EXPECT_EQ(ending.cause, EndCause::time_limit);
    EXPECT_EQ(log(job.token).find("never"), std::string::npos);
    EXPECT_TRUE(is_gone(job.token));
}

TEST_F(ProcessEngineTest, ASecretIsSeenByTheJobAndLiesInNoFile) {
    StartOrder job = order(
        "echo ${#HF_TOKEN}; test \"$HF_TOKEN\" = \"$(printf 'se\\n%s' c''ret)\"; echo $?; sleep "
        "0.3");
    job.spec.secrets = {"hf-token"};
    EXPECT_EQ(engine->start(job).error().code, "secret_missing");
    job.secrets = {{"hf-token", "se\ncret"}};
    ASSERT_TRUE(engine->start(job).ok());
    ASSERT_TRUE(wait_output(job.token, "7\n0\n"));
    const auto lies_about = [&] {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(work_root())) {
            if (!entry.is_regular_file()) continue;
            const Result<std::string> content = read_file(entry.path().string());
            if (content.ok() && content->find("cret") != std::string::npos) return true;
        }
        return false;
    };
    EXPECT_FALSE(lies_about());
    EXPECT_EQ(wait_end(job.token).code, 0);
    EXPECT_FALSE(lies_about());
}

TEST_F(ProcessEngineTest, ListsOutputsAtTheEndAndFollowsNoLink) {
    StartOrder job = order(
        "mkdir -p model/deep; printf abc > model/deep/w; touch model/empty other; "
        "ln -s /etc model/etc; ln -s /etc gone; mkfifo model/pipe; exit 3");
    job.body.outputs = {"model/", "gone", "missing", "model/empty"};
    const Ending ending = run(job);
    EXPECT_EQ(ending.code, 3);
    ASSERT_EQ(ending.outputs.size(), 2U);
    EXPECT_EQ(ending.outputs[0],
              (OutputFile{"model/deep/w", 3,
                          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}));
    EXPECT_EQ(ending.outputs[1].path, "model/empty");
}

TEST_F(ProcessEngineTest, SendsTheCheckpointsSignalToEveryProcess) {
    // The shell dies of USR1 at once; the trainer that it waits for saves, and is given the time.
    StartOrder job = order(
        "bash -c \"trap 'sleep 0.5; echo saved; exit 0' USR1; echo ready; "
        "while :; do sleep 0.05; done\"; true");
    ASSERT_TRUE(engine->start(job).ok());
    ASSERT_TRUE(wait_output(job.token, "ready"));
    ASSERT_TRUE(engine->stop({.token = job.token, .signal = "USR1", .grace = seconds(10)}).ok());
    const Ending ending = wait_end(job.token);
    EXPECT_EQ(ending.cause, EndCause::cancelled);
    EXPECT_EQ(ending.signal, SIGUSR1);
    EXPECT_NE(log(job.token).find("saved\n"), std::string::npos);
}

TEST_F(ProcessEngineTest, HearsASecondStopWithLessPatience) {
    StartOrder job = order("trap '' TERM; echo ready; while :; do sleep 60; done");
    ASSERT_TRUE(engine->start(job).ok());
    ASSERT_TRUE(wait_output(job.token, "ready"));
    ASSERT_TRUE(engine->stop({.token = job.token, .grace = seconds(600)}).ok());
    ASSERT_TRUE(engine->stop({.token = job.token, .cause = EndCause::fenced, .grace = {}}).ok());
    EXPECT_EQ(wait_end(job.token).signal, SIGKILL);
}

TEST_F(ProcessEngineTest, LeavesNoDaemonBehind) {
    const StartOrder job = order(
        "(setsid sh -c 'trap \"\" TERM HUP; sleep 600 & sleep 600' >/dev/null 2>&1 &) ; sleep 0.2; "
        "exit 4");
    EXPECT_EQ(run(job).code, 4);
    EXPECT_TRUE(is_gone(job.token));
}

TEST_F(ProcessEngineTest, NamesTheMemoryLimitAsTheCause) {
    if (lacks(*engine, "memory")) GTEST_SKIP() << "this host lets us limit no group's memory";
    StartOrder job = order("head -c 200m /dev/zero | tail -c 200m | wc -c; exit ${PIPESTATUS[1]}");
    job.spec.resources.memory_mib = 32;
    const Ending ending = run(job);
    EXPECT_EQ(ending.cause, EndCause::oom);
    EXPECT_EQ(ending.code, 128 + SIGKILL);
    EXPECT_NE(ending.detail.find("32 MiB"), std::string::npos) << ending.detail;
    EXPECT_GE(ending.total.peak_memory_mib, 30);
}

TEST_F(ProcessEngineTest, GivesTheJobItsOwnEnvironmentAlone) {
    ::setenv("DAYU_TOKEN", "the agent's credential", 1);
    ::setenv("AGENT_ONLY", "1", 1);
    StartOrder job = order("env; echo in $PWD; ls -l /proc/self/fd | wc -l; read x; echo eof $?");
    job.body.env = {{"EPOCHS", "3"}, {"LINES", "a\nb\\n"}};
    job.spec.resources.chip = "A100-80GB";
    job.spec.resources.chips_milli = 2500;
    job.spec.checkpoint.path = "out/ckpt";
    EXPECT_EQ(run(job).code, 0);
    ::unsetenv("DAYU_TOKEN");
    ::unsetenv("AGENT_ONLY");
    const std::string text = "\n" + log(job.token);
    const std::string run_directory =
        work_root() + "/jobs/" + job.token.text.substr(0, job.token.text.rfind('-')) + "/run";
    for (const std::string& line :
         {std::string("EPOCHS=3"), std::string("LINES=a\nb\\n"), std::string("DAYU_JOB_ID=1"),
          std::string("DAYU_ATTEMPT=1"), "DAYU_FENCING_TOKEN=" + job.token.text,
          std::string("DAYU_CENTER=zhongwei"), std::string("DAYU_POOL=cpu"),
          std::string("DAYU_CHIP=A100-80GB"), std::string("DAYU_CHIPS=2.5"),
          std::string("DAYU_RANK=0"), std::string("DAYU_WORLD_SIZE=1"),
          "DAYU_CHECKPOINT_DIR=" + run_directory + "/out/ckpt", "HOME=" + run_directory,
          "in " + run_directory, std::string("eof 1")}) {
        EXPECT_NE(text.find("\n" + line + "\n"), std::string::npos) << line << "\nnot in" << text;
    }
    for (const char* name : {"DAYU_TOKEN", "AGENT_ONLY", "DAYU_RESUME", "DAYU_MASTER_ADDR"}) {
        EXPECT_EQ(text.find("\n" + std::string(name) + "="), std::string::npos) << name;
    }
    // 0, 1, 2, the one that ls reads, and its line "total".
    EXPECT_NE(text.find("\n5\n"), std::string::npos) << text;
    EXPECT_TRUE(std::filesystem::is_directory(run_directory + "/out/ckpt"));
}

TEST_F(ProcessEngineTest, RunsJobsAsSomebodyElse) {
    const StartOrder job = order(
        "id -u; id -G; echo again > /dev/stderr; touch here && echo own; "
        "cat ../claim; ls ..; grep NoNewPrivs /proc/self/status");
    EXPECT_EQ(run(job).code, 0);
    const std::string text = log(job.token);
    EXPECT_NE(text.find("again"), std::string::npos) << text;
    EXPECT_NE(text.find("own"), std::string::npos) << text;
    EXPECT_NE(text.find("NoNewPrivs:\t1"), std::string::npos) << text;
    if (::geteuid() != 0) GTEST_SKIP() << "not root: jobs run as the agent, and facts() say so";
    EXPECT_NE(text.substr(0, 2), "0\n");
    EXPECT_EQ(text.find("script="), std::string::npos) << "it read its claim: " << text;
    EXPECT_NE(text.find("Permission denied"), std::string::npos) << text;
}

TEST_F(ProcessEngineTest, NeverRunsJobsAsRoot) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root";
    Settings wanted = settings();
    wanted["run_as"] = "root";
    const auto made = find_engine("process").value()(wanted);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().code, "run_as_root");
}

TEST_F(ProcessEngineTest, SaysThatTheUserCannotReachTheWorkRoot) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root: there is no other user";
    Settings wanted = settings();
    std::filesystem::create_directory(work_root() + "/closed");
    std::filesystem::permissions(work_root() + "/closed", std::filesystem::perms::owner_all);
    wanted["work_root"] = work_root() + "/closed/root";
    auto made = find_engine("process").value()(wanted);
    ASSERT_TRUE(made.ok());
    EXPECT_TRUE(lacks(**made, "user: no job can start here"));
    const auto started = (*made)->start(order("true"));
    ASSERT_FALSE(started.ok());
    EXPECT_EQ(started.error().code, "work_root_unreachable");
}

TEST_F(ProcessEngineTest, StartsATokenOnce) {
    const StartOrder job = order("echo started");
    ASSERT_TRUE(engine->start(job).ok());
    ASSERT_TRUE(engine->start(job).ok());
    wait_end(job.token);
    ASSERT_TRUE(engine->start(job).ok());
    ASSERT_TRUE(engine->settle(job.token).ok());
    ASSERT_TRUE(engine->start(job).ok());
    EXPECT_EQ(log(job.token), "started\n");
    const auto told = engine->observe().value();  // by a server that was restored from a backup
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told.front().ending->code, 0);
    ASSERT_TRUE(engine->settle(job.token).ok());
    ASSERT_TRUE(engine->stop({.token = job.token, .grace = {}}).ok());
    EXPECT_EQ(engine->observe().value().front().ending->cause, EndCause::exited);
    ASSERT_TRUE(engine->settle(job.token).ok());
    EXPECT_TRUE(engine->observe().value().empty());
}

TEST_F(ProcessEngineTest, AStopThatComesFirstClaimsTheToken) {
    const StartOrder job = order("echo started");
    ASSERT_TRUE(engine->stop({.token = job.token, .grace = {}}).ok());
    ASSERT_TRUE(engine->start(job).ok());
    const Ending ending = wait_end(job.token);
    EXPECT_EQ(ending.cause, EndCause::start_failed);
    EXPECT_EQ(ending.started.ms, 0);
    EXPECT_EQ(log(job.token), "");
}

TEST_F(ProcessEngineTest, SettlesOnlyWhatHasEnded) {
    const StartOrder job = order("sleep 60");
    ASSERT_TRUE(engine->start(job).ok());
    const auto settled = engine->settle(job.token);
    ASSERT_FALSE(settled.ok());
    EXPECT_EQ(settled.error().code, "attempt_not_ended");
}

TEST_F(ProcessEngineTest, EndsAGangWithTheRankThatFailed) {
    StartOrder job = order(
        "echo rank $DAYU_RANK of $DAYU_WORLD_SIZE at $MASTER_ADDR; "
        "[ $DAYU_RANK = 1 ] && sleep 0.3 && exit 9; sleep 60");
    job.spec.nodes = 3;
    const Ending ending = run(job);
    EXPECT_EQ(ending.cause, EndCause::exited);
    EXPECT_EQ(ending.code, 9);
    EXPECT_TRUE(is_gone(job.token));
    for (int rank = 0; rank < 3; ++rank) {
        EXPECT_EQ(log(job.token, rank), "rank " + std::to_string(rank) + " of 3 at 127.0.0.1\n");
    }
}

TEST_F(ProcessEngineTest, ContinuesFromTheCheckpointOfTheLastAttempt) {
    StartOrder job = order(
        "echo resume=$DAYU_RESUME; cat $DAYU_CHECKPOINT_DIR/step; "
        "echo 41 > $DAYU_CHECKPOINT_DIR/step; echo saved; sleep ${HOLD:-0}");
    job.spec.checkpoint.path = "ckpt";
    job.body.env["HOLD"] = "60";
    ASSERT_TRUE(engine->start(job).ok());
    ASSERT_TRUE(wait_output(job.token, "saved"));
    StartOrder second = next_attempt_of(job);
    second.body.env.clear();
    const auto busy = engine->start(second);
    ASSERT_FALSE(busy.ok()) << "two attempts in one folder";
    EXPECT_EQ(busy.error().code, "run_directory_in_use");
    ASSERT_TRUE(engine->stop({.token = job.token, .grace = seconds(1)}).ok());
    wait_end(job.token);
    EXPECT_EQ(run(second).code, 0);
    EXPECT_EQ(log(second.token), "resume=1\n41\nsaved\n");

    StartOrder afresh = next_attempt_of(second);
    afresh.resume_from.reset();
    EXPECT_EQ(run(afresh).code, 0);
    EXPECT_NE(log(afresh.token).find("resume=\n"), std::string::npos);
    EXPECT_NE(log(afresh.token).find("No such file"), std::string::npos);
}

TEST_F(ProcessEngineTest, MetersInSeamlessWindows) {
    const StartOrder job = order("for ((i = 0; i < 200000; ++i)); do :; done; sleep 2.2");
    const Ending ending = run(job);
    const Observation seen = look(job.token);
    ASSERT_GE(seen.windows.size(), 3u);
    EXPECT_EQ(seen.windows.front().from, ending.started);
    EXPECT_EQ(seen.windows.back().to, ending.ended);
    std::int64_t sum_ms = 0;
    for (std::size_t i = 0; i < seen.windows.size(); ++i) {
        if (i > 0) {
            EXPECT_EQ(seen.windows[i].from, seen.windows[i - 1].to);
        }
        sum_ms += seen.windows[i].usage.cpu_ms;
    }
    EXPECT_EQ(sum_ms, ending.total.cpu_ms);
    EXPECT_GT(sum_ms, 50);
    EXPECT_LT(sum_ms, 20'000);
    EXPECT_GT(ending.total.peak_memory_mib, 0);

    engine->acknowledge(job.token, seen.windows[0].to);
    EXPECT_EQ(look(job.token).windows.size(), seen.windows.size() - 1);
}

TEST_F(ProcessEngineTest, ReadsLogsInPiecesWhateverTheyHold) {
    const StartOrder job = order("printf 'ab\\0\\377cd'");
    run(job);
    LogChunk chunk = engine->read_log({.id = 5, .token = job.token, .limit = 4});
    EXPECT_EQ(chunk.id, 5u);
    EXPECT_EQ(chunk.base64, "YWIA/w==");
    EXPECT_FALSE(chunk.at_end);
    ASSERT_TRUE(engine->settle(job.token).ok());
    chunk = engine->read_log({.token = job.token, .offset = 4});
    EXPECT_EQ(chunk.base64, "Y2Q=");
    EXPECT_TRUE(chunk.complete);
    chunk = engine->read_log({.token = job.token, .offset = -3});
    EXPECT_EQ(chunk.offset, 3);
    EXPECT_EQ(chunk.base64, "/2Nk");
    EXPECT_FALSE(engine->read_log({.token = {"../../etc-1-1"}}).error.empty());
}

TEST_F(ProcessEngineTest, TellsWhyAScriptCannotRun) {
    const Ending ending = run(order("# " + std::string(200'000, 'x')));
    EXPECT_EQ(ending.cause, EndCause::start_failed);
    EXPECT_EQ(ending.started.ms, 0);
    EXPECT_NE(ending.detail.find("128 KiB"), std::string::npos) << ending.detail;
}

TEST_F(ProcessEngineTest, RefusesWhatWouldLeaveItsFolders) {
    StartOrder job = order("true");
    job.spec.checkpoint.path = "../../x";
    EXPECT_EQ(engine->start(job).error().code, "checkpoint_path_outside");
    job = order("true");
    job.token.text = "../x-1-1";
    EXPECT_EQ(engine->start(job).error().code, "token_malformed");
    EXPECT_EQ(engine->stop({.token = job.token}).error().code, "token_malformed");
}

TEST_F(ProcessEngineTest, ForgetsWhatWasSettledLongAgo) {
    StartOrder job = order("touch big");
    job.spec.checkpoint.path = "ckpt";
    run(job);
    ASSERT_TRUE(engine->settle(job.token).ok());
    close();
    auto store = AttemptStore::open(work_root()).value();
    store.sweep(system_clock().now(), seconds(3600));
    EXPECT_TRUE(store.find(job.token).has_value());
    store.sweep(system_clock().now() + seconds(7200), seconds(3600));
    EXPECT_FALSE(store.find(job.token).has_value());
    for (const char* place : {"/jobs", "/trash", "/settled"}) {
        EXPECT_TRUE(std::filesystem::is_empty(work_root() + place)) << place;
    }
}

TEST(Registry, NamesTheEnginesItKnows) {
    EXPECT_TRUE(find_engine("process").ok());
    const auto unknown = find_engine("proces");
    ASSERT_FALSE(unknown.ok());
    EXPECT_NE(unknown.error().message.find("did you mean process?"), std::string::npos);
    const auto made = find_engine("process").value()({{"work_rot", "/tmp"}});
    ASSERT_FALSE(made.ok());
    EXPECT_NE(made.error().message.find("did you mean work_root?"), std::string::npos);
}

}  // namespace
}  // namespace dayu::engine
