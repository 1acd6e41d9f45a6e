#include "engine/process/staging.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/sha256.h"
#include "engine/process/files.h"

namespace dayu::engine {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr mode_t folder_mode = 0755;
constexpr mode_t root_mode = 0700;
constexpr int tries = 2;  // of a content that is not what it should be

Error failed(const std::string& verb, const std::string& path) {
    Error error = error_from_errno("staging_failed", verb + " " + path, errno);
    // A full disk: another centre may have room.
    if (error.kind == ErrorKind::unavailable) error.kind = ErrorKind::exhausted;
    return error;
}

class Layout {
   public:
    Layout(std::string root, const JobUser& user, WorkdirSource& source)
        : root_(std::move(root)), user_(user), source_(source), block_(block_bytes, '\0') {}

    Result<void> make() {
        TRY(make_folder(root_, root_mode));
        for (const WorkdirEntry& entry : source_.manifest().entries) {
            if (source_.is_abandoned())
                return unavailable("staging_abandoned", "not wanted any more");
            if (entry.kind == WorkdirEntry::Kind::link) continue;
            TRY(make_parents(entry.path));
            if (entry.is_file()) {
                TRY(make_file(entry));
            } else {
                TRY(make_folder(root_ + "/" + entry.path, folder_mode));
            }
        }
        // Last, so that nothing is ever written through one.
        for (const WorkdirEntry& entry : source_.manifest().entries) {
            if (entry.kind != WorkdirEntry::Kind::link) continue;
            TRY(make_parents(entry.path));
            TRY(make_link(entry));
        }
        return {};
    }

   private:
    Result<void> give(int fd, const std::string& path) const {
        if (user_.uid < 0) return {};
        if (::fchown(fd, static_cast<uid_t>(user_.uid), static_cast<gid_t>(user_.gid)) != 0)
            return failed("chown", path);
        return {};
    }

    Result<void> make_folder(const std::string& path, mode_t mode) const {
        if (::mkdir(path.c_str(), root_mode) != 0) return failed("make", path);
        const Fd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!folder || ::fchmod(folder.get(), mode) != 0) return failed("make", path);
        return give(folder.get(), path);
    }

    // Entries come in the order of their paths: most have the parent of the one before.
    Result<void> make_parents(const std::string& path) {
        const std::string parent = path.substr(0, path.rfind('/') + 1);
        if (parent == last_parent_) return {};
        for (std::size_t at = parent.find('/'); at != std::string::npos;
             at = parent.find('/', at + 1)) {
            const std::string folder = root_ + "/" + parent.substr(0, at);
            if (!exists(folder)) TRY(make_folder(folder, folder_mode));
        }
        last_parent_ = parent;
        return {};
    }

    Result<void> make_file(const WorkdirEntry& entry) {
        const std::string path = root_ + "/" + entry.path;
        for (int i = 0; i < tries; ++i) {
            const std::string from = TRY(source_.fetch(entry));
            if (TRY(copy(from, path)) == entry.sha256) return finish(entry, path);
            source_.spoilt(entry);
            if (::unlink(path.c_str()) != 0) return failed("remove", path);
        }
        return conflict("content_spoilt",
                        "workdir: what came for \"" + entry.path +
                            "\" does not have the SHA-256 that it was submitted with");
    }

    // The digest is that of the copy, which nobody else has: what was read is what is there.
    Result<std::string> copy(const std::string& from, const std::string& path) {
        const Fd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
        if (!in) return failed("open", from);
        const Fd out(
            ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!out) return failed("create", path);
        const bool shares = ::ioctl(out.get(), FICLONE, in.get()) == 0;
        Sha256Sum sum;
        while (true) {
            const ssize_t count =
                ::read(shares ? out.get() : in.get(), block_.data(), block_.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed("read", from);
            if (count == 0) return to_hex(sum.finish());
            const std::string_view bytes(block_.data(), static_cast<std::size_t>(count));
            sum.add(bytes);
            if (shares) continue;
            TRY(write_all(out.get(), bytes, path));
        }
    }

    Result<void> finish(const WorkdirEntry& entry, const std::string& path) const {
        const Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
        const mode_t mode = entry.kind == WorkdirEntry::Kind::program ? 0755 : 0644;
        if (!file || ::fchmod(file.get(), mode) != 0) return failed("set the mode of", path);
        return give(file.get(), path);
    }

    Result<void> make_link(const WorkdirEntry& entry) const {
        const std::string path = root_ + "/" + entry.path;
        if (::symlink(entry.target.c_str(), path.c_str()) != 0) return failed("make", path);
        if (user_.uid < 0) return {};
        if (::lchown(path.c_str(), static_cast<uid_t>(user_.uid), static_cast<gid_t>(user_.gid)) !=
            0)
            return failed("chown", path);
        return {};
    }

    const std::string root_;
    const JobUser& user_;
    WorkdirSource& source_;
    std::string block_;
    std::string last_parent_;
};

}  // namespace

Result<void> lay_out(const std::string& directory, const JobUser& user, WorkdirSource& source) {
    std::error_code error;
    std::filesystem::remove_all(directory, error);  // of a try that was cut short
    return Layout(directory, user, source).make();
}

}  // namespace dayu::engine
