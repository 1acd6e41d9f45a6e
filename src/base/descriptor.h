// An open file of POSIX, and the loop that every write needs.
#pragma once

#include <cstdint>
#include <string_view>

namespace dayu {

// A file descriptor that closes itself.
class Descriptor {
   public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();

    int number() const { return number_; }
    bool is_open() const { return number_ >= 0; }

   private:
    int number_;
};

// Writes all of it at `offset`; false where that failed, and errno says why.
bool write_at(const Descriptor& file, std::string_view bytes, std::int64_t offset);

}  // namespace dayu
