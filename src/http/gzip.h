// gzip as HTTP carries it: both ends say what they take, and bodies that are worth it go compressed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace dayu::http {

inline constexpr std::size_t least_gzip_bytes = 1024;  // what is smaller goes as it is

std::string gzip(std::string_view bytes);

// `encoding_malformed`, or `body_too_large` as soon as more than the limit comes out.
Result<std::string> gunzip(std::string_view bytes, std::size_t limit_bytes);

// Text and JSON, and long enough.
bool is_worth_gzip(std::string_view content_type, std::size_t bytes);

// What "Accept-Encoding" says: gzip, and rather than nothing at all.
bool accepts_gzip(const Request& request);

// Takes the body of a request out of its "Content-Encoding"; the limit is that of the body as it was meant.
// Another encoding is `encoding_unsupported`.
Result<void> decode_body(Request& request, std::size_t limit_bytes);

// Compresses the body if it is worth it and the caller takes it. Its ETag then names these bytes: "x" becomes "x-gzip".
void encode_body(Response& response, bool takes_gzip);

}  // namespace dayu::http
