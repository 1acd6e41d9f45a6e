#include "engine/process/file_server.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "engine/process/files.h"
#include "engine/process/plain_sha256.h"
#include "model/file_words.h"
#include "model/reach.h"

namespace dayu::engine {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::string_view part_suffix = ".dayu-part";
constexpr mode_t plain_permissions = 0777;  // no set-user-id comes in from outside

struct Refusal {
    std::string code;
    std::string message;
};

Refusal refusal_of(int error, const std::string& path) {
    switch (error) {
        case ENOENT: return {"file_not_found", path + ": there is no such file"};
        case EXDEV:
        case ELOOP:
            return {"path_outside", path +
                                        ": leads out of the run directory; name a path that starts "
                                        "there, over no link that leaves it"};
        case EACCES:
        case EPERM: return {"file_denied", path + ": the job's user may not do that"};
        case ENOTDIR: return {"not_a_folder", path + ": a part of it is no folder"};
        case EISDIR: return {"is_a_folder", path + ": is a folder; write a '/' behind it"};
        case ENOSPC:
        case EDQUOT: return {"disk_full", path + ": no room is left at the centre"};
        default: return {"file_failed", path + ": " + std::strerror(error)};
    }
}

char kind_of(mode_t mode) {
    if (S_ISREG(mode)) return 'f';
    if (S_ISDIR(mode)) return 'd';
    return S_ISLNK(mode) ? 'l' : 'o';
}

std::string describe(const struct stat& status) {
    return std::string(1, kind_of(status.st_mode)) + " " +
           std::to_string(status.st_mode & plain_permissions) + " " +
           std::to_string(status.st_size) + " " + std::to_string(status.st_mtim.tv_sec);
}

// An older kernel has no openat2: then no link is followed at all.
int open_without_links(int directory, const std::string& path, int flags, mode_t mode) {
    if (path.starts_with('/')) return errno = EXDEV, -1;
    Fd at(::dup(directory));
    std::size_t from = 0;
    while (at) {
        const std::size_t slash = path.find('/', from);
        const std::string name = path.substr(from, slash - from);
        if (name == "..") return errno = EXDEV, -1;
        const std::string step = name.empty() ? "." : name;
        if (slash == std::string::npos) {
            return ::openat(at.get(), step.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, mode);
        }
        at = Fd(::openat(at.get(), step.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        from = slash + 1;
    }
    return -1;
}

Fd open_inside(int directory, std::string path, int flags, mode_t mode = 0) {
    if (path.empty()) path = ".";
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.mode = (flags & O_CREAT) != 0 ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    const long fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
    if (fd < 0 && errno == ENOSYS) return Fd(open_without_links(directory, path, flags, mode));
    return Fd(static_cast<int>(fd));
}

struct Names {
    std::string folder;
    std::string name;
};
Names split(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return {".", path};
    return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

class Server {
   public:
    Server(int directory, int input, int output)
        : directory_(directory), input_(input), output_(output) {}

    int run() {
        std::string buffer(piece_bytes, '\0');
        while (true) {
            const ssize_t count = ::read(input_, buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return 0;
            reader_.add({buffer.data(), static_cast<std::size_t>(count)});
            while (const auto frame = reader_.next()) {
                if (!serve(*frame)) return 1;
            }
            if (reader_.is_broken()) return 1;
        }
    }

   private:
    bool say(char word, std::string_view payload) {
        return write_all(output_, make_frame(word, payload), "the channel").ok();
    }
    bool done(std::string_view payload = {}) { return say(file_word::done, payload); }
    bool refuse(const Refusal& refusal) {
        return say(file_word::refused, refusal.code + "\n" + refusal.message);
    }
    bool refuse(int error, const std::string& path) { return refuse(refusal_of(error, path)); }

    bool serve(const Frame& frame) {
        if (frame.kind == file_word::bytes) return take(frame.payload);
        const std::size_t line = frame.payload.find('\n');
        const std::string numbers = frame.payload.substr(0, line);
        const std::string path =
            line == std::string::npos ? std::string() : frame.payload.substr(line + 1);
        if (path.find('\0') != std::string::npos) return refuse(EINVAL, "a path with a NUL");
        long long first = 0;
        long long second = 0;
        char text[80] = {};
        std::sscanf(numbers.c_str(), "%lld %lld %79s", &first, &second, text);
        if (first < 0 || second < 0) return refuse(EINVAL, path);
        switch (frame.kind) {
            case file_word::stat: return stat(path);
            case file_word::list: return list(path);
            case file_word::get: return get(path, first, second);
            case file_word::hash: return hash(path, first);
            case file_word::part: return part(path);
            case file_word::put: return put(path, first);
            case file_word::commit: return commit(static_cast<mode_t>(first), second, text);
            case file_word::mkdir: return mkdir(path, static_cast<mode_t>(first));
            default:
                return refuse({"file_word_unknown", "this centre's agent is older; update it"});
        }
    }

    bool stat(const std::string& path) {
        const Fd file = open_inside(directory_, path, O_PATH);
        struct stat status{};
        if (!file || ::fstat(file.get(), &status) != 0) return refuse(errno, path);
        return done(describe(status));
    }

    bool list(const std::string& path) {
        Fd folder = open_inside(directory_, path, O_RDONLY | O_DIRECTORY);
        if (!folder) return refuse(errno, path);
        DIR* const stream = ::fdopendir(::dup(folder.get()));
        if (stream == nullptr) return refuse(errno, path);
        bool heard = true;
        while (const dirent* entry = heard ? ::readdir(stream) : nullptr) {
            const std::string name = entry->d_name;
            struct stat status{};
            if (name == "." || name == ".." ||
                ::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
                continue;
            }
            heard = say(file_word::entry, describe(status) + "\n" + name);
        }
        ::closedir(stream);
        return heard && done();
    }

    // A pipe that the job made is no file: opening it would wait for a writer.
    Fd open_file(const std::string& path) {
        Fd file = open_inside(directory_, path, O_RDONLY | O_NONBLOCK);
        struct stat status{};
        if (!file || ::fstat(file.get(), &status) != 0) return Fd();
        if (S_ISREG(status.st_mode)) return file;
        errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
        return Fd();
    }

    bool get(const std::string& path, long long offset, long long end) {
        const Fd file = open_file(path);
        if (!file) return refuse(errno, path);
        std::string piece(piece_bytes, '\0');
        while (offset < end) {
            const auto wanted = static_cast<std::size_t>(
                std::min<long long>(end - offset, static_cast<long long>(piece.size())));
            const ssize_t count = ::pread(file.get(), piece.data(), wanted, offset);
            if (count < 0) return refuse(errno, path);
            if (count == 0) break;  // shorter by now: the asker sees that from the length
            if (!say(file_word::bytes, {piece.data(), static_cast<std::size_t>(count)})) {
                return false;
            }
            offset += count;
        }
        return done();
    }

    bool hash(const std::string& path, long long length) {
        const Fd file = open_file(path);
        if (!file) return refuse(errno, path);
        PlainSha256 sum;
        if (!add(sum, file.get(), length)) return refuse(errno, path);
        return done(sum.finish());
    }

    // False with errno when it cannot be read; what is missing at the end shows in the sum.
    static bool add(PlainSha256& sum, int file, long long length) {
        std::string piece(piece_bytes, '\0');
        for (long long offset = 0; offset < length;) {
            const auto wanted = static_cast<std::size_t>(
                std::min<long long>(length - offset, static_cast<long long>(piece.size())));
            const ssize_t count = ::pread(file, piece.data(), wanted, offset);
            if (count < 0) return false;
            if (count == 0) return true;
            sum.add({piece.data(), static_cast<std::size_t>(count)});
            offset += count;
        }
        return true;
    }

    bool mkdir(const std::string& path, mode_t mode) {
        const auto [folder, name] = split(path);
        const Fd parent = open_inside(directory_, folder, O_PATH | O_DIRECTORY);
        if (!parent) return refuse(errno, path);
        if (::mkdirat(parent.get(), name.c_str(), mode & plain_permissions) == 0) return done();
        if (errno != EEXIST) return refuse(errno, path);
        const Fd there = open_inside(directory_, path, O_PATH | O_DIRECTORY);
        return there ? done() : refuse(errno, path);
    }

    bool part(const std::string& path) {
        const auto [folder, name] = split(path);
        const Fd parent = open_inside(directory_, folder, O_PATH | O_DIRECTORY);
        if (!parent) return refuse(errno, path);
        struct stat status{};
        const std::string part_name = name + std::string(part_suffix);
        if (::fstatat(parent.get(), part_name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(status.st_mode)) {
            return done("0");
        }
        return done(std::to_string(status.st_size));
    }

    // What goes wrong from here on is told at the commit at the latest, and at once by a refusal.
    bool put(const std::string& path, long long offset) {
        path_ = path;
        parent_ = Fd();
        file_ = Fd();
        sum_ = PlainSha256();
        written_ = offset;
        auto [folder, name] = split(path);
        if (name.empty() || name == "." || name == "..") return refuse(EISDIR, path);
        name_ = name;
        parent_ = open_inside(directory_, folder, O_PATH | O_DIRECTORY);
        if (!parent_) return refuse(errno, path);
        struct stat status{};
        if (::fstatat(parent_.get(), name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            !S_ISREG(status.st_mode)) {
            return refuse(S_ISDIR(status.st_mode) ? EISDIR : EEXIST, path);
        }
        file_ = Fd(::openat(parent_.get(), (name_ + std::string(part_suffix)).c_str(),
                            O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
        if (!file_) return refuse(errno, path);
        if (::ftruncate(file_.get(), offset) != 0 || !add(sum_, file_.get(), offset)) {
            return fail(errno);
        }
        return true;
    }

    bool fail(int error) {
        file_ = Fd();
        return refuse(error, path_);
    }

    bool take(std::string_view bytes) {
        if (!file_) return true;  // refused already
        sum_.add(bytes);
        while (!bytes.empty()) {
            const ssize_t count = ::pwrite(file_.get(), bytes.data(), bytes.size(), written_);
            if (count < 0) return fail(errno);
            written_ += count;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    bool commit(mode_t mode, long long size, const std::string& hex) {
        if (!file_) return true;  // refused already
        const std::string part_name = name_ + std::string(part_suffix);
        if (written_ != size || sum_.finish() != hex) {
            file_ = Fd();
            ::unlinkat(parent_.get(), part_name.c_str(), 0);
            return refuse(
                {"content_differs", path_ + ": what arrived is not what was sent; copy it again"});
        }
        if (::fchmod(file_.get(), mode & plain_permissions) != 0 || ::fsync(file_.get()) != 0 ||
            ::renameat(parent_.get(), part_name.c_str(), parent_.get(), name_.c_str()) != 0) {
            return fail(errno);
        }
        file_ = Fd();
        return done();
    }

    int directory_;
    int input_;
    int output_;
    FrameReader reader_;
    // Of the put under way:
    std::string path_;
    std::string name_;
    Fd parent_;
    Fd file_;
    PlainSha256 sum_;
    long long written_ = 0;
};

}  // namespace

int serve_files(int directory, int input, int output) {
    return Server(directory, input, output).run();
}

}  // namespace dayu::engine
