#include "engine/process/log_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/base64.h"
#include "engine/process/files.h"

namespace dayu::engine {
namespace {

constexpr std::int64_t longest_chunk_bytes = 256 * 1024;

}  // namespace

LogChunk read_log_chunk(const AttemptFiles& files, const LogRequest& request) {
    LogChunk chunk{.id = request.id, .base64 = {}, .error = {}};
    // Asked before the file is read: what an ended attempt wrote is all there.
    const bool ended = exists(files.exit());
    const std::string path = files.log(request.node);
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0) {
        // A rank that has not begun, or never will, has written nothing.
        chunk.at_end = true;
        chunk.complete = ended;
        if (errno != ENOENT) chunk.error = path + ": " + std::strerror(errno);
        return chunk;
    }
    const std::int64_t from = request.offset < 0 ? status.st_size + request.offset : request.offset;
    chunk.offset = std::clamp<std::int64_t>(from, 0, status.st_size);
    const std::int64_t wanted =
        request.limit > 0 ? std::min(request.limit, longest_chunk_bytes) : longest_chunk_bytes;
    std::string bytes(static_cast<std::size_t>(std::min(wanted, status.st_size - chunk.offset)),
                      '\0');
    const ssize_t count = ::pread(file.get(), bytes.data(), bytes.size(), chunk.offset);
    if (count < 0) {
        chunk.error = path + ": " + std::strerror(errno);
        return chunk;
    }
    bytes.resize(static_cast<std::size_t>(count));
    chunk.base64 = encode_base64(bytes);
    chunk.at_end = chunk.offset + count >= status.st_size;
    chunk.complete = chunk.at_end && ended;
    return chunk;
}

}  // namespace dayu::engine
