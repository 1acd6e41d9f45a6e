// Files on their way into a backup and out of it: copied durably, hashed while they are read, with the mode
// that they have.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "journal/backup.h"
#include "journal/sqlite/files.h"

namespace dayu::journal::backup {

inline constexpr std::string_view facts_file = "backup.json";
inline constexpr std::int64_t format = 1;

// Relative paths of all regular files below `folder`, sorted, but for those in folders or under names that
// `is_left_out` names. A symbolic link is refused: what it points at may not be ours.
Result<std::vector<std::string>> list_files(
    const std::string& folder, const std::function<bool(const std::string&)>& is_left_out);

// Copies one file and makes the folders that it needs. `not_found` when it is gone.
Result<BackupFile> copy_file(const std::string& from, const std::string& to,
                             const std::string& path);

// Size, mode and hash of a file that is there.
Result<BackupFile> look_at(const std::string& folder, const std::string& path);

// Syncs the folder and those below it.
Result<void> sync_tree(const std::string& folder);

// An empty folder of that name, held by this process: leftovers of one that was killed are removed.
Result<Descriptor> make_staging(const std::string& folder);

std::string without_slash(std::string path);
bool is_empty_folder(const std::string& path);
bool is_there(const std::string& path);

}  // namespace dayu::journal::backup
