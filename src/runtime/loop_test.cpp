// The server without HTTP: real core, memory store, real clock, and an agent played by the test.
#include "runtime/loop.h"

#include <future>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "wire/json_fields.h"

namespace dayu::runtime {
namespace {

constexpr const char* installation = "f00d";

Center shanghai() {
    Center center;
    center.name = "shanghai";
    center.region = "cn/yangtze-delta/shanghai";
    center.engine.kind = "process";
    Pool pool;
    pool.name = "cpu";
    pool.nodes = 2;
    pool.cpus_per_node = 4;
    pool.memory_mib_per_node = 8192;
    pool.price_per_cpu_hour = Money{100'000};
    center.pools.push_back(pool);
    return center;
}

class LoopTest : public testing::Test {
   protected:
    LoopTest() : journal(journal::make_memory_store()) {
        loop =
            std::move(*Loop::start(journal, *sched::find_policy("least-cost"), {}, system_clock()));
        EXPECT_TRUE(send({.command = control::Found{.cluster = "0123456789abcdef"},
                          .actor = {.name = "system"}}));
    }

    Result<Answer> send(Request request) {
        std::promise<Result<Answer>> promise;
        loop->submit(std::move(request),
                     [&](Result<Answer> answer) { promise.set_value(std::move(answer)); });
        return promise.get_future().get();
    }

    Result<Answer> submit(const std::string& key, const std::string& run) {
        const JobBody body{.run = run};
        std::string content;
        wire::write_json(content, body);
        const journal::Body stored = journal::make_body(content, "salt");
        const std::string digest = key.empty() ? "" : to_hex(sha256(key)).substr(0, 32);
        return send({.command = control::SubmitJob{.name = "j",
                                                   .body = stored.ref,
                                                   .idempotency_key = digest,
                                                   .request = to_hex(sha256(run)).substr(0, 32)},
                     .actor = {.name = "token:test"},
                     .bodies = {stored}});
    }

    SyncRequest request(Duration wait = {}) {
        return {.agent = "a",
                .installation = installation,
                .incarnation = 1,
                .number = ++number,
                .centers = {shanghai()},
                .wait = wait};
    }

    Result<SyncReply> sync(SyncRequest request) {
        std::promise<Result<SyncReply>> promise;
        loop->sync(std::move(request), {.name = "agent:a"},
                   [&](Result<SyncReply> reply) { promise.set_value(std::move(reply)); });
        return promise.get_future().get();
    }

    journal::Journal journal;
    std::unique_ptr<Loop> loop;
    std::uint64_t number = 0;
};

TEST_F(LoopTest, AJobGoesFromSubmitToItsEnd) {
    ASSERT_TRUE(sync(request()));
    const auto answer = submit("", "echo hello");
    ASSERT_TRUE(answer) << answer.error().message;

    const auto ordered = sync(request(seconds(20)));  // a round may rest first
    ASSERT_TRUE(ordered);
    ASSERT_EQ(ordered->starts.size(), 1u);
    const StartOrder& order = ordered->starts.front();
    EXPECT_EQ(order.body.run, "echo hello");

    SyncRequest report = request();
    report.holding = {order.token};
    report.observations = {{.token = order.token,
                            .state = AttemptState::ended,
                            .at = Time{1},
                            .ending = Ending{.started = Time{1000}, .ended = Time{2000}}}};
    const auto settled = sync(report);
    ASSERT_TRUE(settled);
    EXPECT_EQ(settled->settled, std::vector<Token>{order.token});
    const auto job = journal.store().job(answer->job);
    ASSERT_TRUE(job && *job);
    EXPECT_EQ((*job)->state, JobState::completed);
}

TEST_F(LoopTest, ALongPollIsAnsweredByASubmit) {
    ASSERT_TRUE(sync(request()));
    std::promise<Result<SyncReply>> promise;
    loop->sync(request(seconds(20)), {.name = "agent:a"},
               [&](Result<SyncReply> reply) { promise.set_value(std::move(reply)); });
    auto reply = promise.get_future();
    EXPECT_EQ(reply.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    ASSERT_TRUE(submit("", "true"));
    ASSERT_EQ(reply.wait_for(std::chrono::seconds(10)), std::future_status::ready);
    EXPECT_EQ(reply.get()->starts.size(), 1u);
}

TEST_F(LoopTest, ARepeatedKeyIsAnsweredWithTheSameJob) {
    const auto first = submit("k", "true");
    const auto second = submit("k", "true");
    EXPECT_EQ(first->job, second->job);
    EXPECT_TRUE(second->repeated);
    EXPECT_EQ(submit("k", "false").error().code, "idempotency_key_reused");
}

TEST_F(LoopTest, AnOldRequestOfAnAgentIsRefused) {
    const SyncRequest old = request();
    ASSERT_TRUE(sync(request()));
    EXPECT_EQ(sync(old).error().code, "sync_stale");
}

TEST_F(LoopTest, AnotherInstallationIsRefused) {
    ASSERT_TRUE(sync(request()));
    SyncRequest other = request();
    other.installation = "beef";
    EXPECT_EQ(sync(other).error().code, "lease_held");
}

TEST_F(LoopTest, AReaderOfALogGetsItThroughTheAgent) {
    ASSERT_TRUE(sync(request()));
    const auto answer = submit("", "true");
    const auto ordered = sync(request(seconds(20)));
    ASSERT_TRUE(ordered && !ordered->starts.empty());
    const Token token = ordered->starts.front().token;
    std::promise<Result<LogChunk>> promise;
    loop->read_log({.job = answer->job},
                   [&](Result<LogChunk> chunk) { promise.set_value(std::move(chunk)); });
    SyncRequest asking = request(seconds(5));
    asking.holding = {token};
    const auto asked = sync(asking);
    ASSERT_EQ(asked->log_requests.size(), 1u);
    EXPECT_EQ(asked->log_requests.front().token, token);
    SyncRequest telling = request();
    telling.holding = {token};
    telling.log_chunks = {{.id = asked->log_requests.front().id, .base64 = "aGk="}};
    ASSERT_TRUE(sync(telling));
    EXPECT_EQ(promise.get_future().get()->base64, "aGk=");
}

TEST_F(LoopTest, WatchersSeeEachEntryOnce) {
    ASSERT_TRUE(submit("", "true"));
    bool missed = false;
    const auto entries = loop->watch().after({}, 100, missed);
    ASSERT_FALSE(missed);
    ASSERT_EQ(entries.size(), 3u);  // founded, shape_declared, job_accepted
    EXPECT_EQ(entries.back().type, "job_accepted");
    EXPECT_TRUE(loop->watch().after(entries.back().seq, 100, missed).empty());
}

TEST_F(LoopTest, AnotherLifeFindsWhatWasAcknowledged) {
    const auto answer = submit("k", "true");
    loop.reset();
    loop = std::move(*Loop::start(journal, *sched::find_policy("least-cost"), {}, system_clock()));
    const auto again = submit("k", "true");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->job, answer->job);
}

TEST_F(LoopTest, AServerThatIsStartedOftenMakesSnapshotsToo) {
    for (int start = 0; start < 4; ++start) {  // each brings fewer than 8 entries
        loop.reset();
        loop = std::move(*Loop::start(journal, *sched::find_policy("least-cost"),
                                      {.snapshot_every = 8}, system_clock()));
        for (int job = 0; job < 3; ++job) ASSERT_TRUE(submit("", "true"));
    }
    loop.reset();
    const auto snapshot = journal.store().newest_snapshot();
    ASSERT_TRUE(snapshot);
    EXPECT_TRUE(snapshot->has_value());
}

}  // namespace
}  // namespace dayu::runtime
