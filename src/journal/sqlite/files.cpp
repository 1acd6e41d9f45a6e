#include "journal/sqlite/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <fmt/core.h>

#include "base/durable_file.h"

namespace dayu::journal::sqlite {
namespace {

Error failed(std::string_view what, const std::string& path) {
    const int error = errno;
    const bool full = error == ENOSPC || error == EDQUOT;
    return error_from_errno(full ? "disk_full" : "journal_write_failed",
                            fmt::format("{} {}", what, path), error);
}

}  // namespace

Result<void> make_directory(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::is_directory(path, error)) return {};
    const fs::path parent = fs::absolute(path, error).parent_path();
    if (parent != path && !fs::exists(parent, error)) TRY(make_directory(parent.string()));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return failed("create directory", path);
    return sync_directory(parent.string());
}

Result<void> sync_directory(const std::string& path) {
    const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open()) return failed("open directory", path);
    if (::fsync(directory.number()) != 0) return failed("sync directory", path);
    return {};
}

Result<void> replace_file(const std::string& path, std::string_view bytes) {
    return replace_durably(path, bytes, failed);
}

Result<std::string> read_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return failed("open", path);
    struct stat facts{};
    if (::fstat(file.number(), &facts) != 0) return failed("look at", path);
    std::string bytes(static_cast<std::size_t>(facts.st_size), '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read", path);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

Result<Descriptor> lock_directory(const std::string& path) {
    const std::string name = path + "/lock";
    Descriptor file(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file.is_open()) return failed("open", name);
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return failed("lock", name);
        std::string holder = TRY(read_file(name));
        while (!holder.empty() && holder.back() == '\n') holder.pop_back();
        return conflict(
            "data_in_use",
            fmt::format("{} is in use by process {}: end that server first, or name another "
                        "directory with --data",
                        path, holder.empty() ? "?" : holder));
    }
    // Only information for the one who is refused, so a full disk does not matter here.
    if (::ftruncate(file.number(), 0) != 0) return failed("write", name);
    (void)write_at(file, fmt::format("{}\n", ::getpid()), 0);
    return file;
}

}  // namespace dayu::journal::sqlite
