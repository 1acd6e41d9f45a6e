// What SQLite alone takes of the same bytes: reads every row of a journal.db that a server wrote, and
// writes them to a new file of the same schema and settings, in the very transactions in which the server
// wrote them (entries of one commit bear one time). Prints rate and mean group as JSON.
//
//   sqlite_alone FROM/journal.db TO.db
#include <sqlite3.h>

#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/check.h"

namespace {

class Database {
   public:
    explicit Database(const char* path) { CHECK(sqlite3_open(path, &handle_) == SQLITE_OK); }
    ~Database() { sqlite3_close(handle_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void run(const std::string& sql) {
        CHECK(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    sqlite3_stmt* prepare(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        CHECK(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
        return statement;
    }

   private:
    sqlite3* handle_ = nullptr;
};

using Row = std::vector<sqlite3_value*>;

// All rows of a query; they live as long as the process.
std::vector<Row> rows_of(Database& from, const std::string& sql) {
    sqlite3_stmt* select = from.prepare(sql);
    std::vector<Row> rows;
    while (sqlite3_step(select) == SQLITE_ROW) {
        Row& row = rows.emplace_back();
        for (int i = 0; i < sqlite3_column_count(select); ++i) {
            row.push_back(sqlite3_value_dup(sqlite3_column_value(select, i)));
        }
    }
    sqlite3_finalize(select);
    return rows;
}

void insert(sqlite3_stmt* statement, const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        sqlite3_bind_value(statement, static_cast<int>(i) + 1, row[i]);
    }
    CHECK(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_reset(statement);
}

// "at" of an entry: equal for all of one commit.
std::string time_of(sqlite3_value* entry) {
    const std::string_view bytes(static_cast<const char*>(sqlite3_value_blob(entry)),
                                 static_cast<std::size_t>(sqlite3_value_bytes(entry)));
    const std::size_t at = bytes.find("\"at\":");
    CHECK(at != std::string_view::npos);
    return std::string(bytes.substr(at + 5, bytes.find(',', at) - at - 5));
}

}  // namespace

int main(int count, char** words) {
    CHECK(count == 3);
    Database from(words[1]);
    Database to(words[2]);
    to.run(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=8192;"
        "PRAGMA cache_size=-65536; PRAGMA secure_delete=ON");
    for (const Row& row : rows_of(from, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")) {
        to.run(reinterpret_cast<const char*>(sqlite3_value_text(row[0])));
    }
    const auto entries = rows_of(from, "SELECT seq, job, bytes FROM entries ORDER BY seq");
    const auto jobs = rows_of(from, "SELECT * FROM jobs ORDER BY id");
    const auto bodies = rows_of(from, "SELECT * FROM bodies");
    sqlite3_stmt* entry = to.prepare("INSERT INTO entries VALUES(?, ?, ?)");
    sqlite3_stmt* head =
        to.prepare("INSERT OR REPLACE INTO head VALUES(1, ?, '" + std::string(64, '0') + "')");
    sqlite3_stmt* body = to.prepare("INSERT OR IGNORE INTO bodies VALUES(?, ?, ?)");
    sqlite3_stmt* job = to.prepare("INSERT INTO jobs VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");

    const std::clock_t cpu_before = std::clock();
    const auto started = std::chrono::steady_clock::now();
    std::size_t groups = 0;
    auto next_job = jobs.begin();
    for (std::size_t first = 0; first < entries.size(); ++groups) {
        std::size_t end = first;
        const std::string time = time_of(entries[first][2]);
        to.run("BEGIN IMMEDIATE");
        for (; end < entries.size() && time_of(entries[end][2]) == time; ++end) {
            insert(entry, entries[end]);
            if (next_job == jobs.end()) continue;
            if (sqlite3_value_int64(entries[end][1]) == sqlite3_value_int64((*next_job)[0])) {
                insert(job, *next_job++);
            }
        }
        for (const Row& row : bodies) insert(body, row);  // all but the first time they are there
        insert(head, {entries[end - 1][0]});
        to.run("COMMIT");
        first = end;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    const double cpu_s = static_cast<double>(std::clock() - cpu_before) / CLOCKS_PER_SEC;
    for (sqlite3_stmt* statement : {entry, head, body, job}) sqlite3_finalize(statement);
    const auto made = static_cast<double>(jobs.size());
    fmt::print(
        "{{\"jobs\":{},\"mean_group\":{:.1f},\"seconds\":{:.3f},\"submits_per_s\":{:.0f},"
        "\"cpu_us_a_job\":{:.1f}}}\n",
        made, static_cast<double>(entries.size()) / static_cast<double>(groups), took.count(),
        made / took.count(), cpu_s * 1e6 / made);
}
