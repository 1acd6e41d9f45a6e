#include "base/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/descriptor.h"

namespace dayu {
Result<void> replace_durably(const std::string& path, std::string_view bytes,
                             const std::string& code) {
    const auto failed = [&](const std::string& verb, const std::string& what) {
        return error_from_errno(code, verb + " " + what, errno);
    };
    const std::string temporary = path + ".tmp", folder = path.substr(0, path.rfind('/'));
    {
        const Descriptor file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!file.is_open()) return failed("create", temporary);
        if (!write_at(file, bytes, 0)) return failed("write", temporary);
        if (::fsync(file.number()) != 0) return failed("sync", temporary);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("rename", temporary);
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open() || ::fsync(directory.number()) != 0) return failed("sync", folder);
    return {};
}

}  // namespace dayu
