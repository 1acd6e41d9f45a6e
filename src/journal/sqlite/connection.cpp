#include "journal/sqlite/connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <utility>

#include <fmt/core.h>

namespace dayu::journal::sqlite {
namespace {

constexpr int busy_timeout_ms = 5'000;  // for someone else's tool that holds the file

Error disk_full(std::string_view what) {
    return unavailable(
        "disk_full",
        fmt::format("no room for the journal: {}; nothing was written. Free some space on "
                    "the disk of the data directory and try again",
                    what));
}

Error error_of(sqlite3* connection) {
    const int code = sqlite3_extended_errcode(connection);
    const int system = sqlite3_system_errno(connection);
    const std::string what =
        fmt::format("SQLite says \"{}\" ({})", sqlite3_errmsg(connection), code);
    switch (code & 0xFF) {
        case SQLITE_FULL: return disk_full(what);
        case SQLITE_IOERR:
            if (system == ENOSPC || system == EDQUOT) return disk_full(what);
            return unavailable(
                "journal_write_failed",
                fmt::format("{}, error {} of the system; nothing was written. Look at the "
                            "disk of the data directory",
                            what, system));
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return unavailable("journal_busy",
                               what + ": another program holds journal.db; end it and try again");
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return internal(
                "journal_damaged",
                what + ": journal.db is damaged; restore the data directory from a backup");
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_READONLY:
            return unavailable("journal_not_accessible",
                               what +
                                   ": journal.db can not be opened or written here; check that it "
                                   "exists and who owns it");
        case SQLITE_CONSTRAINT: return conflict("journal_row_taken", what);
        default: return internal("journal_failed", what);
    }
}

}  // namespace

void CloseConnection::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
void FinalizeStatement::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

// Binding fails only for a wrong index, which is our own bug; so is a text past SQLite's own limit.
Statement& Statement::bind(std::int64_t value) {
    CHECK(sqlite3_bind_int64(statement_.get(), ++parameter_, value) == SQLITE_OK);
    return *this;
}
Statement& Statement::bind(std::string_view text) {
    CHECK(sqlite3_bind_text64(statement_.get(), ++parameter_, text.data() ? text.data() : "",
                              text.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
    return *this;
}
Statement& Statement::bind_blob(std::string_view bytes) {
    CHECK(sqlite3_bind_blob64(statement_.get(), ++parameter_, bytes.data() ? bytes.data() : "",
                              bytes.size(), SQLITE_STATIC) == SQLITE_OK);
    return *this;
}
Statement& Statement::bind_null() {
    CHECK(sqlite3_bind_null(statement_.get(), ++parameter_) == SQLITE_OK);
    return *this;
}

Result<bool> Statement::step() {
    column_ = 0;
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    Error error = error_of(sqlite3_db_handle(statement_.get()));
    reset();
    return error;
}

Result<void> Statement::run() {
    const Result<bool> stepped = step();
    reset();
    return stepped ? Result<void>{} : stepped.error();
}

void Statement::reset() {
    sqlite3_reset(statement_.get());  // repeats the error of the last step, which was reported
    parameter_ = 0;
    column_ = 0;
}

std::int64_t Statement::read_integer() { return sqlite3_column_int64(statement_.get(), column_++); }

std::string Statement::read_text() {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column_));
    const int size = sqlite3_column_bytes(statement_.get(), column_++);
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

bool Statement::skip_null() {
    if (sqlite3_column_type(statement_.get(), column_) != SQLITE_NULL) return false;
    ++column_;
    return true;
}

Result<Connection> Connection::open(const std::string& path, Access access) {
    const int mode = access == Access::read_only ? SQLITE_OPEN_READONLY
                                                 : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, mode | SQLITE_OPEN_NOMUTEX, nullptr);
    CHECK(handle != nullptr);  // null only when there is no memory for it
    Connection connection(handle);
    if (code != SQLITE_OK) return error_of(handle);
    sqlite3_busy_timeout(handle, busy_timeout_ms);
    return connection;
}

Result<void> Connection::execute(const char* sql) {
    if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return error_of(connection_.get());
}

Result<Statement*> Connection::statement(const std::string& sql) {
    if (const auto at = statements_.find(sql); at != statements_.end()) return &at->second;
    sqlite3_stmt* prepared = nullptr;
    if (sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &prepared, nullptr) != SQLITE_OK) {
        return error_of(connection_.get());
    }
    return &statements_.emplace(sql, Statement(prepared)).first->second;
}

Result<std::int64_t> Connection::read_integer(const std::string& sql) {
    Statement& statement = *TRY(this->statement(sql));
    const Reset reset(statement);
    const bool found = TRY(statement.step());
    CHECK(found);
    return statement.read_integer();
}

// All pages in one step are one read transaction: no write, of whatever process, makes it begin anew.
Result<void> Connection::copy_to(const std::string& path) {
    Connection copy = TRY(open(path, Access::read_write));
    TRY(copy.execute("PRAGMA synchronous=OFF"));  // who asked for the copy syncs the file
    sqlite3_backup* backup =
        sqlite3_backup_init(copy.connection_.get(), "main", connection_.get(), "main");
    if (backup == nullptr) return error_of(copy.connection_.get());
    sqlite3_backup_step(backup, -1);
    if (sqlite3_backup_finish(backup) != SQLITE_OK) return error_of(copy.connection_.get());
    return copy.execute("PRAGMA journal_mode=DELETE");  // no files beside it
}

void Connection::on_commit(std::function<void(std::int64_t)> told) {
    told_ = std::make_unique<std::function<void(std::int64_t)>>(std::move(told));
    const auto pass_on = [](void* to, sqlite3*, const char*, int pages) {
        (*static_cast<std::function<void(std::int64_t)>*>(to))(pages);
        return SQLITE_OK;
    };
    sqlite3_wal_hook(connection_.get(), pass_on, told_.get());
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }

}  // namespace dayu::journal::sqlite
