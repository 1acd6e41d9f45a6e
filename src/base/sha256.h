// SHA-256, as the hash chain of the journal and the addresses of bodies use it.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace dayu {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
Sha256 sha256(std::initializer_list<std::string_view> parts);  // of their concatenation

// Of what is too large to be held at once, such as a file.
class Sha256Sum {
   public:
    Sha256Sum();
    ~Sha256Sum();
    void add(std::string_view bytes);
    Sha256 finish();  // once, at the end

   private:
    struct Context;
    std::unique_ptr<Context> context_;
};

std::string to_hex(std::string_view bytes);
std::string to_hex(const Sha256& digest);

// `count` bytes from the system's generator. Only adapters ask for it; the core is handed values.
std::string random_bytes(std::size_t count);

}  // namespace dayu
