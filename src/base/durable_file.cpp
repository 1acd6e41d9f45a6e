#include "base/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace dayu {
namespace {

class File {
   public:
    explicit File(int number) : number_(number) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }

   private:
    int number_;
};

}  // namespace

Result<void> replace_durably(const std::string& path, std::string_view bytes,
                             const std::string& code) {
    const auto failed = [&](const std::string& verb, const std::string& what) {
        return error_from_errno(code, verb + " " + what, errno);
    };
    const std::string temporary = path + ".tmp", folder = path.substr(0, path.rfind('/'));
    {
        const File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (file.number() < 0) return failed("create", temporary);
        while (!bytes.empty()) {
            const ssize_t count = ::write(file.number(), bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) return failed("write", temporary);
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        if (::fsync(file.number()) != 0) return failed("sync", temporary);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("rename", temporary);
    const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.number() < 0 || ::fsync(directory.number()) != 0) return failed("sync", folder);
    return {};
}

}  // namespace dayu
