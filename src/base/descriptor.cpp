#include "base/descriptor.h"

#include <unistd.h>

#include <cerrno>

namespace dayu {

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

bool write_at(const Descriptor& file, std::string_view bytes, std::int64_t offset) {
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(file.number(), bytes.data(), bytes.size(), offset);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
        offset += count;
    }
    return true;
}

}  // namespace dayu
