// Base64 (RFC 4648, with padding), as logs and signatures travel in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dayu {

std::string encode_base64(std::string_view bytes);
// Nothing for what is not base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace dayu
