// Old entries lie in the archive, and nobody notices; at every step of the way there they are in one place or in both.
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "control/handle.h"
#include "journal/backup.h"
#include "journal/journal.h"
#include "journal/retention.h"
#include "journal/snapshot.h"
#include "journal/sqlite/connection.h"
#include "journal/testing/story.h"

namespace dayu::journal {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t more_jobs = 1'000;
constexpr Time dawn{1'795'000'000'000};  // of the story

Journal open(const std::string& data) {
    return Journal(std::move(*open_sqlite_store({.directory = data, .dayu = "1"})));
}

// The story, and many jobs behind it.
control::State tell(Journal& journal) {
    testing::append_all(journal, testing::story());
    control::State state = testing::state_after(testing::story());
    std::vector<control::RecordedEvent> events;
    for (std::size_t i = 0; i < more_jobs; ++i) {
        events.push_back(testing::accepted({state.header.last_seq.value + 1}, {3'000'000 + i}));
        control::apply(state, events.back());
    }
    EXPECT_TRUE(journal.append(events, {}, state));
    return state;
}

std::vector<std::string> texts(const Journal& journal, const EntryQuery& query) {
    const auto rows = journal.store().entries(query);
    EXPECT_TRUE(rows) << rows.error().message;
    std::vector<std::string> texts;
    if (rows) {
        for (const EntryRow& row : *rows)
            texts.push_back(fmt::format("{} {} {}", row.seq.value, row.job.value, row.bytes));
    }
    return texts;
}

std::string segment_file(const std::string& data, std::uint64_t first) {
    return fmt::format("{}/archive/{:020}.jsonl.zst", data, first);
}

std::int64_t ask(const std::string& data, const std::string& sql) {
    auto connection = sqlite::Connection::open(data + "/journal.db", sqlite::Access::read_write);
    return *connection->read_integer(sql);
}

void run_sql(const std::string& data, const std::string& sql) {
    auto connection = sqlite::Connection::open(data + "/journal.db", sqlite::Access::read_write);
    const Result<void> done = connection->execute(sql.c_str());
    ASSERT_TRUE(done) << done.error().message;
}

TEST(Archive, IsReadAsTheJournalWas) {
    const TemporaryFolder root;
    const std::string& data = root.path();
    std::vector<std::string> all, of_job;
    control::State state;
    {
        Journal journal = open(data);
        state = tell(journal);
        all = texts(journal, {.limit = 5'000});
        of_job = texts(journal, {.job = {1}});
        ASSERT_TRUE(journal.make_snapshot());
        EXPECT_EQ(*journal.archive({700}), 700U);
        EXPECT_EQ(*journal.archive({700}), 0U);
        EXPECT_EQ(texts(journal, {.limit = 5'000}), all);
        EXPECT_EQ(texts(journal, {.job = {1}}), of_job);
        EXPECT_EQ(texts(journal, {.after = {698}, .limit = 4}),
                  std::vector(all.begin() + 698, all.begin() + 702));
        EXPECT_EQ(*journal.archive({900}), 200U);
        EXPECT_TRUE(journal.store().give_back_space());
    }
    EXPECT_EQ(ask(data, "SELECT count(*) FROM entries WHERE length(bytes) > 0"),
              static_cast<std::int64_t>(all.size() - 900));
    Journal journal = open(data);
    const auto report = journal.check();
    EXPECT_EQ(report->problem, "");
    EXPECT_EQ(report->entries, all.size());
    EXPECT_EQ(report->archived, 900U);
    EXPECT_EQ(digest_of(journal.recover()->state), digest_of(state));
    EXPECT_EQ(digest_of(journal.replay()->state), digest_of(state));
    const auto next = testing::accepted({all.size() + 1}, {4'000'000});
    control::apply(state, next);
    EXPECT_TRUE(journal.append({&next, 1}, {}, state));
    EXPECT_EQ(*journal.archive({all.size() + 1}), all.size() + 1 - 900);
    EXPECT_EQ(journal.check()->problem, "");
    EXPECT_LT(fs::file_size(segment_file(data, 1)), 100'000U);
}

TEST(Archive, WhatACrashLeftBehindDoesNoHarm) {
    const TemporaryFolder root;
    const std::string& data = root.path();
    Journal journal = open(data);
    tell(journal);
    const auto all = texts(journal, {.limit = 5'000});
    // A file half written, and one that is whole and that the journal does not know.
    fs::create_directory(data + "/archive");
    std::ofstream(segment_file(data, 1) + ".tmp") << "half";
    std::ofstream(segment_file(data, 1)) << "of another time";
    EXPECT_EQ(texts(journal, {.limit = 5'000}), all);
    ASSERT_EQ(*journal.archive({500}), 500U);
    EXPECT_EQ(texts(journal, {.limit = 5'000}), all);
    // The file counts, and the rows are not empty yet: both are read alike, and the next time ends it.
    const std::string bytes = journal.store().entries({.after = {4}, .limit = 1})->front().bytes;
    run_sql(data, "UPDATE entries SET bytes = CAST('" + bytes + "' AS BLOB) WHERE seq = 5");
    EXPECT_EQ(texts(journal, {.limit = 5'000}), all);
    ASSERT_EQ(*journal.archive({600}), 100U);
    EXPECT_EQ(ask(data, "SELECT count(*) FROM entries WHERE seq <= 600 AND length(bytes) > 0"), 0);
    EXPECT_EQ(texts(journal, {.limit = 5'000}), all);
    EXPECT_EQ(journal.check()->problem, "");
}

TEST(Archive, WhatACrashCutShortIsEndedByTheNextStart) {
    const TemporaryFolder root;
    const std::string& data = root.path();
    std::vector<std::string> all;
    {
        Journal journal = open(data);
        tell(journal);
        all = texts(journal, {.limit = 5'000});
        ASSERT_EQ(*journal.archive({500}), 500U);
        const std::string bytes =
            journal.store().entries({.after = {4}, .limit = 1})->front().bytes;
        run_sql(data, "UPDATE entries SET bytes = CAST('" + bytes + "' AS BLOB) WHERE seq = 5");
    }
    Journal journal = open(data);
    EXPECT_EQ(ask(data, "SELECT count(*) FROM entries WHERE seq <= 500 AND length(bytes) > 0"), 0);
    EXPECT_EQ(texts(journal, {.limit = 5'000}), all);
}

TEST(Archive, AFullDiskLeavesAllAsItWas) {
    const TemporaryFolder root;
    const std::string& data = root.path();
    Journal journal = open(data);
    tell(journal);
    const auto all = texts(journal, {.limit = 5'000});

    const auto before = ::signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = limit;
    small.rlim_cur = 1'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto moved = journal.archive({900});
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    ::signal(SIGXFSZ, before);

    EXPECT_FALSE(moved);
    EXPECT_FALSE(journal.store().archived()->seq);
    EXPECT_TRUE(fs::is_empty(data + "/archive"));
    EXPECT_EQ(texts(journal, {.limit = 5'000}), all);
    EXPECT_EQ(*journal.archive({900}), 900U);
    EXPECT_EQ(texts(journal, {.limit = 5'000}), all);
}

TEST(Archive, TellsWhichFileIsNotWhatWasWritten) {
    const TemporaryFolder root;
    const std::string& data = root.path();
    {
        Journal journal = open(data);
        tell(journal);
        ASSERT_TRUE(journal.archive({700}));
    }
    const std::string path = segment_file(data, 1);
    std::stringstream whole;
    whole << std::ifstream(path, std::ios::binary).rdbuf();
    const auto expect_told = [&] {
        Journal journal = open(data);
        const auto checked = journal.check();
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error().code, "archive_damaged");
        EXPECT_NE(checked.error().message.find(path), std::string::npos);
    };
    std::string flipped = whole.str();
    flipped[flipped.size() / 2] ^= 1;
    std::ofstream(path, std::ios::binary) << flipped;
    expect_told();
    std::ofstream(path, std::ios::binary) << whole.str().substr(0, 3'000);
    expect_told();
    fs::remove(path);
    expect_told();
    std::ofstream(path, std::ios::binary) << whole.str();
    EXPECT_EQ(open(data).check()->problem, "");
}

TEST(Archive, ABrokenChainIsNotArchived) {
    const TemporaryFolder root;
    Journal journal = open(root.path());
    tell(journal);
    run_sql(root.path(), "UPDATE entries SET bytes = x'7b7d' WHERE seq = 300");
    EXPECT_EQ(journal.archive({700}).error().code, "journal_damaged");
    EXPECT_FALSE(journal.store().archived()->seq);
}

TEST(Archive, IsInABackup) {
    const TemporaryFolder root;
    const std::string data = root.path() + "/data", backup = root.path() + "/backup",
                      again = root.path() + "/again";
    Journal journal = open(data);
    const control::State state = tell(journal);
    ASSERT_EQ(*journal.archive({700}), 700U);
    ASSERT_TRUE(back_up({.data = data, .target = backup, .dayu = "1", .now = {}}));
    ASSERT_EQ(*journal.archive({800}), 100U);  // of the time after it
    const auto restored = restore({.backup = backup, .data = again, .dayu = "1", .now = {}});
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->state, digest_of(state));
    EXPECT_TRUE(fs::exists(segment_file(again, 1)));
    EXPECT_EQ(open(again).check()->archived, 700U);
}

const auto never = [] { return false; };

TEST(Caretaker, ArchivesWhatIsOldEnoughWhenItIsEnough) {
    const TemporaryFolder root;
    Journal journal = open(root.path());
    tell(journal);
    const Retention retention{.entries = seconds(3'600), .bodies = {}, .jobs = {}};
    const Time now = dawn + seconds(3'630);  // entry n of the story is of second n - 1
    EXPECT_EQ(Caretaker(journal, retention, 31).tend(now, never)->archived, 0U);
    EXPECT_EQ(Caretaker(journal, retention, 30).tend(now, never)->archived, 30U);
    EXPECT_EQ(journal.store().archived()->seq.value, 30U);
    EXPECT_TRUE(journal.store().newest_snapshot()->has_value());
    EXPECT_EQ(Caretaker(journal, retention, 1).tend(now, never)->archived, 0U);
    EXPECT_GT(Caretaker(journal, retention, 1).tend(now + seconds(9'999), never)->archived,
              more_jobs);
}

JobSummary summary(JobId id, JobId array, std::int64_t ended_s, std::string body) {
    JobSummary job{.job = id, .body = std::move(body)};
    job.array = array;
    if (ended_s == 0) return job;
    job.state = JobState::completed;
    job.ended = dawn + seconds(ended_s);
    return job;
}

TEST(Caretaker, ErasesBodiesAndForgetsJobsLongAfterTheirEnd) {
    const TemporaryFolder root;
    auto store = std::move(*open_sqlite_store({.directory = root.path()}));
    Transaction rows;
    rows.jobs = {summary({1}, {}, 100, "old"), summary({2}, {}, 0, "live"),
                 summary({3}, {}, 900, "young"), summary({4}, {4}, 50, "array"),
                 summary({5}, {4}, 0, "array")};
    for (const char* body : {"old", "live", "young", "array"})
        rows.bodies.push_back({.ref = body, .salt = "s", .content = "echo"});
    rows.attempts = {{.attempt = {{1}, 1}}, {.attempt = {{4}, 1}}, {.attempt = {{5}, 1}}};
    ASSERT_TRUE(store->write(rows));
    Journal journal(std::move(store));
    const auto left = [&] {
        std::string text;
        const auto jobs = journal.store().jobs({.ended_too = true});
        for (const JobSummary& job : *jobs) {
            const auto body = journal.store().body(job.body);
            text += fmt::format("{}{} ", job.job.value, body->has_value() ? "+" : "");
        }
        return text;
    };
    Caretaker bodies(journal, {.entries = {}, .bodies = seconds(500), .jobs = {}});
    EXPECT_EQ(bodies.tend(dawn + seconds(1'000), never)->bodies, 1U);
    EXPECT_EQ(left(), "5+ 4+ 3+ 2+ 1 ");
    Caretaker jobs(journal, {.entries = {}, .bodies = {}, .jobs = seconds(500)});
    EXPECT_EQ(jobs.tend(dawn + seconds(1'000), never)->jobs, 1U);
    EXPECT_EQ(left(), "5+ 4+ 3+ 2+ ");
    EXPECT_TRUE(journal.store().attempts({1})->empty());
    // The array as a whole, once its last task has ended.
    ASSERT_TRUE(journal.store().write({.jobs = {summary({5}, {4}, 1'000, "array")}}));
    EXPECT_EQ(bodies.tend(dawn + seconds(1'501), never)->bodies, 2U);
    EXPECT_EQ(left(), "5 4 3 2+ ");
    EXPECT_EQ(jobs.tend(dawn + seconds(1'501), never)->jobs, 2U);
    EXPECT_EQ(left(), "2+ ");
    EXPECT_TRUE(journal.store().attempts({4})->empty());
}

}  // namespace
}  // namespace dayu::journal
