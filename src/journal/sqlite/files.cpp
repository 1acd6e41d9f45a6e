#include "journal/sqlite/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <fmt/core.h>

namespace dayu::journal::sqlite {
namespace {

Error failed(std::string_view what, const std::string& path) {
    const int error = errno;
    const bool full = error == ENOSPC || error == EDQUOT;
    return error_from_errno(full ? "disk_full" : "journal_write_failed",
                            fmt::format("{} {}", what, path), error);
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

Result<void> write_durably(const std::string& path, std::string_view bytes) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open()) return failed("create", path);
    TRY(write_all(file, bytes, path));
    if (::fsync(file.number()) != 0) return failed("sync", path);
    return {};
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
    const std::string temporary = path + ".tmp";
    Result<void> done = write_durably(temporary, bytes);
    if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = failed("rename", temporary);
    if (!done) {
        ::unlink(temporary.c_str());
        return done;
    }
    return sync_directory(std::filesystem::path(path).parent_path().string());
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
    (void)write_all(file, fmt::format("{}\n", ::getpid()), name);
    return file;
}

}  // namespace dayu::journal::sqlite
