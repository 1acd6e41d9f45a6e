// What the store on disk promises beyond every other: it is there after a restart, it is held by one
// server at a time, and a full disk does it no harm.
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "control/handle.h"
#include "journal/entry.h"
#include "journal/journal.h"
#include "journal/snapshot.h"
#include "journal/sqlite/connection.h"
#include "journal/testing/story.h"

namespace dayu::journal {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Store> open_store(const std::string& directory) {
    Result<std::unique_ptr<Store>> opened = open_sqlite_store({.directory = directory});
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
}

TEST(SqliteStore, IsThereAfterARestart) {
    const TemporaryFolder root;
    const std::string directory = root.path() + "/var/data";  // made with its parents
    const auto events = testing::story();
    {
        Journal journal(open_store(directory));
        testing::append_all(journal, events, 4);
        EXPECT_TRUE(journal.make_snapshot());
    }
    Journal journal(open_store(directory));
    const Result<Recovered> recovered = journal.recover();
    ASSERT_TRUE(recovered) << recovered.error().message;
    EXPECT_EQ(recovered->snapshot.value, events.size());
    EXPECT_EQ(digest_of(recovered->state), digest_of(testing::state_after(events)));
    EXPECT_EQ(journal.check()->problem, "");
    EXPECT_EQ(journal.store().job({2})->value().state, JobState::cancelled);
}

TEST(SqliteStore, RefusesASecondServerAndNamesTheFirst) {
    const TemporaryFolder root;
    std::unique_ptr<Store> first = open_store(root.path());
    const auto second = open_sqlite_store({.directory = root.path()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::conflict);
    EXPECT_EQ(second.error().code, "data_in_use");
    EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())),
              std::string::npos)
        << second.error().message;
    first.reset();
    EXPECT_TRUE(open_sqlite_store({.directory = root.path()}));
}

TEST(SqliteStore, ReadersNeedNoLockAndWriteNothing) {
    const TemporaryFolder root;
    EXPECT_EQ(open_sqlite_store({.directory = root.path(), .read_only = true}).error().code,
              "journal_not_accessible");
    const auto check = [&] {
        auto store = open_sqlite_store({.directory = root.path(), .read_only = true});
        ASSERT_TRUE(store) << store.error().message;
        EXPECT_EQ((*store)->write({}).error().code, "journal_read_only");
        EXPECT_EQ((*store)->write_snapshot({}).error().code, "journal_read_only");
        Journal journal(std::move(*store));
        EXPECT_EQ(journal.check()->entries, testing::story().size());
    };
    std::unique_ptr<Store> store = open_store(root.path());
    Journal journal(std::move(store));
    testing::append_all(journal, testing::story());
    check();  // beside a running server
    { const Journal ended(std::move(journal)); }
    check();  // and with none
}

TEST(SqliteStore, RefusesAFileOfANewerLayoutAndOneThatIsNone) {
    const TemporaryFolder root;
    std::ofstream(root.path() + "/journal.db") << std::string(4'096, 'x');
    const auto opened = open_sqlite_store({.directory = root.path()});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "journal_damaged");
}

// What an older layout did not keep is found in the entries.
TEST(SqliteStore, BringsAnOlderLayoutForward) {
    const TemporaryFolder root;
    const auto seen = [&] {
        std::string all;
        const auto store = open_store(root.path());
        const auto entries = *store->entries({});
        const auto jobs = *store->jobs({.ended_too = true});
        for (const EntryRow& row : entries) all += std::to_string(row.center.value) + ' ';
        for (const JobSummary& row : jobs) all += std::string(to_string(row.kind)) + ' ';
        return all;
    };
    {
        Journal journal(open_store(root.path()));
        testing::append_all(journal, testing::story(), 100);
    }
    const std::string before = seen();
    EXPECT_NE(before.find("1 "), std::string::npos);
    EXPECT_NE(before.find("train"), std::string::npos);
    {
        auto file =
            sqlite::Connection::open(root.path() + "/journal.db", sqlite::Access::read_write);
        ASSERT_TRUE(file);
        ASSERT_TRUE(
            file->execute("ALTER TABLE entries DROP COLUMN center;"
                          "ALTER TABLE jobs DROP COLUMN kind; "
                          "ALTER TABLE jobs DROP COLUMN priority; DROP TABLE segments;"
                          "DROP INDEX jobs_by_end; PRAGMA user_version=2"));
    }
    EXPECT_EQ(seen(), before);
}

TEST(SqliteStore, KeepsTwoSnapshotFiles) {
    const TemporaryFolder root;
    std::unique_ptr<Store> store = open_store(root.path());
    for (std::uint64_t seq = 9; seq < 13; ++seq)
        ASSERT_TRUE(store->write_snapshot({{seq}, "bytes"}));
    std::ofstream(root.path() + "/snapshots/note.txt") << "not ours";
    std::size_t count = 0;
    for (const auto& file : fs::directory_iterator(root.path() + "/snapshots")) {
        count += file.path().extension() == ".snapshot" ? 1U : 0U;
        EXPECT_NE(file.path().extension(), ".tmp");
    }
    EXPECT_EQ(count, kept_snapshots);
    EXPECT_EQ((*store->newest_snapshot())->seq.value, 12U);
}

