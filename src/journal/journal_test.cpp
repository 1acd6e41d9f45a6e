#include "journal/journal.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "control/handle.h"
#include "journal/entry.h"
#include "journal/snapshot.h"
#include "journal/testing/story.h"
#include "wire/json_fields.h"

namespace dayu::journal {
namespace {

using testing::append_all;
using testing::state_after;
using testing::story;

// Lends a store to several journals, one after the other: a server that is started again.
class Lent final : public Store {
   public:
    explicit Lent(Store& to) : to_(to) {}
    Result<void> write(const Transaction& t) override { return to_.write(t); }
    Result<Head> head() const override { return to_.head(); }
    Result<std::vector<EntryRow>> entries(const EntryQuery& q) const override {
        return to_.entries(q);
    }
    Result<std::optional<std::string>> body(const BodyRef& r) const override { return to_.body(r); }
    Result<void> erase_body(const BodyRef& r) override { return to_.erase_body(r); }
    Result<std::vector<JobSummary>> jobs(const JobQuery& q) const override { return to_.jobs(q); }
    Result<std::optional<JobSummary>> job(JobId j) const override { return to_.job(j); }
    Result<std::vector<AttemptSummary>> attempts(JobId j) const override { return to_.attempts(j); }
    Result<std::vector<AttemptSummary>> list_attempts(const AttemptQuery& q) const override {
        return to_.list_attempts(q);
    }
    Result<void> write_snapshot(const Snapshot& s) override { return to_.write_snapshot(s); }
    Result<std::optional<Snapshot>> newest_snapshot() const override {
        return to_.newest_snapshot();
    }
    Result<void> drop_snapshot(Seq s) override { return to_.drop_snapshot(s); }

