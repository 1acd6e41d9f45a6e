#include "base/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/descriptor.h"

namespace dayu {
namespace {

enum class Sync { no, yes };

Result<void> write_new(const std::string& path, std::string_view bytes, const FileError& failed,
                       mode_t mode, Sync sync) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!file.is_open()) return failed("create", path);
    if (!write_at(file, bytes, 0)) return failed("write", path);
    if (sync == Sync::yes && ::fsync(file.number()) != 0) return failed("sync", path);
    return {};
}

Result<void> replace(const std::string& path, std::string_view bytes, const FileError& failed,
                     mode_t mode, Sync sync) {
    const std::string temporary = path + ".tmp";
    Result<void> done = write_new(temporary, bytes, failed, mode, sync);
    if (done.ok() && ::rename(temporary.c_str(), path.c_str()) != 0)
        done = failed("rename", temporary);
    if (!done.ok()) ::unlink(temporary.c_str());
    return done;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

}  // namespace

Result<void> replace_at_once(const std::string& path, std::string_view bytes,
                             const FileError& failed, mode_t mode) {
    return replace(path, bytes, failed, mode, Sync::no);
}

Result<void> replace_durably(const std::string& path, std::string_view bytes,
                             const FileError& failed, mode_t mode) {
    // Opened first: whoever sees the new file may already have renamed the folder.
    const std::string folder = folder_of(path);
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open()) return failed("open", folder);
    TRY(replace(path, bytes, failed, mode, Sync::yes));
    if (::fsync(directory.number()) != 0) return failed("sync", folder);
    return {};
}

Result<void> replace_durably(const std::string& path, std::string_view bytes,
                             const std::string& code) {
    return replace_durably(path, bytes, [&](std::string_view verb, const std::string& at) {
        return error_from_errno(code, std::string(verb) + " " + at, errno);
    });
}

}  // namespace dayu
