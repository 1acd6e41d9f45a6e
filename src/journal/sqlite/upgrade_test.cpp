// A data folder of an earlier dayu is brought forward; one of a later dayu is refused, and nothing in it is touched.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/testing/temporary_folder.h"
#include "control/handle.h"
#include "journal/backup.h"
#include "journal/entry.h"
#include "journal/journal.h"
#include "journal/snapshot.h"
#include "journal/sqlite/connection.h"
#include "journal/sqlite/schema.h"
#include "journal/testing/story.h"
#include "wire/json_fields.h"

namespace dayu::journal {
namespace {

namespace fs = std::filesystem;

constexpr const char* layout_1 = "tests/golden/layout-1.sql";

std::string read_text(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

void run_sql(const std::string& folder, const std::string& sql) {
    auto connection = sqlite::Connection::open(folder + "/journal.db", sqlite::Access::read_write);
    ASSERT_TRUE(connection);
    const Result<void> done = connection->execute(sql.c_str());
    ASSERT_TRUE(done) << done.error().message;
}

std::int64_t layout_of(const std::string& folder) {
    auto connection = sqlite::Connection::open(folder + "/journal.db", sqlite::Access::read_only);
    return *connection->read_integer("PRAGMA user_version");
}

// Path and content of every file.
std::map<std::string, std::string> files_of(const std::string& folder) {
    std::map<std::string, std::string> files;
    for (const auto& file : fs::recursive_directory_iterator(folder)) {
        if (file.is_regular_file() && file.path().filename() != "lock")
            files[file.path().string()] = read_text(file.path().string());
    }
    return files;
}

control::State folded(const Journal& journal) {
    control::State state;
    const auto rows = journal.store().entries({.limit = 100});
    for (const EntryRow& row : *rows) control::apply(state, parse_entry(row.bytes)->recorded);
    return state;
}

TEST(Upgrade, OfALayoutBeforeKeepsAllThatItHolds) {
    const TemporaryFolder root;
    run_sql(root.path(), read_text(layout_1));
    EXPECT_EQ(open_sqlite_store({.directory = root.path(), .read_only = true}).error().code,
              "journal_of_older_version");
    {
        auto store = open_sqlite_store({.directory = root.path(), .dayu = "9.8.7"});
        ASSERT_TRUE(store) << store.error().message;
        Journal journal(std::move(*store));
        const Result<Recovered> recovered = journal.recover();
        ASSERT_TRUE(recovered) << recovered.error().message;
        EXPECT_EQ(recovered->replayed, 28U);
        EXPECT_EQ(digest_of(recovered->state), digest_of(folded(journal)));
        EXPECT_EQ(recovered->state.jobs.size(), 2U);
        EXPECT_EQ(journal.check()->problem, "");
        const auto jobs = *journal.store().jobs({.ended_too = true});
        ASSERT_EQ(jobs.size(), 4U);
        EXPECT_EQ(jobs.back().name, "tang-lm");
        EXPECT_EQ(jobs.back().state, JobState::completed);
        EXPECT_FALSE(jobs.back().array);
        EXPECT_EQ(journal.store().attempts({1})->size(), 2U);
        EXPECT_EQ(*journal.store().body(jobs.back().body), "run");
        // It goes on from there.
        control::State state = recovered->state;
        const auto next = testing::accepted({29}, {5});
        control::apply(state, next);
        EXPECT_TRUE(journal.append({&next, 1}, {}, state));
    }
    EXPECT_EQ(layout_of(root.path()), sqlite::newest_layout());
    EXPECT_NE(read_text(root.path() + "/version.json").find("9.8.7"), std::string::npos);
    EXPECT_TRUE(open_sqlite_store({.directory = root.path(), .read_only = true}));
}

TEST(Upgrade, ThatFailsLeavesTheLayoutAsItWas) {
    const TemporaryFolder root;
    run_sql(root.path(), read_text(layout_1));
    run_sql(root.path(), "CREATE TABLE jobs_of_array(only INTEGER)");  // in the way of a later step
    EXPECT_FALSE(open_sqlite_store({.directory = root.path()}));
    EXPECT_EQ(layout_of(root.path()), 1);
    run_sql(root.path(), "DROP TABLE jobs_of_array");
    EXPECT_TRUE(open_sqlite_store({.directory = root.path()}));
}

TEST(Upgrade, ABackupOfALayoutBeforeIsRestored) {
    const TemporaryFolder root;
    const std::string backup = root.path() + "/backup", data = root.path() + "/data";
    fs::create_directory(backup);
    run_sql(backup, read_text(layout_1));
    BackupFacts facts{.format = 1, .dayu = "0.1", .state_layout = "of that time"};
    {
        auto connection =
            sqlite::Connection::open(backup + "/journal.db", sqlite::Access::read_only);
        sqlite::Statement& head = **connection->statement("SELECT seq, hash FROM head");
        ASSERT_TRUE(*head.step());
        facts.seq.value = static_cast<std::uint64_t>(head.read_integer());
        facts.hash = head.read_text();
    }
    facts.files = {{.path = "journal.db",
                    .bytes = static_cast<std::int64_t>(fs::file_size(backup + "/journal.db")),
                    .mode = 0600,
                    .sha256 = to_hex(sha256(read_text(backup + "/journal.db")))}};
    std::string text;
    wire::write_json(text, facts);
    std::ofstream(backup + "/backup.json") << text;

    const auto restored = restore({.backup = backup, .data = data, .dayu = "9.8.7", .now = {}});
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(layout_of(data), sqlite::newest_layout());
    EXPECT_EQ(layout_of(backup), 1);
    EXPECT_EQ((*restored_from(data))->seq.value, 28U);
    EXPECT_TRUE(forget_backup(data));
    EXPECT_FALSE(*restored_from(data));
}

TEST(Upgrade, ABackupOfAFolderThatWasNeverBroughtForwardKeepsItsLayout) {
    const TemporaryFolder root;
    const std::string data = root.path() + "/data", backup = root.path() + "/backup";
    const std::string again = root.path() + "/again";
    fs::create_directory(data);
    run_sql(data, read_text(layout_1));
    const auto before = files_of(data);
    const auto facts = back_up({.data = data, .target = backup, .dayu = "9.8.7", .now = {}});
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_EQ(facts->seq.value, 28U);
    EXPECT_EQ(files_of(data), before);
    EXPECT_EQ(layout_of(backup), 1);
    EXPECT_EQ(files_of(backup).size(), 2U);  // the journal and backup.json
    const auto restored = restore({.backup = backup, .data = again, .dayu = "9.8.7", .now = {}});
    ASSERT_TRUE(restored) << restored.error().message;
    EXPECT_EQ(restored->state, facts->state);
    EXPECT_EQ(layout_of(again), sqlite::newest_layout());
}

TEST(Upgrade, AFolderOfALaterDayuIsRefusedUntouched) {
    const TemporaryFolder root;
    { ASSERT_TRUE(open_sqlite_store({.directory = root.path(), .dayu = "1.0"})); }
    for (const char* forms :
         {R"({"dayu":"2.0","forms":{"layout":99}})", R"({"dayu":"2.0","forms":{"ledger":1}})"}) {
        std::ofstream(root.path() + "/version.json") << forms;
        const auto before = files_of(root.path());
        for (const bool read_only : {true, false}) {
            const auto opened = open_sqlite_store(
                {.directory = root.path(), .read_only = read_only, .dayu = "1.0"});
            ASSERT_FALSE(opened);
            EXPECT_EQ(opened.error().code, "data_of_newer_version");
            EXPECT_NE(opened.error().message.find("dayu 2.0"), std::string::npos);
            EXPECT_NE(opened.error().message.find("dayu 1.0"), std::string::npos);
        }
        EXPECT_EQ(files_of(root.path()), before);
        EXPECT_EQ(
            back_up(
                {.data = root.path(), .target = root.path() + "-backup", .dayu = "1.0", .now = {}})
                .error()
                .code,
            "data_of_newer_version");
    }
    std::ofstream(root.path() + "/version.json") << "torn";
    EXPECT_EQ(open_sqlite_store({.directory = root.path()}).error().code,
              "data_version_unreadable");
    // Without that file the layout itself tells.
    fs::remove(root.path() + "/version.json");
    run_sql(root.path(), "PRAGMA user_version=99");
    EXPECT_EQ(open_sqlite_store({.directory = root.path()}).error().code,
              "journal_of_newer_version");
}

}  // namespace
}  // namespace dayu::journal
