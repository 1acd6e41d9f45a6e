#include "journal/sqlite/snapshot_folder.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include <fmt/core.h>

#include "journal/sqlite/files.h"

namespace dayu::journal::sqlite {

namespace fs = std::filesystem;

std::string SnapshotFolder::file_of(Seq seq) const {
    return fmt::format("{}/{:020}.snapshot", path_, seq.value);
}

std::vector<Seq> SnapshotFolder::list() const {
    std::vector<Seq> found;
    std::error_code error;  // no folder: no snapshots
    for (fs::directory_iterator file(path_, error), end; !error && file != end;
         file.increment(error)) {
        if (file->path().extension() != ".snapshot") continue;
        const std::string stem = file->path().stem().string();
        Seq seq;
        const char* stop = stem.data() + stem.size();
        if (std::from_chars(stem.data(), stop, seq.value).ptr == stop) found.push_back(seq);
    }
    std::ranges::sort(found);
    return found;
}

Result<void> SnapshotFolder::write(const Snapshot& snapshot) {
    TRY(make_directory(path_));
    TRY(replace_file(file_of(snapshot.seq), snapshot.bytes));
    const std::vector<Seq> all = list();
    for (std::size_t i = 0; i + kept_snapshots < all.size(); ++i) TRY(drop(all[i]));
    return {};
}

Result<std::optional<Snapshot>> SnapshotFolder::newest() const {
    const std::vector<Seq> all = list();
    if (all.empty()) return std::optional<Snapshot>();
    return std::optional(Snapshot{.seq = all.back(), .bytes = TRY(read_file(file_of(all.back())))});
}

Result<void> SnapshotFolder::drop(Seq seq) {
    std::error_code error;
    fs::remove(file_of(seq), error);
    if (error) return error_from_errno("snapshot_not_removed", file_of(seq), error.value());
    return {};
}

}  // namespace dayu::journal::sqlite
