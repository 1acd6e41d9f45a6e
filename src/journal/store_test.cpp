// What every store promises.
#include "journal/store.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "journal/journal.h"
#include "journal/testing/story.h"

namespace dayu::journal {
namespace {

class AnyStore : public ::testing::TestWithParam<std::string> {
   protected:
    AnyStore() {
        if (GetParam() == "memory") {
            store = make_memory_store();
        } else {
            Result<std::unique_ptr<Store>> opened =
                open_sqlite_store({.directory = directory_.path()});
            if (opened) store = std::move(*opened);
        }
    }
    void SetUp() override { ASSERT_NE(store, nullptr); }

    Result<void> write_entries(std::initializer_list<EntryRow> rows) {
        Transaction transaction;
        transaction.entries = rows;
        transaction.head = {.seq = transaction.entries.back().seq, .hash = "head"};
        return store->write(transaction);
    }

    TemporaryFolder directory_;
    std::unique_ptr<Store> store;
};

INSTANTIATE_TEST_SUITE_P(Stores, AnyStore, ::testing::Values("memory", "sqlite"),
                         [](const auto& store) { return store.param; });

JobSummary job(std::uint64_t id, JobState state, std::string project = "default") {
    JobSummary row;
    row.job = {id};
    row.scope = {"default", std::move(project)};
    row.name = "job " + std::to_string(id);
    row.state = state;
    row.submitted = {1'000};
    if (is_terminal(state)) row.ended = {2'000};
    return row;
}

std::vector<std::uint64_t> ids(const std::vector<JobSummary>& rows) {
    std::vector<std::uint64_t> found;
    for (const JobSummary& row : rows) found.push_back(row.job.value);
    return found;
}
using Ids = std::vector<std::uint64_t>;

TEST_P(AnyStore, ReturnsEntriesInOrderPageByPage) {
    EXPECT_EQ(*store->head(), Head{});
    const std::string odd("b\0\xFFz", 4);
    ASSERT_TRUE(write_entries({{{1}, {}, "a"}, {{2}, {7}, odd}}));
    ASSERT_TRUE(write_entries({{{3}, {8}, "c"}, {{4}, {7}, "d"}}));
    EXPECT_EQ(*store->head(), (Head{{4}, "head"}));

    const auto page = *store->entries({.after = {1}, .limit = 2});
    ASSERT_EQ(page.size(), 2U);
    EXPECT_EQ(page[0].seq.value, 2U);
    EXPECT_EQ(page[0].job.value, 7U);
    EXPECT_EQ(page[0].bytes, odd);
    EXPECT_EQ(page[1].seq.value, 3U);
    const auto of_job = *store->entries({.job = {7}, .limit = 10});
    ASSERT_EQ(of_job.size(), 2U);
    EXPECT_EQ(of_job[1].seq.value, 4U);
    EXPECT_TRUE(store->entries({.after = {4}})->empty());
    EXPECT_TRUE(store->entries({.job = {9}})->empty());
}

TEST_P(AnyStore, WritesAllOrNothing) {
    ASSERT_TRUE(write_entries({{{1}, {}, "a"}}));
    Transaction clash;
    clash.jobs = {job(1, JobState::pending)};
    clash.bodies = {make_body("x", "s")};
    clash.entries = {{{2}, {}, "b"}, {{1}, {}, "again"}};
    clash.head = {{2}, "wrong"};
    EXPECT_FALSE(store->write(clash));
    EXPECT_EQ(store->entries({})->size(), 1U);
    EXPECT_FALSE(store->job({1})->has_value());
    EXPECT_FALSE(store->body(clash.bodies[0].ref)->has_value());
    EXPECT_EQ(*store->head(), (Head{{1}, "head"}));
    EXPECT_TRUE(write_entries({{{2}, {}, "b"}}));
}

TEST_P(AnyStore, KeepsEqualBodiesOnceAndErasesThem) {
    const Body body = make_body(std::string("a\0b", 3), "salt");
    Transaction transaction;
    transaction.bodies = {body, body};
    ASSERT_TRUE(store->write(transaction));
    ASSERT_TRUE(store->write(transaction));
    EXPECT_EQ(*store->body(body.ref), body.content);
    ASSERT_TRUE(store->erase_body(body.ref));
    EXPECT_EQ(*store->body(body.ref), std::nullopt);
}

TEST_P(AnyStore, ListsJobsFromTheNewest) {
    Transaction transaction;
    transaction.jobs = {job(1, JobState::completed), job(2, JobState::pending, "poems"),
                        job(3, JobState::active), job(4, JobState::failed, "poems"),
                        job(5, JobState::held)};
    ASSERT_TRUE(store->write(transaction));
    EXPECT_EQ(ids(*store->jobs({})), (Ids{5, 3, 2}));
    EXPECT_EQ(ids(*store->jobs({.ended_too = true})), (Ids{5, 4, 3, 2, 1}));
    EXPECT_EQ(ids(*store->jobs({.ended_too = true, .before = {4}, .limit = 2})), (Ids{3, 2}));
    EXPECT_EQ(ids(*store->jobs({.scope = Scope{"default", "poems"}, .ended_too = true})),
              (Ids{4, 2}));
    EXPECT_EQ(ids(*store->jobs({.scope = Scope{"other", "poems"}, .ended_too = true})), Ids{});
    EXPECT_EQ(ids(*store->jobs({.states = {JobState::failed}})), (Ids{4}));
    EXPECT_EQ(ids(*store->jobs({.states = {JobState::active}})), (Ids{3}));

    transaction.jobs = {job(5, JobState::cancelled)};
    ASSERT_TRUE(store->write(transaction));
    EXPECT_EQ(ids(*store->jobs({})), (Ids{3, 2}));
}

TEST_P(AnyStore, KeepsEveryFieldOfARow) {
    JobSummary wanted = job(1, JobState::cancelled, "诗");
    wanted.owner = "token:first";
    wanted.shape = {3};
    wanted.body = "ref";
    wanted.started = {2'000};
    wanted.ended = {3'000};
    wanted.attempts = 2;
    wanted.center = "jiading";
    wanted.code = 1;
    wanted.signal = 15;
    wanted.cause = EndCause::cancelled;
    wanted.cost = {-5};
    wanted.priority = Priority::high;
    AttemptSummary attempt;
    attempt.attempt = {.job = {1}, .number = 2};
    attempt.center = {4};
    attempt.center_name = "jiading";
    attempt.pool = "a100";
    attempt.state = AttemptState::running;
    attempt.table = {9};
    attempt.usage = {.cpu_ms = 10, .peak_memory_mib = 20};
    attempt.price_at_most = {7};
    attempt.carbon_mg = 8;
    Transaction transaction;
    transaction.jobs = {wanted};
    transaction.attempts = {attempt};
    ASSERT_TRUE(store->write(transaction));

    const JobSummary got = store->job({1})->value();
    EXPECT_EQ(got.scope, wanted.scope);
    EXPECT_EQ(got.owner, wanted.owner);
    EXPECT_EQ(got.ended, wanted.ended);
    EXPECT_EQ(got.cause, wanted.cause);
    EXPECT_EQ(got.cost, wanted.cost);
    EXPECT_EQ(got.priority, wanted.priority);
    const auto attempts = *store->attempts({1});
    ASSERT_EQ(attempts.size(), 1U);
    EXPECT_EQ(attempts[0].attempt, attempt.attempt);
    EXPECT_EQ(attempts[0].table, attempt.table);
    EXPECT_EQ(attempts[0].cause, std::nullopt);
    EXPECT_EQ(attempts[0].usage, attempt.usage);
    EXPECT_EQ(attempts[0].carbon_mg, 8);
    EXPECT_TRUE(store->attempts({2})->empty());
}

TEST_P(AnyStore, AnEntryKeepsItsCenter) {
    ASSERT_TRUE(write_entries({{{1}, {}, "a", {4}}, {{2}, {7}, "b"}}));
    const auto entries = *store->entries({});
    EXPECT_EQ(entries[0].center, CenterId{4});
    EXPECT_EQ(entries[1].center, CenterId{});
}

TEST_P(AnyStore, ListsJobsByWhatIsAskedFor) {
    Transaction transaction;
    for (std::uint64_t n = 1; n <= 6; ++n) {
        JobSummary& row = transaction.jobs.emplace_back(job(n, static_cast<JobState>(n - 1)));
        row.name = n % 2 == 0 ? "sweep-" + std::to_string(n) : "o?[*]";
        row.owner = n <= 3 ? "token:ann" : "token:bob";
        row.kind = n == 2 ? JobKind::train : JobKind::batch;
        row.center = n == 5 ? "wuhan" : "jiading";
        row.submitted = {static_cast<std::int64_t>(n) * 1'000};
        row.body = n == 6 ? "ref" : "";
    }
    transaction.jobs.back().scope.project = "poems";
    ASSERT_TRUE(store->write(transaction));
    const auto list = [&](JobQuery query) { return ids(*store->jobs(query)); };
    EXPECT_EQ(list({.states = {JobState::held, JobState::completed}}), (Ids{4, 2}));
    EXPECT_EQ(list({.states = {JobState::pending, JobState::held}}), (Ids{2, 1}));
    EXPECT_EQ(list({.ended_too = true, .kinds = {JobKind::train}}), (Ids{2}));
    EXPECT_EQ(list({.ended_too = true, .centers = {"wuhan", "nowhere"}}), (Ids{5}));
    EXPECT_EQ(list({.ended_too = true, .names = {"sweep-*"}}), (Ids{6, 4, 2}));
    EXPECT_EQ(list({.ended_too = true, .names = {"o?[*]"}}), (Ids{5, 3, 1}));
    EXPECT_EQ(list({.ended_too = true, .names = {"*-4"}}), Ids{});
    EXPECT_EQ(list({.owners = {"token:ann"}, .before = {3}}), (Ids{2, 1}));
    EXPECT_EQ(list({.ended_too = true, .projects = {"poems"}}), (Ids{6}));
    EXPECT_EQ(list({.ended_too = true, .since = {5'000}}), (Ids{6, 5}));
    EXPECT_EQ(list({.ended_too = true, .body = "ref"}), (Ids{6}));
}

TEST_P(AnyStore, ListsAttemptsOfAllJobs) {
    Transaction transaction;
    for (std::uint64_t n = 1; n <= 3; ++n) {
        for (std::int64_t number = 1; number <= 2; ++number) {
            AttemptSummary& row = transaction.attempts.emplace_back();
            row.attempt = {.job = {n}, .number = number};
            row.center_name = n == 2 ? "wuhan" : "jiading";
            row.state = number == 1 ? AttemptState::ended : AttemptState::running;
        }
    }
    ASSERT_TRUE(store->write(transaction));
    const auto list = [&](const AttemptQuery& query) {
        std::string all;
        const Result<std::vector<AttemptSummary>> found = store->list_attempts(query);
        for (const AttemptSummary& row : *found) {
            all += std::to_string(row.attempt.job.value) + '.' +
                   std::to_string(row.attempt.number) + ' ';
        }
        return all;
    };
    EXPECT_EQ(list({.limit = 3}), "3.2 3.1 2.2 ");
    EXPECT_EQ(list({.before = AttemptKey{.job = {2}, .number = 2}}), "2.1 1.2 1.1 ");
    EXPECT_EQ(list({.job = {3}}), "3.2 3.1 ");
    EXPECT_EQ(list({.states = {AttemptState::running}, .centers = {"jiading"}}), "3.2 1.2 ");
}

TEST_P(AnyStore, KeepsTheNewestSnapshots) {
    EXPECT_FALSE(store->newest_snapshot()->has_value());
    for (const std::uint64_t seq : {5U, 70U, 900U}) {
        ASSERT_TRUE(store->write_snapshot({{seq}, "bytes of " + std::to_string(seq)}));
    }
    EXPECT_EQ((*store->newest_snapshot())->bytes, "bytes of 900");
    ASSERT_TRUE(store->drop_snapshot({900}));
    EXPECT_EQ((*store->newest_snapshot())->seq.value, 70U);
    ASSERT_TRUE(store->drop_snapshot({70}));
    EXPECT_FALSE(store->newest_snapshot()->has_value());
}

TEST_P(AnyStore, ReadersOnOtherThreadsSeeWholeTransactions) {
    std::jthread writer([&] {
        for (std::uint64_t n = 1; n <= 200; ++n) {
            Transaction transaction;
            transaction.entries = {{{2 * n - 1}, {n}, "a"}, {{2 * n}, {n}, "b"}};
            transaction.head = {{2 * n}, std::to_string(n)};
            transaction.jobs = {job(n, JobState::pending)};
            EXPECT_TRUE(store->write(transaction));
        }
    });
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            std::size_t count = 0;
            while (count < 400) {
                const Head head = *store->head();
                EXPECT_EQ(head.seq.value % 2, 0U);
                count = store->entries({.limit = 1'000})->size();
                EXPECT_EQ(count % 2, 0U);
                EXPECT_GE(count, head.seq.value);
                EXPECT_TRUE(count == 0 || store->job({count / 2})->has_value());
            }
        });
    }
}

}  // namespace
}  // namespace dayu::journal
