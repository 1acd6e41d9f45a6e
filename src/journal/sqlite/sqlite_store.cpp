// One file, journal.db, in WAL mode with full sync: a commit is one sequential write and one fsync.
// There is one writer; readers run beside it on connections of their own and never wait for it.
//
// A transaction whose fsync failed is taken back and overwritten by the next one. Only when the machine
// stops before that may it be found whole in the log and count after all: nobody was told that it failed
// for good, and an idempotency key finds its answer.
#include <algorithm>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "base/log.h"
#include "journal/data_version.h"
#include "journal/journal.h"
#include "journal/sqlite/archive_folder.h"
#include "journal/sqlite/checkpointer.h"
#include "journal/sqlite/conditions.h"
#include "journal/sqlite/connection.h"
#include "journal/sqlite/ended_jobs.h"
#include "journal/sqlite/files.h"
#include "journal/sqlite/rows.h"
#include "journal/sqlite/schema.h"
#include "journal/sqlite/segments.h"
#include "journal/sqlite/snapshot_folder.h"

namespace dayu::journal {
namespace sqlite {
namespace {

constexpr std::size_t max_idle_readers = 16;

constexpr const char* writer_settings =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
    "PRAGMA secure_delete=ON";
constexpr const char* reader_settings = "PRAGMA query_only=ON; PRAGMA cache_size=-8192";

const std::string begin = "BEGIN IMMEDIATE";
const std::string commit = "COMMIT";
const std::string rollback = "ROLLBACK";
const std::string insert_entry = "INSERT INTO entries(seq, job, center, bytes) VALUES(?, ?, ?, ?)";
const std::string upsert_head = "INSERT OR REPLACE INTO head(only, seq, hash) VALUES(1, ?, ?)";
const std::string insert_body = "INSERT OR IGNORE INTO bodies(ref, salt, content) VALUES(?, ?, ?)";
// Most changes are of jobs that go on: a page of each index that they spare is a page less in the log.
const std::set<std::string_view> kept_of_job = {"id",   "tenant", "project", "name",     "owner",
                                                "kind", "shape",  "body",    "submitted"};
const std::string upsert_ended_job = upsert_into<JobSummary>("jobs", "id", kept_of_job);
const std::string upsert_live_job = [] {
    std::set<std::string_view> kept = kept_of_job;
    kept.insert({"array", "ended"});
    return upsert_into<JobSummary>("jobs", "id", kept);
}();
const std::string upsert_attempt =
    upsert_into<AttemptSummary>("attempts", "job, number", {"job", "number"});
const std::string delete_body = "DELETE FROM bodies WHERE ref = ?";

const std::string select_head = "SELECT seq, hash FROM head";
const std::string select_entries =
    "SELECT seq, job, center, bytes FROM entries WHERE seq > ? ORDER BY seq LIMIT ?";
const std::string select_entries_of_job =
    "SELECT seq, job, center, bytes FROM entries WHERE seq > ? AND job = ? ORDER BY seq LIMIT ?";
const std::string select_body = "SELECT content FROM bodies WHERE ref = ?";
const std::string select_jobs = select_from<JobSummary>("jobs");
const std::string select_job = select_jobs + " WHERE id = ?";
const std::string select_attempts =
    select_from<AttemptSummary>("attempts") + " WHERE job = ? ORDER BY number";

std::int64_t number(auto id) { return static_cast<std::int64_t>(id.value); }

Result<void> run(Connection& connection, const std::string& sql) {
    return TRY(connection.statement(sql))->run();
}

Result<void> write_rows(Connection& to, const Transaction& transaction) {
    Statement& entry = *TRY(to.statement(insert_entry));
    for (const EntryRow& row : transaction.entries) {
        entry.bind(number(row.seq));
        row.job ? entry.bind(number(row.job)) : entry.bind_null();
        row.center ? entry.bind(number(row.center)) : entry.bind_null();
        TRY(entry.bind_blob(row.bytes).run());
    }
    if (!transaction.entries.empty()) {
        Statement& head = *TRY(to.statement(upsert_head));
        TRY(head.bind(number(transaction.head.seq)).bind(transaction.head.hash).run());
    }
    Statement& body = *TRY(to.statement(insert_body));
    for (const Body& row : transaction.bodies) {
        TRY(body.bind(row.ref).bind_blob(row.salt).bind_blob(row.content).run());
    }
    for (const JobSummary& row : transaction.jobs) {
        const bool is_live = row.ended.ms == 0;
        Statement& job = *TRY(to.statement(is_live ? upsert_live_job : upsert_ended_job));
        bind_value(job, row);
        TRY(job.run());
    }
    Statement& attempt = *TRY(to.statement(upsert_attempt));
    for (const AttemptSummary& row : transaction.attempts) {
        bind_value(attempt, row);
        TRY(attempt.run());
    }
    return {};
}

// `change` is done as a whole, or nothing of it.
template <class Change>
Result<void> in_transaction(Connection& to, const Change& change) {
    TRY(run(to, begin));
    Result<void> done = change();
    if (done) done = run(to, commit);
    // SQLite has rolled back by itself where it could not go on. The error that counts is the first one.
    if (!done && to.in_transaction()) (void)run(to, rollback);
    return done;
}

Result<std::vector<EntryRow>> read_entries(Connection& from, const EntryQuery& query) {
    Statement& rows = *TRY(from.statement(query.job ? select_entries_of_job : select_entries));
    const Reset reset(rows);
    rows.bind(number(query.after));
    if (query.job) rows.bind(number(query.job));
    rows.bind(static_cast<std::int64_t>(query.limit));
    std::vector<EntryRow> found;
    while (TRY(rows.step())) {
        EntryRow& row = found.emplace_back();
        read_value(rows, row.seq);
        if (!rows.skip_null()) read_value(rows, row.job);
        if (!rows.skip_null()) read_value(rows, row.center);
        row.bytes = rows.read_text();
    }
    return found;
}

template <class Row>
Result<std::vector<Row>> read_rows(Statement& rows) {
    const Reset reset(rows);
    std::vector<Row> found;
    while (TRY(rows.step())) read_value(rows, found.emplace_back());
    return found;
}

// Lends connections for reading, so that any thread may read.
class ReaderPool {
   public:
    explicit ReaderPool(std::string path) : path_(std::move(path)) {}

