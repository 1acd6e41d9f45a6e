// Errors as they leave over HTTP: problem details (RFC 9457), a JSON object with our stable code.
// {"type":"about:blank","title":"Bad Request","status":400,"code":"bad_json","detail":"..."}
// Written by hand here, because the JSON library lives above this folder.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace dayu::http {

// The status is the one that belongs to the error's kind, unless one is given.
Response problem(const Error& error);
Response problem(int status, const Error& error);

// "Not Found" for 404; "Status 799" for what nobody knows.
std::string reason_phrase(int status);

// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace dayu::http
