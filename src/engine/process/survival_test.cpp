// Engine `process` when things are killed, restarted, cut off or full: nothing is lost, nothing runs
// twice, and nothing is left alive.
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "engine/process/process_engine.h"
#include "engine/process/processes.h"
#include "engine/process/record.h"
#include "engine/testing/workbench.h"

namespace dayu::engine {
namespace {

class SurvivalTest : public testing::Test, protected Workbench {
   protected:
    // A process that has the engine to itself, starts the order and dies before it can do anything else.
    void start_in_agent_that_dies(const StartOrder& order) {
        close();
        const pid_t agent = ::fork();
        if (agent == 0) {
            open();
            if (engine->start(order).ok()) ::kill(::getpid(), SIGKILL);
            ::_exit(1);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(agent, &status, 0), agent);
        ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    }
};

TEST_F(SurvivalTest, AJobOutlivesItsAgentAndIsAdopted) {
    const StartOrder job = order("echo began; sleep 0.5; echo ended; exit 42");
    start_in_agent_that_dies(job);
    open();
    EXPECT_NE(look(job.token).state, AttemptState::ended);
    const Ending ending = wait_end(job.token);
    EXPECT_EQ(ending.cause, EndCause::exited);
    EXPECT_EQ(ending.code, 42);
    EXPECT_EQ(log(job.token), "began\nended\n");
}

TEST_F(SurvivalTest, AJobEndsExactlyWhileNoAgentLooks) {
    const StartOrder job = order("kill -ABRT $$");
    start_in_agent_that_dies(job);
    ASSERT_TRUE(wait_for([&] { return exists(files(job.token).exit()); }));
    open();
    EXPECT_EQ(look(job.token).ending.value_or(Ending{}).signal, SIGABRT);
    open();  // and again, until it is settled
    EXPECT_EQ(look(job.token).ending.value_or(Ending{}).signal, SIGABRT);
}

TEST_F(SurvivalTest, AnAdoptedJobCanBeStopped) {
    const StartOrder job = order("sleep 60");
    start_in_agent_that_dies(job);
    open();
    ASSERT_TRUE(engine->stop({.token = job.token, .grace = seconds(5)}).ok());
    EXPECT_EQ(wait_end(job.token).signal, SIGTERM);
}

TEST_F(SurvivalTest, AKilledShimTakesTheJobWithIt) {
    const StartOrder job = order("setsid sleep 600 & sleep 600 & echo ready; sleep 600");
    ASSERT_TRUE(engine->start(job).ok());
    ASSERT_TRUE(wait_output(job.token, "ready"));
    ASSERT_EQ(::kill(static_cast<pid_t>(shim_of(job.token)), SIGKILL), 0);
    const Ending ending = wait_end(job.token);
    EXPECT_EQ(ending.cause, EndCause::node_failed);
    EXPECT_GT(ending.started.ms, 0);
    EXPECT_TRUE(is_gone(job.token));
    EXPECT_TRUE(engine->start(job).ok());
    EXPECT_EQ(look(job.token).ending, ending) << "started twice";
}

TEST_F(SurvivalTest, AShimThatIsAskedToEndEndsItsJobFirst) {
    const StartOrder job =
        order("trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
    ASSERT_TRUE(engine->start(job).ok());
    ASSERT_TRUE(wait_output(job.token, "ready"));
    ::kill(static_cast<pid_t>(shim_of(job.token)), SIGTERM);
    EXPECT_EQ(wait_end(job.token).cause, EndCause::node_failed);
    EXPECT_NE(log(job.token).find("saved\n"), std::string::npos);
}

TEST_F(SurvivalTest, AClaimWithoutAShimNeverStarts) {
    const StartOrder job = order("echo started");
    close();
    {
        auto store = AttemptStore::open(work_root()).value();
        Claim claim{.token = job.token, .boot = {}, .script = job.body.run, .env = {}};
        claim.run_directory = store.run_directory(job.token, false);
        ASSERT_TRUE(store.claim(claim, false).ok());
    }
    open();
    const Ending ending = wait_end(job.token);
    EXPECT_EQ(ending.cause, EndCause::start_failed);
    // A shim that comes late finds the verdict.
    const std::string command = shim_path() + " " + files(job.token).directory + " 3>/dev/null";
    ASSERT_EQ(::system(command.c_str()), 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(log(job.token), "");
    EXPECT_EQ(look(job.token).ending, ending);
}

TEST_F(SurvivalTest, AHalfMadeClaimCountsAsOne) {
    const StartOrder job = order("echo started");
    close();
    std::filesystem::create_directory(files(job.token).directory);
    open();
    ASSERT_TRUE(engine->start(job).ok());
    EXPECT_EQ(wait_end(job.token).cause, EndCause::start_failed);
}

TEST_F(SurvivalTest, SaysThatTheMachineWasRestarted) {
    const StartOrder job = order("echo started");
    close();
    std::filesystem::create_directory(files(job.token).directory);
    const Claim claim{.token = job.token, .boot = "an earlier one", .script = {}, .env = {}};
    ASSERT_TRUE(replace_file(files(job.token).claim(), to_record(claim)).ok());
    open();
    const Ending ending = wait_end(job.token);
    EXPECT_EQ(ending.cause, EndCause::node_failed);
    EXPECT_EQ(ending.detail, "the machine was restarted");
}

TEST_F(SurvivalTest, AJobThatMayMoveFencesItselfWithoutItsAgent) {
    StartOrder mover = order("trap 'echo saved; exit 0' TERM; while :; do sleep 0.05; done");
    mover.spec.placement.move_after = seconds(1);
    StartOrder stayer = order("sleep 60");
    ASSERT_TRUE(engine->start(stayer).ok());
    ASSERT_TRUE(engine->start(mover).ok());
    for (int i = 0; i < 8; ++i) {  // in contact for longer than move_after
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        engine->renew_contact(milliseconds(100));
    }
    EXPECT_EQ(look(mover.token).state, AttemptState::running);
    close();
    ASSERT_TRUE(wait_for([&] { return exists(files(mover.token).exit()); }));
    open();
    const Ending ending = wait_end(mover.token);
    EXPECT_EQ(ending.cause, EndCause::moved);
    EXPECT_NE(log(mover.token).find("saved\n"), std::string::npos);
    const std::int64_t ran_ms = (ending.ended - ending.started).ms;
    EXPECT_GE(ran_ms, 1600);
    EXPECT_LT(ran_ms, 4500);
    EXPECT_EQ(look(stayer.token).state, AttemptState::running) << "it never said move_after";
}

TEST_F(SurvivalTest, AShimGoesThoughItsAttemptIsSettledAtOnce) {
    for (int i = 0; i < 50; ++i) {
        const StartOrder job = order("true");
        ASSERT_TRUE(engine->start(job).ok());
        const auto shim = static_cast<pid_t>(shim_of(job.token));
        const std::int64_t began = start_ticks(shim);
        wait_end(job.token);
        ASSERT_TRUE(engine->settle(job.token).ok());
        const auto is_alive = [&] {  // a zombie is not: when init reaps it is the host's affair
            const auto words = read_file("/proc/" + std::to_string(shim) + "/cmdline");
            return start_ticks(shim) == began && words.ok() && !words.value().empty();
        };
        EXPECT_TRUE(wait_for([&] { return !is_alive(); }));
    }
}

TEST_F(SurvivalTest, WhatAShimThatDiedAfterItsExitRecordLeftGoesWithTheSettling) {
    const StartOrder job = order("true");
    ASSERT_TRUE(engine->start(job).ok());
    wait_end(job.token);
    const auto cgroup_is_there = [&] {
        return exists("/sys/fs/cgroup/dayu/" + job.token.text) ||
               exists("/sys/fs/cgroup/freezer/dayu/" + job.token.text);
    };
    ASSERT_TRUE(wait_for([&] { return !cgroup_is_there(); }));
    Cgroup(job.token).create({});
    if (!cgroup_is_there()) GTEST_SKIP() << "this host gives us no cgroups";
    ASSERT_TRUE(engine->settle(job.token).ok());
    EXPECT_FALSE(cgroup_is_there());
}

TEST_F(SurvivalTest, TwoAgentsDoNotShareAWorkRoot) {
    const auto second = find_engine("process").value()(settings());
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, "work_root_in_use");
}

TEST_F(SurvivalTest, AFullDiskLeavesNothingHalfClaimed) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root: cannot mount a small disk";
    close();
    if (::mount("tmpfs", work_root().c_str(), "tmpfs", 0, "size=256k,mode=0711") != 0) {
        GTEST_SKIP() << "this host does not let us mount a small disk";
    }
    open();
    ASSERT_NE(::system(("cat /dev/zero > " + work_root() + "/filler 2>/dev/null").c_str()), 0);
    const StartOrder job = order("echo started");
    const auto refused = engine->start(job);
    EXPECT_FALSE(refused.ok());
    if (!refused.ok()) {
        EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    }
    EXPECT_TRUE(std::filesystem::is_empty(work_root() + "/attempts"));
    EXPECT_TRUE(engine->observe().value().empty());

    std::filesystem::remove(work_root() + "/filler");
    EXPECT_EQ(run(job).code, 0);
    EXPECT_EQ(log(job.token), "started\n");
    close();
    EXPECT_EQ(::umount2(work_root().c_str(), MNT_DETACH), 0);
}

TEST_F(SurvivalTest, AFullDiskDelaysAnEndAndLosesNothing) {
    if (::geteuid() != 0) GTEST_SKIP() << "not root: cannot mount a small disk";
    close();
    if (::mount("tmpfs", work_root().c_str(), "tmpfs", 0, "size=256k,mode=0711") != 0) {
        GTEST_SKIP() << "this host does not let us mount a small disk";
    }
    open();
    const StartOrder job = order("echo ready; sleep 0.5; exit 6");
    ASSERT_TRUE(engine->start(job).ok());
    ASSERT_TRUE(wait_output(job.token, "ready"));
    ASSERT_NE(::system(("cat /dev/zero > " + work_root() + "/filler 2>/dev/null").c_str()), 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(1200));
    EXPECT_EQ(look(job.token).state, AttemptState::running);
    std::filesystem::remove(work_root() + "/filler");
    EXPECT_EQ(wait_end(job.token).code, 6);
    close();
    EXPECT_EQ(::umount2(work_root().c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace dayu::engine