   private:
    Store& to_;
};

struct Data {
    std::unique_ptr<Store> store = make_memory_store();
    Journal open() { return Journal(std::make_unique<Lent>(*store)); }
};

TEST(Journal, RecoversTheStateFromItsEntries) {
    Data data;
    const auto events = story();
    for (const std::size_t batch : {1U, 5U, 1'000U}) {
        Data fresh;
        Journal first = fresh.open();
        append_all(first, events, batch);
        const Result<Recovered> recovered = fresh.open().recover();
        ASSERT_TRUE(recovered) << recovered.error().message;
        EXPECT_EQ(recovered->replayed, events.size());
        EXPECT_EQ(recovered->snapshot.value, 0U);
        EXPECT_EQ(digest_of(recovered->state), digest_of(state_after(events)));
    }
}

TEST(Journal, GoesOnWhereItEnded) {
    Data data;
    const auto events = story();
    Journal first = data.open();
    append_all(first, std::span(events));

    Journal second = data.open();
    Recovered recovered = *second.recover();
    const control::RecordedEvent next = testing::accepted({events.size() + 1}, {5});
    control::apply(recovered.state, next);
    const auto rendered = second.append({&next, 1}, {}, recovered.state);
    ASSERT_TRUE(rendered) << rendered.error().message;
    EXPECT_EQ(rendered->front().job.value, 5U);
    EXPECT_EQ(rendered->front().type, "job_accepted");
    EXPECT_EQ(*rendered->front().bytes,
              data.store->entries({.after = {events.size()}})->front().bytes);
    EXPECT_EQ(second.check()->problem, "");
    EXPECT_EQ(second.check()->entries, events.size() + 1);
}

TEST(Journal, StartsFromTheNewestReadableSnapshot) {
    Data data;
    const auto events = story();
    Journal journal = data.open();
    EXPECT_EQ(journal.make_snapshot()->value, 0U);
    append_all(journal, events);
    EXPECT_EQ(journal.make_snapshot()->value, events.size());

    Recovered recovered = *data.open().recover();
    EXPECT_EQ(recovered.snapshot.value, events.size());
    EXPECT_EQ(recovered.replayed, 0U);
    EXPECT_EQ(digest_of(recovered.state), digest_of(state_after(events)));

    const control::RecordedEvent next = testing::accepted({events.size() + 1}, {5});
    control::apply(recovered.state, next);
    ASSERT_TRUE(journal.append({&next, 1}, {}, recovered.state));
    EXPECT_EQ(journal.make_snapshot()->value, events.size() + 1);
    EXPECT_EQ(data.open().recover()->snapshot.value, events.size() + 1);

    // The newest is damaged, so the one before it and one entry do.
    ASSERT_TRUE(data.store->write_snapshot({{events.size() + 1}, "torn"}));
    const Recovered older = *data.open().recover();
    EXPECT_EQ(older.snapshot.value, events.size());
    EXPECT_EQ(older.replayed, 1U);
    EXPECT_EQ(digest_of(older.state), digest_of(recovered.state));
}

TEST(Journal, RefusesASnapshotOfAnotherJournal) {
    Data data;
    const auto events = story();
    Journal journal = data.open();
    append_all(journal, events);
    const std::string bytes = encode_snapshot(state_after(events), hash_of_entry("another one"));
    ASSERT_TRUE(data.store->write_snapshot({{events.size()}, bytes}));
    const Result<Recovered> recovered = data.open().recover();
    ASSERT_FALSE(recovered);
    EXPECT_EQ(recovered.error().code, "journal_damaged");
}

TEST(Journal, LeavesNoTraceOfAFailedAppend) {
    Data data;
    const auto events = story();
    Journal journal = data.open();
    append_all(journal, events);
    const Head before = *data.store->head();

    // Someone else's entry stands in the way: the store refuses.
    Transaction foreign;
    foreign.entries = {{{events.size() + 1}, {}, "foreign"}};
    foreign.head = before;
    ASSERT_TRUE(data.store->write(foreign));
    control::State state = state_after(events);
    const control::RecordedEvent next = testing::accepted({events.size() + 1}, {5});
    control::apply(state, next);
    EXPECT_FALSE(journal.append({&next, 1}, {}, state));
    EXPECT_FALSE(data.store->job({5})->has_value());

    const CheckReport report = *journal.check();
    EXPECT_EQ(report.bad.value, events.size() + 1);
    EXPECT_NE(report.problem.find("was not written by dayu"), std::string::npos) << report.problem;
    EXPECT_FALSE(data.open().recover());
}

TEST(Journal, ListsFollowTheEvents) {
    Data data;
    Journal journal = data.open();
    append_all(journal, story(), 3);

    const JobSummary first = data.store->job({1})->value();
    EXPECT_EQ(first.name, "tang-lm");
    EXPECT_EQ(first.owner, "token:first");
    EXPECT_EQ(first.state, JobState::completed);
    EXPECT_EQ(first.attempts, 2);
    EXPECT_EQ(first.center, "jiading");
    EXPECT_EQ(first.cost.micro_yuan, 3'066'666);
    EXPECT_NE(first.started.ms, 0);
    EXPECT_NE(first.ended.ms, 0);
    const auto attempts = *data.store->attempts({1});
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[0].state, AttemptState::ended);
    EXPECT_EQ(attempts[0].code, 75);
    EXPECT_EQ(attempts[0].usage.cpu_ms, 58'000);
    EXPECT_EQ(attempts[0].table.value, 8U);
    EXPECT_EQ(attempts[1].cause, EndCause::exited);

    EXPECT_EQ(data.store->job({2})->value().state, JobState::cancelled);
    EXPECT_EQ(data.store->job({2})->value().cause, EndCause::cancelled);
    EXPECT_EQ(data.store->job({3})->value().state, JobState::active);
    EXPECT_EQ(data.store->job({4})->value().state, JobState::pending);
    EXPECT_EQ(data.store->entries({.job = {4}})->size(), 1U);
}

// ---- damage ----

std::vector<EntryRow> rows_of_story() {
    Data data;
    Journal journal = data.open();
    append_all(journal, story());
    return *data.store->entries({.limit = 1'000});
}

// Puts the rows into a store whose head is that of the whole story, and checks them.
CheckReport check_rows(std::vector<EntryRow> rows) {
    const std::vector<EntryRow> whole = rows_of_story();
    Data data;
    Transaction transaction;
    transaction.entries = std::move(rows);
    transaction.head = {.seq = whole.back().seq, .hash = hash_of_entry(whole.back().bytes)};
    EXPECT_TRUE(data.store->write(transaction));
    const CheckReport report = *data.open().check();
    const Result<Recovered> recovered = data.open().recover();
    EXPECT_EQ(recovered.ok(), report.problem.empty());
    if (!recovered) {
        EXPECT_EQ(recovered.error().code, "journal_damaged");
        EXPECT_EQ(recovered.error().message, report.problem + ". " + report.remedy);
    }
    return report;
}

TEST(JournalCheck, PassesWhatIsWhole) { EXPECT_EQ(check_rows(rows_of_story()).problem, ""); }

TEST(JournalCheck, FindsEveryMissingEntry) {
    const auto whole = rows_of_story();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto rows = whole;
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
        const CheckReport report = check_rows(rows);
        EXPECT_EQ(report.bad.value, at + 1);
        EXPECT_NE(report.problem.find("missing"), std::string::npos) << report.problem;
        EXPECT_NE(report.remedy.find("restore a backup"), std::string::npos) << report.remedy;
    }
}

TEST(JournalCheck, FindsEveryTornEntry) {
    const auto whole = rows_of_story();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto rows = whole;
        rows[at].bytes.resize(rows[at].bytes.size() / 2);
        const CheckReport report = check_rows(rows);
        EXPECT_EQ(report.bad.value, at + 1);
        EXPECT_NE(report.problem.find("torn"), std::string::npos) << report.problem;
    }
}

TEST(JournalCheck, FindsEveryEditedEntry) {
    const auto whole = rows_of_story();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto rows = whole;
        std::string& bytes = rows[at].bytes;
        const std::size_t year = bytes.find(R"("at":"2026)");
        ASSERT_NE(year, std::string::npos);
        bytes[year + 9] = '7';
        const CheckReport report = check_rows(rows);
        EXPECT_EQ(report.bad.value, at + 1) << report.problem;
        EXPECT_NE(report.problem.find("edited"), std::string::npos) << report.problem;
    }
}

TEST(JournalCheck, FindsEveryReorderedPair) {
    const auto whole = rows_of_story();
    for (std::size_t at = 0; at + 1 < whole.size(); ++at) {
        auto rows = whole;
        std::swap(rows[at].bytes, rows[at + 1].bytes);
        const CheckReport report = check_rows(rows);
        EXPECT_EQ(report.bad.value, at + 1);
        EXPECT_NE(report.problem.find("reordered"), std::string::npos) << report.problem;
    }
}

TEST(JournalCheck, FindsACutTailAndAMisfiledEntry) {
    auto rows = rows_of_story();
    const std::size_t count = rows.size();
    rows.resize(count - 3);
    EXPECT_EQ(check_rows(rows).problem, "entries " + std::to_string(count - 2) + " to " +
                                            std::to_string(count) +
                                            " are missing: the journal is cut off");
    rows = rows_of_story();
    rows[6].job = {99};
    EXPECT_EQ(check_rows(rows).bad.value, 7U);
}

TEST(JournalCheck, SaysOfANewerVersionThatNothingIsDamaged) {
    auto rows = rows_of_story();
    std::string& bytes = rows[4].bytes;
    bytes.replace(bytes.rfind(R"("v":1)"), 5, R"("v":9)");
    const CheckReport report = check_rows(rows);
    EXPECT_EQ(report.bad.value, 5U);
    EXPECT_NE(report.remedy.find("nothing is damaged"), std::string::npos);
}

// ---- golden journals: what a release wrote is read for ever ----

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string key_text(const auto& key) {
    std::string text;
    wire::write_json(text, key);
    return text;
}

// State for people: a difference shows what an old journal now means.
std::string text_of(const control::State& state) {
    wire::Json json;
    json["header"] = wire::to_json(state.header);
    control::for_each_table(state, [&](std::string_view name, const auto& table) {
        wire::Json rows(wire::Json::Object{});
        for (const auto& [key, row] : table.rows()) rows[key_text(key)] = wire::to_json(row);
        json[name] = std::move(rows);
    });
    return wire::to_pretty_text(json);
}

std::vector<EntryRow> read_golden(const std::string& path) {
    std::vector<EntryRow> rows;
    std::istringstream lines(read_text(path));
    for (std::string line; std::getline(lines, line);) {
        const Result<ParsedEntry> parsed = parse_entry(line);
        EXPECT_TRUE(parsed) << parsed.error().message;
        if (!parsed) return {};
        rows.push_back({{rows.size() + 1}, job_of(parsed->recorded.event), line});
    }
    return rows;
}

constexpr const char* golden_journal = "tests/golden/v1.jsonl";
constexpr const char* golden_state = "tests/golden/v1.state.json";

// DAYU_WRITE_GOLDEN=1 writes the files of the present version; tests/golden/README.md says when.
TEST(Golden, IsWrittenAnewWhenAskedFor) {
    if (std::getenv("DAYU_WRITE_GOLDEN") == nullptr) GTEST_SKIP() << "DAYU_WRITE_GOLDEN is not set";
    std::ofstream journal(golden_journal, std::ios::binary);
    for (const EntryRow& row : rows_of_story()) journal << row.bytes << '\n';
    std::ofstream(golden_state, std::ios::binary) << text_of(state_after(story())) << '\n';
}

TEST(Golden, ReplaysToTheSameState) {
    const auto rows = read_golden(golden_journal);
    ASSERT_FALSE(rows.empty()) << golden_journal << " is read from the source folder";
    Data data;
    Transaction transaction;
    transaction.entries = rows;
    transaction.head = {.seq = rows.back().seq, .hash = hash_of_entry(rows.back().bytes)};
    ASSERT_TRUE(data.store->write(transaction));
    const Result<Recovered> recovered = data.open().recover();
    ASSERT_TRUE(recovered) << recovered.error().message;
    EXPECT_EQ(text_of(recovered->state) + "\n", read_text(golden_state));
}

TEST(Golden, HoldsEveryEvent) {
    const std::string journal = read_text(golden_journal);
    const auto look_for = [&](std::string_view type) {
        EXPECT_NE(journal.find(fmt::format(R"("type":"{}")", type)), std::string::npos)
            << type << " is in no golden journal: tests/golden/README.md says how it gets there";
    };
    const auto look = [&]<class... Events>(std::variant<Events...>*) {
        (look_for(Events::type), ...);
    };
    look(static_cast<control::Event*>(nullptr));
}

}  // namespace
}  // namespace dayu::journal
