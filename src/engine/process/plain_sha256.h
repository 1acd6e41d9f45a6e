// SHA-256 for dayu-shim, which is linked without a library of cryptography. The tests hold it against
// base/sha256.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace dayu::engine {

class PlainSha256 {
   public:
    void add(std::string_view bytes);
    std::string finish();  // in hex; once

   private:
    void take_block(const unsigned char* block);

    std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<unsigned char, 64> block_{};
    std::uint64_t count_ = 0;  // bytes
};

}  // namespace dayu::engine
