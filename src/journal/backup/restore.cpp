#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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

Error damaged(const std::string& text) {
    return conflict("backup_damaged", text + ". Nothing was restored; take another backup");
}

Result<BackupFacts> read_facts(const std::string& folder) {
    const std::string path = folder + "/" + std::string(backup::facts_file);
    if (!backup::is_there(path)) {
        return not_found("no_backup",
                         fmt::format("{} is no backup: it has no {}. A backup that was cut short "
                                     "lies in a folder that ends in .partial and is of no use",
                                     folder, backup::facts_file));
    }
    const Result<wire::Json> json = wire::parse_json(TRY(sqlite::read_file(path)));
    if (!json) return damaged(path + ": " + json.error().message);
    BackupFacts facts;
    // A later format is told by its number, before what else it may hold.
    const Result<void> read = wire::from_json(*json, facts, {.ignore_unknown_keys = true});
    if (!read) return damaged(path + ": " + read.error().message);
    if (facts.format != backup::format) {
        return conflict("backup_of_newer_version",
                        fmt::format("{} was made by dayu {} in a form that this version does not "
                                    "know: restore it with dayu {} or a newer one",
                                    folder, facts.dayu, facts.dayu));
    }
    return facts;
}

Result<void> check_place(const std::string& data, bool replace) {
    if (!backup::is_there(data) || backup::is_empty_folder(data) || replace) return {};
    return conflict("data_not_empty",
                    data +
                        " is not empty: name a new folder with --data, or put it aside with "
                        "--replace");
}

bool stays_below(const fs::path& path) {
    if (path.empty() || path.is_absolute()) return false;
    for (const fs::path& part : path) {
        if (part == "..") return false;
    }
    return true;
}

Result<void> copy_checked(const std::string& from, const std::string& to,
                          const BackupFacts& facts) {
    for (const BackupFile& expected : facts.files) {
        if (!stays_below(expected.path)) return damaged("a file is called " + expected.path);
        const Result<BackupFile> copied = backup::copy_file(from, to, expected.path);
        if (!copied && copied.error().kind == ErrorKind::not_found) {
            return damaged(fmt::format("{}/{} is missing", from, expected.path));
        }
        TRY(copied);
        if (copied->sha256 != expected.sha256) {
            return damaged(
                fmt::format("{}/{} is not what was written: {} bytes of another hash "
                            "in place of {}",
                            from, expected.path, copied->bytes, expected.bytes));
        }
        const std::string path = to + "/" + expected.path;
        if (::chmod(path.c_str(), static_cast<mode_t>(expected.mode)) != 0)
            return error_from_errno("backup_failed", "set the mode of " + path, errno);
    }
    return {};
}

// A backup of the last version may have tables of another layout. One of a newer version is refused.
Result<void> bring_forward(const std::string& folder, const std::string& dayu) {
    TRY(check_data_version(folder, dayu));
    sqlite::Connection journal =
        TRY(sqlite::Connection::open(folder + "/journal.db", sqlite::Access::read_write));
    TRY(sqlite::bring_schema_forward(journal));
    return {};
}

// All entries from the first one; and once more from the newest snapshot, as the server will.
Result<std::string> fold_checked(const std::string& folder, const BackupFacts& facts,
                                 const std::string& dayu) {
    Journal journal(TRY(open_sqlite_store({.directory = folder, .read_only = true, .dayu = dayu})));
    const Head head = TRY(journal.store().head());
    if (head != Head{.seq = facts.seq, .hash = facts.hash}) {
        return damaged(fmt::format("its journal ends with entry {}, and {} says {}", head.seq.value,
                                   backup::facts_file, facts.seq.value));
    }
    const std::string state = digest_of(TRY(journal.replay()).state);
    if (facts.state_layout == layout_of_state() && state != facts.state) {
        return damaged("its entries lead to another state than it says");
    }
    if (digest_of(TRY(journal.recover()).state) != state) {
        return damaged("its snapshot is not what its entries lead to");
    }
    return state;
}

// Who restores as root gives the files to the owner of the folder that they replace.
Result<void> give_to_owner_of(const std::string& data, const std::string& staging) {
    struct stat owner{};
    if (::geteuid() != 0 || ::stat(data.c_str(), &owner) != 0) return {};
    std::error_code error;
    const auto give = [&](const std::string& path) -> Result<void> {
        if (::lchown(path.c_str(), owner.st_uid, owner.st_gid) == 0) return {};
        return error_from_errno("backup_failed", "give " + path + " to its owner", errno);
    };
    TRY(give(staging));
    for (fs::recursive_directory_iterator at(staging, error), end; !error && at != end;
         at.increment(error)) {
        TRY(give(at->path().string()));
    }
    if (::chmod(staging.c_str(), owner.st_mode & 07777) != 0)
        return error_from_errno("backup_failed", "set the mode of " + staging, errno);
    return {};
}

Result<std::string> put_aside(const std::string& data, Time now) {
    const Descriptor unused = TRY(sqlite::lock_directory(data));
    const std::string aside = fmt::format("{}.before-restore-{}", data, to_string(now));
    if (std::rename(data.c_str(), aside.c_str()) != 0)
        return error_from_errno("backup_failed", "put aside " + data, errno);
    return aside;
}

}  // namespace

Result<Restored> restore(const RestoreOptions& options) {
    const std::string from = backup::without_slash(options.backup);
    const std::string data = backup::without_slash(options.data);
    Restored restored{.facts = TRY(read_facts(from))};
    TRY(check_place(data, options.replace));
    const std::string staging = data + ".restoring";
    {
        const Descriptor held = TRY(backup::make_staging(staging));
        TRY(copy_checked(from, staging, restored.facts));
        TRY(bring_forward(staging, options.dayu));
        restored.state = TRY(fold_checked(staging, restored.facts, options.dayu));
        TRY(sqlite::replace_file(
            staging + "/" + std::string(backup::facts_file),
            TRY(sqlite::read_file(from + "/" + std::string(backup::facts_file)))));
        TRY(give_to_owner_of(data, staging));
        TRY(backup::sync_tree(staging));
        if (backup::is_there(data) && !backup::is_empty_folder(data))
            restored.aside = TRY(put_aside(data, options.now));
        if (std::rename(staging.c_str(), data.c_str()) != 0)
            return error_from_errno("backup_failed", "rename " + staging + " to " + data, errno);
    }
    TRY(sqlite::sync_directory(fs::path(data).parent_path().string()));
    return restored;
}

Result<std::optional<BackupFacts>> restored_from(const std::string& data) {
    if (!backup::is_there(data + "/" + std::string(backup::facts_file)))
        return std::optional<BackupFacts>();
    return std::optional(TRY(read_facts(data)));
}

Result<void> forget_backup(const std::string& data) {
    const std::string path = data + "/" + std::string(backup::facts_file);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return error_from_errno("backup_failed", "remove " + path, errno);
    return sqlite::sync_directory(data);
}

}  // namespace dayu::journal
