// Contents on their way: a body of pieces, each of which says where in which content it belongs. Many
// small contents share one request, a large one takes several, and a transfer that broke off goes on where
// it was. A piece is a line "SHA256 OFFSET TOTAL LENGTH", and LENGTH bytes behind it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace dayu {

inline constexpr std::size_t content_body_bytes = std::size_t{4} << 20;  // about as many a request
inline constexpr std::size_t max_pieces = 4096;                          // a request

struct ContentPiece {
    std::string sha256;  // of the content, hex
    std::int64_t offset = 0;
    std::int64_t total = 0;  // bytes of the content
    std::string_view bytes{};

    bool is_whole() const { return offset == 0 && std::cmp_equal(bytes.size(), total); }
};

void append_piece(std::string& body, const ContentPiece& piece);

// The pieces point into the body.
Result<std::vector<ContentPiece>> parse_pieces(std::string_view body);

}  // namespace dayu
