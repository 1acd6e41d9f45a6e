// A backup is a folder: journal.db as one plain file, every other durable file of the data folder with its
// mode, and backup.json, which says how far it reaches and the SHA-256 of each file. It is made beside a
// running server, which notices nothing.
//
//   - The journal is copied first, by SQLite in one read transaction. What the entries speak of was on disk
//     before them, so the files that are copied afterwards hold at least that.
//   - All is written into TARGET.partial, synced, and renamed: a backup is there whole or not at all, and
//     without its backup.json, which is written last, nothing is restored from it.
//   - backup.json goes with what is restored, and stays until the first start of a server has written down from
//     where it came: numbers that were given after the backup are not given again. So does a folder that was
//     copied back by hand.
//   - A restore checks every file, folds all entries from the first one, and compares what they lead to with
//     what the backup said; only then does the folder get its name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"

namespace dayu::journal {

struct BackupFile {
    std::string path;  // below the data folder
    std::int64_t bytes = 0;
    std::int64_t mode = 0;  // as chmod takes it
    std::string sha256;

    static constexpr auto fields() {
        return field_list(Field{"path", &BackupFile::path}, Field{"bytes", &BackupFile::bytes},
                          Field{"mode", &BackupFile::mode}, Field{"sha256", &BackupFile::sha256});
    }
};

// What backup.json says.
struct BackupFacts {
    std::int64_t format = 0;
    std::string dayu;  // the version that made it
    Time made;
    Seq seq;                   // of the last entry in it
    std::string hash;          // of that entry
    std::string state;         // digest of what the entries lead to, and
    std::string state_layout;  // of the fields that it was taken over
    std::vector<BackupFile> files;

    static constexpr auto fields() {
        return field_list(Field{"format", &BackupFacts::format}, Field{"dayu", &BackupFacts::dayu},
                          Field{"made", &BackupFacts::made}, Field{"seq", &BackupFacts::seq},
                          Field{"hash", &BackupFacts::hash}, Field{"state", &BackupFacts::state},
                          Field{"state_layout", &BackupFacts::state_layout},
                          Field{"files", &BackupFacts::files});
    }
};

struct BackupOptions {
    std::string data;    // the server's data folder
    std::string target;  // is made; an empty folder is taken
    std::string dayu;    // our version
    Time now;
};
Result<BackupFacts> back_up(const BackupOptions& options);

struct RestoreOptions {
    std::string backup;
    std::string data;
    std::string dayu;      // our version
    bool replace = false;  // a data folder that holds something is put aside, never removed
    Time now;
};

struct Restored {
    BackupFacts facts;
    std::string state;  // digest of what all entries lead to, by this build
    std::string aside;  // where the earlier folder lies now; empty: there was none
};
Result<Restored> restore(const RestoreOptions& options);

// The backup that this data folder was restored from, if no server has written that down yet; and that one has.
Result<std::optional<BackupFacts>> restored_from(const std::string& data);
Result<void> forget_backup(const std::string& data);

}  // namespace dayu::journal
