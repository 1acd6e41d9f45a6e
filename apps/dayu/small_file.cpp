#include "dayu/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.h"
#include "base/durable_file.h"

namespace dayu::app {
namespace {

constexpr mode_t readable_by_all = 0644;

Error cannot(std::string_view what, const std::string& path) {
    const int error_number = errno;
    const std::string text = "cannot " + std::string(what) + " " + path;
    Error error = error_from_errno("file_error", text, error_number);
    if (error_number == ENOENT) error = not_found("file_not_found", error.message);
    if (error_number == EACCES) error = denied("file_denied", error.message);
    if (error_number == EEXIST) error = conflict("file_exists", error.message);
    return error;
}

Error too_large(const std::string& path, std::size_t limit_bytes) {
    return exhausted("file_too_large",
                     path + " is larger than " + std::to_string(limit_bytes) + " bytes");
}

Result<void> sync_folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!descriptor.is_open() || fsync(descriptor.number()) != 0) {
        return cannot("sync", folder);
    }
    return {};
}

}  // namespace

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Result<std::string> read_small_file(const std::string& path, std::size_t limit_bytes) {
    const bool is_stdin = path == "-";
    const Descriptor file(is_stdin ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                   : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return cannot("open", path);
    struct stat status{};
    if (fstat(file.number(), &status) != 0) return cannot("read", path);
    if (S_ISDIR(status.st_mode)) return invalid("is_a_folder", path + " is a folder, not a file");
    if (S_ISREG(status.st_mode) && status.st_size > static_cast<off_t>(limit_bytes)) {
        return too_large(path, limit_bytes);
    }
    std::string content;
    char buffer[65536];
    while (true) {
        const ssize_t got = read(file.number(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot("read", path);
        if (got == 0) return content;
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > limit_bytes) return too_large(path, limit_bytes);
    }
}

Result<void> create_secret_file(const std::string& path, std::string_view content) {
    const Descriptor file(
        open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) return cannot("create", path);
    if (fchmod(file.number(), 0600) != 0) return cannot("protect", path);
    if (!write_at(file, content, 0)) return cannot("write", path);
    if (fsync(file.number()) != 0) return cannot("sync", path);
    return sync_folder_of(path);
}

Result<void> replace_small_file(const std::string& path, std::string_view content) {
    return replace_durably(path, content, cannot, readable_by_all);
}

}  // namespace dayu::app
