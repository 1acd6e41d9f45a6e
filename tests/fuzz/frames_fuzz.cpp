// Bytes from the other end of a channel: frames of a reach session, pieces of contents, and packed bodies. What was read
// reads the same when it is written again; what unpacks stays within its limit.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "http/gzip.h"
#include "model/content_piece.h"
#include "model/reach.h"

namespace {

std::string written(const std::vector<dayu::ContentPiece>& pieces) {
    std::string body;
    for (const dayu::ContentPiece& piece : pieces) append_piece(body, piece);
    return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace dayu;
    constexpr std::size_t limit_bytes = 1 << 16;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto plain = http::gunzip(bytes, limit_bytes); plain.ok())
        CHECK(plain->size() <= limit_bytes);
    const auto pieces = parse_pieces(bytes);
    if (pieces.ok()) {
        const std::string again = written(*pieces);
        const auto twice = parse_pieces(again);
        CHECK(twice.ok() && written(*twice) == again);
    }
    // Split anywhere, frames are the same.
    FrameReader whole, halves;
    whole.add(bytes);
    halves.add(bytes.substr(0, size / 2));
    std::string from_whole, from_halves;
    while (const auto frame = whole.next()) from_whole += make_frame(frame->kind, frame->payload);
    while (const auto frame = halves.next()) from_halves += make_frame(frame->kind, frame->payload);
    halves.add(bytes.substr(size / 2));
    while (const auto frame = halves.next()) from_halves += make_frame(frame->kind, frame->payload);
    CHECK(from_whole == from_halves);
    CHECK(bytes.starts_with(from_whole));
    return 0;
}
