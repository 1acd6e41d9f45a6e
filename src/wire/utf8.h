// Everything that enters is UTF-8 or is refused, so that everything that leaves can be.
#pragma once

#include <string>
#include <string_view>

namespace dayu::wire {

// Offset of the first byte that is not UTF-8 (RFC 3629: no surrogates, no overlong forms), or npos.
std::size_t find_invalid_utf8(std::string_view text);

// Replaces each byte that is not UTF-8 by U+FFFD.
std::string to_valid_utf8(std::string_view text);

}  // namespace dayu::wire
