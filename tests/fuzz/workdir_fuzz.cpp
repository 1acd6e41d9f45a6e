// Whatever bytes come as a manifest, or as pieces of contents: an error with a code and a message, or what
// validate() takes and what writes back to the same bytes.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "model/content_piece.h"
#include "model/workdir.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace dayu;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Result<Manifest> manifest = parse_manifest(text);
    if (manifest.ok()) {
        CHECK(validate(*manifest).ok());
        CHECK(to_text(*manifest) == text);
    } else {
        CHECK(!manifest.error().code.empty() && !manifest.error().message.empty());
    }
    const auto pieces = parse_pieces(text);
    if (!pieces.ok()) return 0;
    for (const ContentPiece& piece : *pieces) {
        CHECK(is_content_digest(piece.sha256));
        CHECK(piece.offset >= 0 && piece.total <= max_content_bytes);
        CHECK(piece.offset + static_cast<std::int64_t>(piece.bytes.size()) <= piece.total);
    }
    return 0;
}
