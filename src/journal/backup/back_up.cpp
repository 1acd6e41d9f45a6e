#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>

#include <fmt/core.h>

#include "journal/backup/copy_files.h"
#include "journal/data_version.h"
#include "journal/journal.h"
#include "journal/snapshot.h"
#include "journal/sqlite/connection.h"
#include "journal/sqlite/schema.h"
#include "wire/json_fields.h"

namespace dayu::journal {
namespace {

namespace fs = std::filesystem;

// Of this run alone (a lock, an address), or half written: who restores makes them anew.
bool is_passing(const std::string& path) {
    const fs::path name = fs::path(path).filename();
    return path == "lock" || path == "address" || path == backup::facts_file ||
           path.starts_with("journal.db") || name.extension() == ".tmp" ||
           name.extension() == ".new";
}

// A snapshot that was made after the journal was copied tells of entries that the copy has not.
bool is_snapshot_past(const std::string& path, Seq head) {
    if (!path.starts_with("snapshots/")) return false;
    const std::string stem = fs::path(path).stem().string();
    std::uint64_t seq = 0;
    std::from_chars(stem.data(), stem.data() + stem.size(), seq);
    return seq > head.value;
}

Result<void> check_places(const std::string& data, const std::string& target) {
    if (!backup::is_there(data + "/journal.db")) {
        return not_found("no_journal", "no journal in " + data + "; name the server's --data");
    }
    if ((target + "/").starts_with(data + "/")) {
        return invalid("backup_inside_data",
                       target + " lies in the data folder itself; name a place outside of " + data);
    }
    if (backup::is_there(target) && !backup::is_empty_folder(target)) {
        return conflict("backup_target_taken",
                        target + " is there already; name a new one for each backup");
    }
    return {};
}

Result<void> copy_journal(sqlite::Connection& journal, const std::string& copy) {
    TRY(journal.copy_to(copy));
    if (::chmod(copy.c_str(), 0600) != 0)
        return error_from_errno("backup_failed", "protect " + copy, errno);
    return {};
}

// Tables of an earlier dayu are brought forward to be read here, and then put back as they were: that dayu can
// restore the backup, too. Whether there is something to put back.
Result<bool> bring_forward(const std::string& staging, const std::string& as_it_was) {
    sqlite::Connection journal =
        TRY(sqlite::Connection::open(staging + "/journal.db", sqlite::Access::read_write));
    const std::int64_t layout = TRY(journal.read_integer("PRAGMA user_version"));
    if (layout >= sqlite::newest_layout()) return false;
    TRY(copy_journal(journal, as_it_was));
    TRY(sqlite::bring_schema_forward(journal));
    return true;
}

Result<void> put_back(const std::string& staging, const std::string& as_it_was) {
    const std::string journal = staging + "/journal.db";
    if (std::rename(as_it_was.c_str(), journal.c_str()) != 0)
        return error_from_errno("backup_failed", "put back " + journal, errno);
    for (const char* end : {"-wal", "-shm"}) ::unlink((journal + end).c_str());
    return {};
}

Result<void> copy_others(const std::string& data, const std::string& staging, BackupFacts& facts) {
    const auto is_left_out = [&](const std::string& path) {
        return is_passing(path) || is_snapshot_past(path, facts.seq);
    };
    for (const std::string& path : TRY(backup::list_files(data, is_left_out))) {
        Result<BackupFile> copied = backup::copy_file(data, staging, path);
        if (copied) {
            facts.files.push_back(*std::move(copied));
        } else if (copied.error().kind != ErrorKind::not_found) {  // gone meanwhile: a snapshot
            return copied.error();
        }
    }
    return {};
}

}  // namespace

Result<BackupFacts> back_up(const BackupOptions& options) {
    const std::string data = backup::without_slash(options.data);
    const std::string target = backup::without_slash(options.target);
    TRY(check_places(data, target));
    TRY(check_data_version(data, options.dayu));
    const std::string staging = target + ".partial";
    const Descriptor held = TRY(backup::make_staging(staging));

    BackupFacts facts{.format = backup::format, .dayu = options.dayu, .made = options.now};
    // Restored and not started yet: nothing has happened since that backup.
    if (const auto earlier = TRY(restored_from(data))) facts.made = earlier->made;
    {
        sqlite::Connection journal =
            TRY(sqlite::Connection::open(data + "/journal.db", sqlite::Access::read_only));
        TRY(copy_journal(journal, staging + "/journal.db"));
    }
    const std::string as_it_was = staging + "/journal.db.as-it-was";
    const bool is_brought_forward = TRY(bring_forward(staging, as_it_was));
    std::unique_ptr<Store> store =
        TRY(open_sqlite_store({.directory = staging, .read_only = true, .dayu = options.dayu}));
    const Head head = TRY(store->head());
    facts.seq = head.seq;
    facts.hash = head.hash;
    TRY(copy_others(data, staging, facts));
    {
        Journal journal(std::move(store));
        facts.state = digest_of(TRY(journal.recover()).state);
        facts.state_layout = layout_of_state();
    }
    if (is_brought_forward) TRY(put_back(staging, as_it_was));
    facts.files.push_back(TRY(backup::look_at(staging, "journal.db")));

    std::string text;
    wire::write_json(text, facts);
    TRY(sqlite::replace_file(staging + "/" + std::string(backup::facts_file), text + "\n"));
    ::unlink((staging + "/lock").c_str());
    TRY(backup::sync_tree(staging));
    if (std::rename(staging.c_str(), target.c_str()) != 0) {
        return error_from_errno("backup_failed", "rename " + staging + " to " + target, errno);
    }
    TRY(sqlite::sync_directory(fs::path(target).parent_path().string()));
    return facts;
}

}  // namespace dayu::journal
