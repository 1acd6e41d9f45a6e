#include "journal/backup/copy_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <fmt/core.h>

#include "base/sha256.h"

namespace dayu::journal::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr mode_t mode_bits = 07777;

Error failed(std::string_view what, const std::string& path) {
    const int error = errno;
    const std::string text = fmt::format("{} {}", what, path);
    if (error == ENOENT) return not_found("backup_file_missing", text + ": it is not there");
    const bool full = error == ENOSPC || error == EDQUOT;
    Error made = error_from_errno(full ? "disk_full" : "backup_failed", text, error);
    if (full) made.kind = ErrorKind::unavailable;
    if (error == EACCES || error == EPERM) made.kind = ErrorKind::denied;
    return made;
}

Result<Descriptor> open_to_read(const std::string& path) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.is_open()) return failed("read", path);
    return file;
}

// Calls take(bytes) for each block.
template <class Take>
Result<void> read_blocks(const Descriptor& file, const std::string& path, const Take& take) {
    std::string block(block_bytes, '\0');
    while (true) {
        const ssize_t got = ::read(file.number(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path);
        if (got == 0) return {};
        TRY(take(std::string_view(block).substr(0, static_cast<std::size_t>(got))));
    }
}

Result<void> write_all(const Descriptor& file, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file.number(), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<BackupFile> facts_of(const Descriptor& file, const std::string& path) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0) return failed("look at", path);
    return BackupFile{.path = path, .mode = status.st_mode & mode_bits};
}

}  // namespace

Result<std::vector<std::string>> list_files(
    const std::string& folder, const std::function<bool(const std::string&)>& is_left_out) {
    std::vector<std::string> found;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
        const std::string path = at->path().lexically_relative(folder).string();
        std::error_code gone;
        const fs::file_status status = at->symlink_status(gone);
        if (is_left_out(path)) {
            if (fs::is_directory(status)) at.disable_recursion_pending();
            continue;
        }
        if (fs::is_symlink(status)) {
            return conflict("backup_of_link",
                            fmt::format("{} is a symbolic link, and what it points at would not be "
                                        "in the backup: put the file itself there",
                                        at->path().string()));
        }
        if (fs::is_regular_file(status)) found.push_back(path);
    }
    if (error) {
        errno = error.value();
        return failed("list", folder);
    }
    std::ranges::sort(found);
    return found;
}

Result<BackupFile> copy_file(const std::string& from, const std::string& to,
                             const std::string& path) {
    const std::string source = from + "/" + path, target = to + "/" + path;
    const Descriptor in = TRY(open_to_read(source));
    BackupFile facts = TRY(facts_of(in, path));
    TRY(sqlite::make_directory(fs::path(target).parent_path().string()));
    const Descriptor out(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!out.is_open()) return failed("create", target);
    Sha256Sum sum;
    TRY(read_blocks(in, source, [&](std::string_view block) {
        sum.add(block);
        facts.bytes += static_cast<std::int64_t>(block.size());
        return write_all(out, block, target);
    }));
    if (::fchmod(out.number(), static_cast<mode_t>(facts.mode)) != 0 || ::fsync(out.number()) != 0)
        return failed("sync", target);
    facts.sha256 = to_hex(sum.finish());
    return facts;
}

Result<BackupFile> look_at(const std::string& folder, const std::string& path) {
    const std::string whole = folder + "/" + path;
    const Descriptor file = TRY(open_to_read(whole));
    BackupFile facts = TRY(facts_of(file, path));
    Sha256Sum sum;
    TRY(read_blocks(file, whole, [&](std::string_view block) {
        sum.add(block);
        facts.bytes += static_cast<std::int64_t>(block.size());
        return Result<void>();
    }));
    if (::fsync(file.number()) != 0) return failed("sync", whole);
    facts.sha256 = to_hex(sum.finish());
    return facts;
}

Result<void> sync_tree(const std::string& folder) {
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
         at.increment(error)) {
        if (at->is_directory(error)) TRY(sqlite::sync_directory(at->path().string()));
    }
    return sqlite::sync_directory(folder);
}

Result<Descriptor> make_staging(const std::string& folder) {
    TRY(sqlite::make_directory(folder));
    Descriptor lock = TRY(sqlite::lock_directory(folder));
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (at->path().filename() != "lock") fs::remove_all(at->path(), error);
    }
    if (error) {
        errno = error.value();
        return failed("empty", folder);
    }
    return lock;
}

std::string without_slash(std::string path) {
    std::string whole = fs::absolute(path).lexically_normal().string();
    while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
    return whole;
}

bool is_empty_folder(const std::string& path) {
    std::error_code error;
    return fs::is_directory(path, error) && fs::is_empty(path, error) && !error;
}

bool is_there(const std::string& path) {
    std::error_code error;
    return fs::exists(fs::symlink_status(path, error));
}

}  // namespace dayu::journal::backup
