#include "engine/process/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/durable_file.h"

namespace dayu::engine {
namespace {

Error failed(std::string_view verb, const std::string& path) {
    return error_from_errno("work_root_failed", std::string(verb) + " " + path, errno);
}

}  // namespace

Fd::~Fd() {
    if (number_ >= 0) ::close(number_);
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<std::string> read_file(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT) return not_found("file_not_found", path + ": there is no such file");
        return failed("open", path);
    }
    std::string content;
    char buffer[4096];
    for (;;) {
        const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
        if (count == 0) return content;
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read", path);
        content.append(buffer, static_cast<std::size_t>(count));
    }
}

Result<void> write_all(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> replace_file(const std::string& path, std::string_view bytes) {
    return replace_at_once(path, bytes, failed);
}

Result<void> replace_file_durably(const std::string& path, std::string_view bytes) {
    return replace_durably(path, bytes, failed);
}

Result<void> create_file_durably(const std::string& path, std::string_view bytes) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return failed("create", path);
    TRY(write_all(file.get(), bytes, path));
    if (::fsync(file.get()) != 0) return failed("sync", path);
    return sync_directory(path.substr(0, path.rfind('/')));
}

Result<void> sync_directory(const std::string& path) {
    const Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) return failed("sync", path);
    return {};
}

Result<void> append_file(const std::string& path, std::string_view bytes) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    struct stat before{};
    if (!file || ::fstat(file.get(), &before) != 0) return failed("open", path);
    const Result<void> written = write_all(file.get(), bytes, path);
    // Half a line, left by a full disk, would spoil the next one.
    if (!written.ok() && ::ftruncate(file.get(), before.st_size) != 0) return failed("mend", path);
    return written;
}

Result<void> make_directory(const std::string& path, unsigned mode) {
    if (::mkdir(path.c_str(), mode) == 0) {
        // What the umask took away.
        if (::chmod(path.c_str(), mode) != 0) return failed("chmod", path);
        return {};
    }
    if (errno == EEXIST) return conflict("already_there", path + " is there already");
    return failed("mkdir", path);
}

Result<Fd> try_lock(const std::string& path) {
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) return failed("open", path);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
    if (errno == EWOULDBLOCK) return Fd();
    return failed("lock", path);
}

}  // namespace dayu::engine
