#include "dayu/remote_path.h"

#include <charconv>

namespace dayu::app {
namespace {

// Takes digits from the front.
std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || number < 0 || text.starts_with('-')) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

}  // namespace

std::optional<RemotePath> parse_remote_path(std::string_view text) {
    RemotePath place;
    const auto job = take_number(text);
    if (!job || *job == 0) return std::nullopt;
    place.job = *job;
    if (text.starts_with('[')) {
        text.remove_prefix(1);
        const auto node = take_number(text);
        if (!node || !text.starts_with(']')) return std::nullopt;
        place.node = *node;
        text.remove_prefix(1);
    }
    if (!text.starts_with(':')) return std::nullopt;
    place.path = text.substr(1);
    return place;
}

}  // namespace dayu::app