TEST(SqliteStore, SnapshotsAndChecksRunBesideAppends) {
    const TemporaryFolder root;
    Journal journal(open_store(root.path()));
    testing::append_all(journal, testing::story());
    control::State state = testing::state_after(testing::story());
    const std::jthread beside([&](std::stop_token stop) {
        while (!stop.stop_requested()) {
            EXPECT_TRUE(journal.make_snapshot());
            EXPECT_EQ(journal.check()->problem, "");
        }
    });
    for (int n = 0; n < 200; ++n) {
        const Seq next{state.header.last_seq.value + 1};
        const auto event = testing::accepted(next, {next.value});
        control::apply(state, event);
        ASSERT_TRUE(journal.append({&event, 1}, {}, state));
    }
}

// ---- no room ----

// Appends jobs with a large body until an append fails; returns the error. `state` follows.
Error fill(Journal& journal, control::State& state, const std::string& filler) {
    for (std::uint64_t n = 0; n < 10'000; ++n) {
        const Seq next{state.header.last_seq.value + 1};
        const auto event = testing::accepted(next, {next.value});
        state.begin();
        control::apply(state, event);
        const auto appended =
            journal.append({&event, 1}, {make_body(filler, std::to_string(next.value))}, state);
        if (!appended) {
            state.rollback();
            return appended.error();
        }
        state.commit();
    }
    return internal("test", "the disk never got full");
}

// Nothing of the failed transaction is there, and the journal goes on where it was.
void expect_going_on(Journal& journal, control::State& state) {
    const Seq last = state.header.last_seq;
    EXPECT_EQ(journal.store().head()->seq, last);
    EXPECT_FALSE(journal.store().job({last.value + 1})->has_value());
    const auto event = testing::accepted({last.value + 1}, {last.value + 1});
    control::apply(state, event);
    const auto appended = journal.append({&event, 1}, {}, state);
    ASSERT_TRUE(appended) << appended.error().message;
    EXPECT_EQ(journal.check()->problem, "");
    EXPECT_EQ(journal.check()->entries, last.value + 1);
}

// A disk of 2 MiB, where the host lets us have one.
class SmallDisk {
   public:
    explicit SmallDisk(std::string path)
        : path_(std::move(path)),
          mounted_(::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=2m") == 0) {}
    ~SmallDisk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    bool mounted() const { return mounted_; }

   private:
    std::string path_;
    bool mounted_;
};

TEST(SqliteStore, AFullDiskStopsItAndRoomLetsItGoOn) {
    const TemporaryFolder root;
    const SmallDisk disk(root.path());
    if (!disk.mounted()) GTEST_SKIP() << "a small disk can not be mounted here";
    const std::string ballast = root.path() + "/ballast";
    std::ofstream(ballast) << std::string(1'000'000, 'x');
    const std::string data = root.path() + "/data";
    control::State state;
    {
        Journal journal(open_store(data));
        testing::append_all(journal, testing::story());
        state = testing::state_after(testing::story());
        for (int again = 0; again < 3; ++again) {
            const Error error = fill(journal, state, std::string(20'000, 'y'));
            EXPECT_EQ(error.kind, ErrorKind::unavailable) << error.message;
            EXPECT_EQ(error.code, "disk_full") << error.message;
        }
        const Result<void> snapshot =
            journal.store().write_snapshot({{1}, std::string(3'000'000, 's')});
        EXPECT_EQ(snapshot.error().code, "disk_full");
        EXPECT_TRUE(fs::is_empty(data + "/snapshots"));
        fs::remove(ballast);
        expect_going_on(journal, state);
    }
    {
        Journal journal(open_store(data));
        const Result<Recovered> recovered = journal.recover();
        ASSERT_TRUE(recovered) << recovered.error().message;
        EXPECT_EQ(digest_of(recovered->state), digest_of(state));
    }
}

TEST(SqliteStore, AWriteThatTheSystemRefusesLeavesNoTrace) {
    const TemporaryFolder root;
    Journal journal(open_store(root.path()));
    testing::append_all(journal, testing::story());
    control::State state = testing::state_after(testing::story());

    const auto before = ::signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = limit;
    small.rlim_cur = 500'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const Error error = fill(journal, state, std::string(20'000, 'y'));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    ::signal(SIGXFSZ, before);

    EXPECT_EQ(error.kind, ErrorKind::unavailable) << error.message;
    EXPECT_EQ(error.code, "journal_write_failed") << error.message;
    expect_going_on(journal, state);
}

}  // namespace
}  // namespace dayu::journal
