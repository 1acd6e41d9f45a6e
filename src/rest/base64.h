// Base64 as logs travel in it (RFC 4648, with padding).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dayu::rest {

// Nothing for what is not base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace dayu::rest
