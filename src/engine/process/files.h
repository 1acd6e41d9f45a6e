// Files as the engine and the shim need them: small ones read whole, and written so that a reader sees
// the old or the new content, and that a crash of the machine keeps what was promised.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace dayu::engine {

// A file descriptor that closes itself.
class Fd {
   public:
    Fd() = default;
    explicit Fd(int number) : number_(number) {}
    Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Fd();

    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

   private:
    int number_ = -1;
};

bool exists(const std::string& path);

// The whole file, or not_found, or what the system said. For files that we wrote ourselves.
Result<std::string> read_file(const std::string& path);

// Writes all of it to an open file.
Result<void> write_all(int fd, std::string_view bytes, const std::string& path);

// Replaces the file in one step. Its owner alone may read it.
Result<void> replace_file(const std::string& path, std::string_view bytes);

// The same, and it is on disk when this returns.
Result<void> replace_file_durably(const std::string& path, std::string_view bytes);

// Makes a file that was not there, and it is on disk when this returns: one commit of the file system,
// where a replacement takes two. A crash before may leave a part of it.
Result<void> create_file_durably(const std::string& path, std::string_view bytes);

// The entries of a folder are on disk when this returns.
Result<void> sync_directory(const std::string& path);

// Appends all of it or, where that fails, nothing. The file has one writer.
Result<void> append_file(const std::string& path, std::string_view bytes);

Result<void> make_directory(const std::string& path, unsigned mode);

// Takes the lock on that file, which is created when it is missing; holds nothing when another has it.
Result<Fd> try_lock(const std::string& path);

}  // namespace dayu::engine
