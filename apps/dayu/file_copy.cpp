#include "dayu/file_copy.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/sha256.h"
#include "dayu/answers.h"
#include "dayu/outcome.h"
#include "dayu/output.h"

namespace dayu::app {
namespace {

constexpr std::string_view part_suffix = ".dayu-part";
constexpr int deepest_folder = 64;
constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::int64_t check_every_bytes = std::int64_t{4} << 20;  // of an upload: was it refused?
constexpr Duration gives_up_after = seconds(90);                   // without progress
constexpr Duration retry_pause = milliseconds(500);
constexpr Duration show_every = milliseconds(200);
constexpr mode_t plain_permissions = 0777;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

Error local_error(const std::string& path, int error) {
    return error_from_errno("local_file_failed", path, error);
}

File open_local(const std::string& path, int flags, const char* how) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
    if (fd < 0) return {};
    File file(::fdopen(fd, how));
    if (!file) ::close(fd);
    return file;
}

// Adds the first `length` bytes, and stands behind them.
Result<void> add_to(Sha256Sum& sum, std::FILE* file, std::int64_t length, const std::string& path) {
    std::string piece(piece_bytes, '\0');
    std::rewind(file);
    while (length > 0) {
        const auto wanted = static_cast<std::size_t>(
            std::min<std::int64_t>(length, static_cast<std::int64_t>(piece.size())));
        const std::size_t count = std::fread(piece.data(), 1, wanted, file);
        if (count == 0) return local_error(path, errno == 0 ? EIO : errno);
        sum.add({piece.data(), count});
        length -= static_cast<std::int64_t>(count);
    }
    return {};
}

mode_t permissions_here(std::int64_t mode) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return static_cast<mode_t>(mode) & plain_permissions & ~mask;
}

// A name as a centre sent it must not lead anywhere.
bool is_plain(const std::string& name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
}

std::string below(const std::string& folder, const std::string& name) {
    if (folder.empty()) return name;
    return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

bool passes(const Error& error) {
    return error.kind == ErrorKind::unavailable || error.code == "reach_session_unknown" ||
           error.code == "reach_closed" || error.code == "reach_offset_wrong";
}

}  // namespace

void FileCopy::show(const std::string& name, std::int64_t done, std::int64_t size) {
    static const bool is_terminal = ::isatty(STDERR_FILENO) != 0;
    const Instant now = system_clock().instant();
    if (!is_terminal || now - shown_ < show_every) return;
    shown_ = now;
    on_line_ = true;
    const std::int64_t percent = size == 0 ? 100 : done * 100 / size;
    std::fprintf(stderr, "\r\033[K%s  %s of %s  %d%%", name.c_str(), app::bytes(done).c_str(),
                 app::bytes(size).c_str(), static_cast<int>(percent));
    std::fflush(stderr);
}

void FileCopy::end_line() {
    if (std::exchange(on_line_, false)) std::fputs("\r\033[K", stderr);
}

// What passes (an agent that is started anew, a connection that broke) is tried again while the copy
// gets on.
template <class Step>
Result<void> FileCopy::persist(const std::string& what, const Step& step) {
    Instant got_on = system_clock().instant();
    std::int64_t before = moved_;
    bool started_anew = false;
    while (true) {
        const Result<void> done = step();
        if (done.ok()) return {};
        remote_.forget();
        const Error& error = done.error();
        const Instant now = system_clock().instant();
        if (moved_ != before) got_on = now;
        before = moved_;
        const bool is_stale = error.code == "content_differs" && !std::exchange(started_anew, true);
        const bool waits =
            passes(error) && error.code != "content_differs" && now - got_on < gives_up_after;
        end_line();
        if (!is_stale && !waits) {
            return Error{error.kind, error.code, job_ + ": " + error.message};
        }
        remark(fmt::format("{}: {}; going on", what, error.message));
        pause(retry_pause);
    }
}

Result<void> FileCopy::download(const std::string& remote, const std::string& local) {
    FileStatus status;
    TRY(persist(remote, [&]() -> Result<void> {
        status = TRY(remote_.stat(remote));
        return {};
    }));
    if (status.kind == 'd') return download_folder(remote, local, 0);
    if (status.kind == 'f') return download_file(remote, local, status);
    return invalid("not_a_file", job_ + ": " + remote + " is neither a file nor a folder");
}

Result<void> FileCopy::download_folder(const std::string& remote, const std::string& local,
                                       int depth) {
    if (depth > deepest_folder)
        return exhausted("folder_too_deep", job_ + ": " + remote + " is nested more than " +
                                                std::to_string(deepest_folder) + " deep");
    if (::mkdir(local.c_str(), 0777) != 0 && errno != EEXIST) return local_error(local, errno);
    std::vector<FileStatus> entries;
    TRY(persist(remote, [&]() -> Result<void> {
        entries = TRY(remote_.list(remote));
        return {};
    }));
    for (const FileStatus& entry : entries) {
        if (!is_plain(entry.name) || entry.name.ends_with(part_suffix)) continue;
        const std::string from = below(remote, entry.name);
        const std::string to = below(local, entry.name);
        if (entry.kind == 'd') {
            TRY(download_folder(from, to, depth + 1));
        } else if (entry.kind == 'f') {
            TRY(download_file(from, to, entry));
        } else {
            end_line();
            remark(from + ": no file and no folder; left out");
        }
    }
    return {};
}

Result<void> FileCopy::download_file(const std::string& remote, const std::string& local,
                                     const FileStatus& status) {
    FileStatus latest = status;
    TRY(persist(remote, [&]() -> Result<void> {
        const Result<void> done = download_once(remote, local, latest);
        // A job that goes on writing has changed it: what is there now is what is wanted.
        if (!done.ok() && done.error().code == "content_differs")
            latest = TRY(remote_.stat(remote));
        return done;
    }));
    ++files_;
    bytes_ += latest.bytes;
    end_line();
    return {};
}

