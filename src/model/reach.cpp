#include "model/reach.h"

namespace dayu {
namespace {

constexpr std::size_t head_bytes = 5;

}  // namespace

std::string make_frame(char kind, std::string_view payload) {
    const auto size = static_cast<std::uint32_t>(payload.size());
    std::string frame(1, kind);
    frame.reserve(head_bytes + payload.size());
    for (const unsigned shift : {24u, 16u, 8u, 0u}) frame += static_cast<char>(size >> shift & 255);
    frame += payload;
    return frame;
}

std::optional<Frame> FrameReader::next() {
    if (broken_ || bytes_.size() - taken_ < head_bytes) return std::nullopt;
    std::size_t size = 0;
    for (std::size_t i = 1; i < head_bytes; ++i) {
        size = size << 8 | static_cast<unsigned char>(bytes_[taken_ + i]);
    }
    if (size > max_frame_bytes) {
        broken_ = true;
        return std::nullopt;
    }
    if (bytes_.size() - taken_ < head_bytes + size) {
        bytes_.erase(0, taken_);
        taken_ = 0;
        return std::nullopt;
    }
    Frame frame{.kind = bytes_[taken_], .payload = bytes_.substr(taken_ + head_bytes, size)};
    taken_ += head_bytes + size;
    return frame;
}

}  // namespace dayu
