// A server that ranks jobs by how long they will run: real core, memory store, and an agent played by the test, whose quick
// jobs take a minute and whose slow ones five hours.
#include "runtime/live_foresight.h"

#include <gtest/gtest.h>

#include "runtime/core.h"
#include "wire/json_fields.h"

namespace dayu::runtime {
namespace {

constexpr Duration minute = seconds(60), hour = seconds(3600);
constexpr Duration quick = minute, slow = {5 * hour.ms};

Center one_node() {
    Center center;
    center.name = "here";
    center.region = "cn/test/here";
    center.engine.kind = "process";
    center.pools = {{.name = "cpu",
                     .nodes = 1,
                     .cpus_per_node = 1,
                     .memory_mib_per_node = 8192,
                     .price_per_cpu_hour = {micro_yuan_per_yuan}}};
    return center;
}

class SteppedClock : public Clock {
   public:
    Time now() const override { return now_; }
    Instant instant() const override { return {now_.ms}; }
    void step(Duration by) { now_ = now_ + by; }

   private:
    Time now_{1'800'000'000'000};
};

class LiveForesightTest : public testing::Test {
   protected:
    LiveForesightTest() : journal(journal::make_memory_store()) {
        open("learned");
        commit(control::Found{.cluster = "0123456789abcdef"});
        sync({});
    }

    void open(const char* policy) {
        core.reset();
        core = std::move(*Core::open(journal, *sched::find_policy(policy), {}, clock));
    }

    Answer commit(control::Command command, std::vector<journal::Body> bodies = {}) {
        const auto done = core->commit_one({.command = std::move(command),
                                            .actor = {.name = "token:test"},
                                            .bodies = std::move(bodies)});
        EXPECT_TRUE(done.ok()) << done.error().message;
        return *done;
    }

    void sync(std::vector<Observation> seen) {
        SyncRequest request{.agent = "a",
                            .installation = "f00d",
                            .incarnation = 1,
                            .number = ++number,
                            .centers = {one_node()}};
        request.observations = std::move(seen);
        ASSERT_TRUE(core->admit_sync(request).ok());
        commit(control::SyncAgent{.request = std::move(request)});
    }

    JobId submit(const std::string& name) {
        std::string content;
        wire::write_json(content, JobBody{.run = name});
        const journal::Body body = journal::make_body(content, "salt");
        return commit(control::SubmitJob{.name = name, .body = body.ref}, {body}).job;
    }

    // It starts at once, and ends after so long.
    void run(const std::string& name, Duration takes, EndCause cause = EndCause::exited) {
        sync({});
        const JobId job = submit(name);
        ASSERT_TRUE(core->tick().ok());
        const control::AttemptRow* attempt = core->state().attempts.find(job);
        ASSERT_NE(attempt, nullptr);
        const Token token = make_token("0123456789abcdef", {.job = job, .number = attempt->number});
        const Time started = clock.now();
        sync({{.token = token, .state = AttemptState::running, .at = started}});
        clock.step(takes);
        Ending ending{.cause = cause, .started = started, .ended = clock.now()};
        sync({{.token = token,
               .state = AttemptState::ended,
               .at = clock.now(),
               .ending = std::move(ending)}});
    }

    Duration handicap(const std::string& name) {
        const JobId job = submit(name);
        const Duration found = core->state().jobs.at(job).handicap;
        commit(control::ChangeJob{.job = job});
        return found;
    }

    void run_some_of_both() {
        for (int i = 0; i < 20; ++i) {
            run("quick", quick);
            run("slow", slow);
        }
    }

    SteppedClock clock;
    journal::Journal journal;
    std::unique_ptr<Core> core;
    std::uint64_t number = 0;
};

TEST_F(LiveForesightTest, JobsAreRankedByWhatJobsLikeThemTook) {
    run_some_of_both();
    EXPECT_LT(handicap("quick"), Duration{10 * minute.ms});
    EXPECT_GT(handicap("slow"), Duration{4 * hour.ms});
    const JobId slow_one = submit("slow"), quick_one = submit("quick");
    EXPECT_LT(core->world().waiting().rank_of(quick_one),
              core->world().waiting().rank_of(slow_one));
}

TEST_F(LiveForesightTest, AnotherLifeHasLearnedTheSameAndRanksWhoWaitsAsBefore) {
    run_some_of_both();
    const JobId waits = submit("slow");
    const auto rank = core->world().waiting().rank_of(waits);
    const Duration before = handicap("quick");
    open("learned");
    EXPECT_EQ(core->world().waiting().rank_of(waits), rank);
    EXPECT_EQ(handicap("quick"), before);
}

TEST_F(LiveForesightTest, WhatOthersEndedTeachesNothing) {
    run_some_of_both();
    const Duration before = handicap("slow");
    run("slow", minute, EndCause::node_failed);
    EXPECT_EQ(handicap("slow"), before);
}

TEST_F(LiveForesightTest, ByArrivalNobodyHasAHandicap) {
    open("least-cost");
    run_some_of_both();
    EXPECT_EQ(handicap("slow"), Duration{});
}

}  // namespace
}  // namespace dayu::runtime