Result<void> FileCopy::download_once(const std::string& remote, const std::string& local,
                                     const FileStatus& status) {
    struct stat there{};
    if (::stat(local.c_str(), &there) == 0 && S_ISDIR(there.st_mode))
        return local_error(local, EISDIR);
    const std::string part = local + std::string(part_suffix);
    const File file = open_local(part, O_RDWR | O_CREAT | O_NOFOLLOW, "r+b");
    if (!file || ::fstat(::fileno(file.get()), &there) != 0) return local_error(part, errno);
    const std::int64_t had = there.st_size <= status.bytes ? there.st_size : 0;
    if (::ftruncate(::fileno(file.get()), had) != 0) return local_error(part, errno);
    Sha256Sum sum;
    TRY(add_to(sum, file.get(), had, part));
    std::fseek(file.get(), 0, SEEK_END);
    std::int64_t have = had;
    TRY(remote_.get(remote, had, status.bytes, [&](std::string_view piece) -> Result<void> {
        if (std::fwrite(piece.data(), 1, piece.size(), file.get()) != piece.size())
            return local_error(part, errno);
        sum.add(piece);
        have += static_cast<std::int64_t>(piece.size());
        moved_ += static_cast<std::int64_t>(piece.size());
        show(remote, have, status.bytes);
        return {};
    }));
    if (std::fflush(file.get()) != 0) return local_error(part, errno);
    if (have != status.bytes || to_hex(sum.finish()) != TRY(remote_.hash(remote, status.bytes))) {
        ::unlink(part.c_str());
        return unavailable("content_differs",
                           remote + ": it changed while it was copied; copy it again");
    }
    if (::fchmod(::fileno(file.get()), permissions_here(status.mode)) != 0 ||
        ::rename(part.c_str(), local.c_str()) != 0) {
        return local_error(local, errno);
    }
    return {};
}

Result<void> FileCopy::upload(const std::string& local, const std::string& remote) {
    struct stat status{};
    if (::stat(local.c_str(), &status) != 0) return local_error(local, errno);
    if (S_ISDIR(status.st_mode)) return upload_folder(local, remote, 0);
    return upload_file(local, remote);
}

Result<void> FileCopy::upload_folder(const std::string& local, const std::string& remote,
                                     int depth) {
    if (depth > deepest_folder)
        return exhausted("folder_too_deep", local + " is nested more than " +
                                                std::to_string(deepest_folder) + " deep");
    struct stat status{};
    if (::stat(local.c_str(), &status) != 0) return local_error(local, errno);
    if (!remote.empty() && remote != ".") {
        TRY(persist(remote,
                    [&] { return remote_.mkdir(remote, status.st_mode & plain_permissions); }));
    }
    std::vector<std::string> names;
    DIR* const folder = ::opendir(local.c_str());
    if (folder == nullptr) return local_error(local, errno);
    while (const dirent* entry = ::readdir(folder)) names.emplace_back(entry->d_name);
    ::closedir(folder);
    std::ranges::sort(names);
    for (const std::string& name : names) {
        if (!is_plain(name) || name.ends_with(part_suffix)) continue;
        const std::string from = below(local, name);
        const std::string to = below(remote, name);
        if (::lstat(from.c_str(), &status) != 0) return local_error(from, errno);
        if (S_ISDIR(status.st_mode)) {
            TRY(upload_folder(from, to, depth + 1));
        } else if (S_ISREG(status.st_mode)) {
            TRY(upload_file(from, to));
        } else {
            end_line();
            remark(from + ": no file and no folder; left out");
        }
    }
    return {};
}

Result<void> FileCopy::upload_file(const std::string& local, const std::string& remote) {
    bool resumes = true;
    TRY(persist(local, [&] {
        const Result<void> done = upload_once(local, remote, resumes);
        if (!done.ok() && done.error().code == "content_differs") resumes = false;
        return done;
    }));
    ++files_;
    end_line();
    return {};
}

Result<void> FileCopy::upload_once(const std::string& local, const std::string& remote,
                                   bool resumes) {
    const File file = open_local(local, O_RDONLY | O_NONBLOCK, "rb");
    struct stat status{};
    if (!file || ::fstat(::fileno(file.get()), &status) != 0) return local_error(local, errno);
    if (!S_ISREG(status.st_mode))
        return invalid("not_a_file", local + " is neither a file nor a folder");
    const std::int64_t size = status.st_size;
    const std::int64_t part = resumes ? TRY(remote_.part(remote)) : 0;
    std::int64_t sent = part <= size ? part : 0;
    Sha256Sum sum;
    TRY(add_to(sum, file.get(), sent, local));
    TRY(remote_.put(remote, sent));
    std::string piece(piece_bytes, '\0');
    std::int64_t checked = sent;
    while (sent < size) {
        const auto wanted = static_cast<std::size_t>(
            std::min<std::int64_t>(size - sent, static_cast<std::int64_t>(piece.size())));
        const std::size_t count = std::fread(piece.data(), 1, wanted, file.get());
        if (count == 0) return invalid("local_file_failed", local + " became shorter meanwhile");
        sum.add({piece.data(), count});
        TRY(remote_.bytes({piece.data(), count}));
        sent += static_cast<std::int64_t>(count);
        moved_ += static_cast<std::int64_t>(count);
        show(local, sent, size);
        if (sent - checked >= check_every_bytes) {
            TRY(remote_.check());
            checked = sent;
        }
    }
    TRY(remote_.commit(status.st_mode & plain_permissions, size, to_hex(sum.finish())));
    bytes_ += size;
    return {};
}

}  // namespace dayu::app
