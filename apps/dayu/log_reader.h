// Reads what attempts of a job wrote and hands it on, byte for byte. `dayu logs` reads one attempt or
// follows; `dayu run` follows from the first one on.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "dayu/connection.h"
#include "wire/json.h"

namespace dayu::app {

// Writes to a stream, and at once.
std::function<void(std::string_view)> write_to(std::FILE* stream);

struct LogOptions {
    std::int64_t attempt = 0;  // 0: the latest
    std::int64_t node = 0;     // of a gang
    std::int64_t tail_bytes = 0;
    bool follow = false;
    std::function<void(std::string_view)> write = write_to(stdout);
    // Told of the job each time it is looked at between two attempts.
    std::function<void(const wire::Json& job)> watch;
};

class LogReader {
   public:
    LogReader(Connection& connection, const LogOptions& options, std::int64_t id)
        : connection_(connection), options_(options), id_(id) {}

    // One attempt: to what is there now, or while following to its end.
    Result<void> read_attempt(std::int64_t attempt);

    // All attempts from this one on, until the job has ended; 0: from the latest on.
    Result<void> follow(std::int64_t attempt);

   private:
    struct Chunk {
        std::int64_t next = 0;
        bool at_end = false;
        bool complete = false;
    };

    Result<void> bear(const Error& error);
    Result<Chunk> read_chunk(std::int64_t attempt, std::int64_t offset);

    Connection& connection_;
    const LogOptions& options_;
    std::int64_t id_;
    Instant heard_ = system_clock().instant();
};

}  // namespace dayu::app