    class Lease {
       public:
        Lease(ReaderPool& pool, Connection connection)
            : pool_(&pool), connection_(std::move(connection)) {}
        Lease(Lease&& other) noexcept
            : pool_(std::exchange(other.pool_, nullptr)),
              connection_(std::move(other.connection_)) {}
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (pool_ != nullptr) pool_->give_back(std::move(connection_));
        }
        Connection& operator*() { return connection_; }
        Connection* operator->() { return &connection_; }

       private:
        ReaderPool* pool_;
        Connection connection_;
    };

    Result<Lease> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                Connection connection = std::move(idle_.back());
                idle_.pop_back();
                return Lease(*this, std::move(connection));
            }
        }
        Connection connection = TRY(Connection::open(path_, Access::read_only));
        TRY(connection.execute(reader_settings));
        return Lease(*this, std::move(connection));
    }

   private:
    void give_back(Connection connection) {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < max_idle_readers) idle_.push_back(std::move(connection));
    }

    std::string path_;
    std::mutex mutex_;
    std::vector<Connection> idle_;
};

class SqliteStore final : public Store {
   public:
    struct Writer {
        Descriptor lock;  // of the directory
        Connection connection;
        Connection checkpoints;
    };

    // Without a writer it is read-only.
    SqliteStore(const std::string& directory, std::optional<Writer> writer)
        : writer_(std::move(writer)),
          readers_(directory + "/journal.db"),
          archive_(directory + "/archive"),
          snapshots_(directory + "/snapshots") {
        if (!writer_) return;
        checkpointer_.emplace(std::move(writer_->checkpoints), mutex_);
        writer_->connection.on_commit(
            [this](std::int64_t pages) { checkpointer_->note_log(pages); });
    }

    Result<void> write(const Transaction& transaction) override {
        const std::lock_guard lock(mutex_);
        Connection& to = *TRY(writer());
        return in_transaction(to, [&] { return write_rows(to, transaction); });
    }

    Result<Head> head() const override {
        ReaderPool::Lease from = TRY(readers_.take());
        Statement& rows = *TRY(from->statement(select_head));
        const Reset reset(rows);
        Head head;
        if (TRY(rows.step())) {
            read_value(rows, head.seq);
            read_value(rows, head.hash);
        }
        return head;
    }

    Result<std::vector<EntryRow>> entries(const EntryQuery& query) const override {
        ReaderPool::Lease from = TRY(readers_.take());
        std::vector<EntryRow> rows = TRY(read_entries(*from, query));
        TRY(fill_from_archive(*from, archive_, rows));
        return rows;
    }

    Result<std::optional<std::string>> body(const BodyRef& ref) const override {
        ReaderPool::Lease from = TRY(readers_.take());
        Statement& rows = *TRY(from->statement(select_body));
        const Reset reset(rows);
        if (!TRY(rows.bind(ref).step())) return std::optional<std::string>();
        return std::optional(rows.read_text());
    }

    Result<void> erase_body(const BodyRef& ref) override {
        const std::lock_guard lock(mutex_);
        return TRY(TRY(writer())->statement(delete_body))->bind(ref).run();
    }

    Result<std::vector<JobSummary>> jobs(const JobQuery& query) const override {
        ReaderPool::Lease from = TRY(readers_.take());
        const Conditions asked = conditions_of(query);
        Statement& rows =
            *TRY(from->statement(select_jobs + asked.text() + " ORDER BY id DESC LIMIT ?"));
        asked.bind(rows);
        rows.bind(static_cast<std::int64_t>(query.limit));
        return read_rows<JobSummary>(rows);
    }

    Result<std::optional<JobSummary>> job(JobId job) const override {
        ReaderPool::Lease from = TRY(readers_.take());
        Statement& rows = *TRY(from->statement(select_job));
        std::vector<JobSummary> found = TRY(read_rows<JobSummary>(rows.bind(number(job))));
        return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
    }

    Result<std::vector<AttemptSummary>> attempts(JobId job) const override {
        ReaderPool::Lease from = TRY(readers_.take());
        Statement& rows = *TRY(from->statement(select_attempts));
        return read_rows<AttemptSummary>(rows.bind(number(job)));
    }

    Result<std::vector<AttemptSummary>> list_attempts(const AttemptQuery& query) const override {
        ReaderPool::Lease from = TRY(readers_.take());
        const Conditions asked = conditions_of(query);
        Statement& rows =
            *TRY(from->statement(select_from<AttemptSummary>("attempts") + asked.text() +
                                 " ORDER BY job DESC, number DESC LIMIT ?"));
        asked.bind(rows);
        rows.bind(static_cast<std::int64_t>(query.limit));
        return read_rows<AttemptSummary>(rows);
    }

    Result<void> write_snapshot(const Snapshot& snapshot) override {
        TRY(writer());
        return snapshots_.write(snapshot);
    }
    Result<std::optional<Snapshot>> newest_snapshot() const override { return snapshots_.newest(); }
    Result<void> drop_snapshot(Seq seq) override {
        TRY(writer());
        return snapshots_.drop(seq);
    }

    Result<Head> archived() const override {
        ReaderPool::Lease from = TRY(readers_.take());
        SegmentRow newest = TRY(newest_segment(*from));
        return Head{.seq = newest.last, .hash = std::move(newest.hash)};
    }

    // The file first, then that it counts, then the rows grow empty: cut short in between, an entry is in both places until
    // the next archive, or the next start.
    Result<void> archive(const Segment& segment) override {
        const SegmentRow row{.first = segment.entries.front().seq,
                             .last = segment.entries.back().seq,
                             .hash = segment.hash};
        TRY(writer());
        TRY(empty_newest_segment());
        TRY(archive_.write(segment.entries));
        {
            const std::lock_guard lock(mutex_);
            TRY(add_segment(*TRY(writer()), row));
        }
        return empty_newest_segment();
    }

    Result<void> give_back_space() override {
        const std::lock_guard lock(mutex_);
        Connection& all = *TRY(writer());
        TRY(all.execute("VACUUM"));
        return all.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    Result<EndedPage> ended_jobs(const EndedQuery& query) const override {
        ReaderPool::Lease from = TRY(readers_.take());
        return read_ended_jobs(*from, query);
    }

    Result<void> erase_bodies(const std::vector<BodyRef>& refs) override {
        const std::lock_guard lock(mutex_);
        Connection& to = *TRY(writer());
        return in_transaction(to, [&]() -> Result<void> {
            Statement& body = *TRY(to.statement(delete_body));
            for (const BodyRef& ref : refs) TRY(body.bind(ref).run());
            return {};
        });
    }

    Result<void> drop_jobs(const std::vector<EndedJob>& jobs) override {
        const std::lock_guard lock(mutex_);
        Connection& to = *TRY(writer());
        return in_transaction(to, [&] { return drop_rows(to, jobs); });
    }

   private:
    Result<Connection*> writer() {
        if (writer_) return &writer_->connection;
        return denied("journal_read_only", "the journal was opened to be read only");
    }

    // In portions, between which commits go on.
    Result<void> empty_newest_segment() {
        SegmentRow newest;
        {
            ReaderPool::Lease from = TRY(readers_.take());
            newest = TRY(newest_segment(*from));
        }
        for (Seq first = newest.first; first.value != 0 && first <= newest.last;
             first.value += emptied_at_once) {
            const Seq last{std::min(newest.last.value, first.value + emptied_at_once - 1)};
            const std::lock_guard lock(mutex_);
            TRY(empty_rows(*TRY(writer()), first, last));
        }
        return {};
    }

    std::mutex mutex_;  // of the writer
    std::optional<Writer> writer_;
    std::optional<Checkpointer> checkpointer_;  // ends before the writer does
    mutable ReaderPool readers_;
    ArchiveFolder archive_;
    SnapshotFolder snapshots_;
};

Result<SqliteStore::Writer> open_writer(const std::string& directory, const std::string& dayu) {
    TRY(make_directory(directory));
    Descriptor lock = TRY(lock_directory(directory));
    TRY(check_data_version(directory, dayu));
    Connection connection = TRY(Connection::open(directory + "/journal.db", Access::read_write));
    TRY(connection.execute(writer_settings));
    const std::int64_t before = TRY(bring_schema_forward(connection));
    if (before > 0 && before < newest_layout()) {
        log_info("journal.db is brought from layout {} to {}: the way back is a backup made before",
                 before, newest_layout());
    }
    const SegmentRow cut_short = TRY(newest_segment(connection));
    TRY(empty_rows(connection, cut_short.first, cut_short.last));
    TRY(write_data_version(directory, dayu));
    TRY(sync_directory(directory));
    return SqliteStore::Writer{
        std::move(lock), std::move(connection),
        TRY(Connection::open(directory + "/journal.db", Access::read_write))};
}

Result<void> check_readable(const std::string& directory, const std::string& dayu) {
    TRY(check_data_version(directory, dayu));
    Connection connection = TRY(Connection::open(directory + "/journal.db", Access::read_only));
    return check_schema(connection);
}

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options) {
    std::optional<sqlite::SqliteStore::Writer> writer;
    if (options.read_only) {
        TRY(sqlite::check_readable(options.directory, options.dayu));
    } else {
        writer.emplace(TRY(sqlite::open_writer(options.directory, options.dayu)));
    }
    return std::unique_ptr<Store>(
        std::make_unique<sqlite::SqliteStore>(options.directory, std::move(writer)));
}

}  // namespace dayu::journal
