#include "model/content_piece.h"

#include <array>
#include <charconv>

#include "model/workdir.h"

namespace dayu {
namespace {

constexpr std::size_t max_line_bytes = 160;

// Three numbers with a space before each.
bool read_numbers(std::string_view text, std::array<std::int64_t, 3>& numbers) {
    for (std::int64_t& number : numbers) {
        if (!text.starts_with(' ')) return false;
        text.remove_prefix(1);
        const char* const end = text.data() + text.size();
        const auto [stop, status] = std::from_chars(text.data(), end, number);
        if (status != std::errc() || number < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    }
    return text.empty();
}

Error malformed(std::size_t index, std::string_view why) {
    return invalid("contents_malformed",
                   "piece " + std::to_string(index) + " of the body: " + std::string(why));
}

}  // namespace

void append_piece(std::string& body, const ContentPiece& piece) {
    body += piece.sha256;
    for (const std::int64_t number :
         {piece.offset, piece.total, static_cast<std::int64_t>(piece.bytes.size())}) {
        body += ' ';
        body += std::to_string(number);
    }
    body += '\n';
    body += piece.bytes;
}

Result<std::vector<ContentPiece>> parse_pieces(std::string_view body) {
    std::vector<ContentPiece> pieces;
    while (!body.empty()) {
        const std::size_t index = pieces.size() + 1;
        if (pieces.size() == max_pieces) {
            return invalid("contents_malformed",
                           "more than " + std::to_string(max_pieces) + " pieces in one body");
        }
        const std::size_t line_end = body.substr(0, max_line_bytes).find('\n');
        if (line_end == std::string_view::npos)
            return malformed(index, "it has no line \"SHA256 OFFSET TOTAL LENGTH\"");
        const std::string_view line = body.substr(0, line_end);
        const std::size_t space = std::min(line.find(' '), line.size());
        ContentPiece piece{.sha256 = std::string(line.substr(0, space))};
        std::array<std::int64_t, 3> numbers{};
        if (!is_content_digest(piece.sha256) || !read_numbers(line.substr(space), numbers))
            return malformed(index, "its line is not \"SHA256 OFFSET TOTAL LENGTH\"");
        const auto [offset, total, length] = numbers;
        body.remove_prefix(line_end + 1);
        if (std::cmp_greater(length, body.size()))
            return malformed(index, "the body ends within it");
        if (total > max_content_bytes || offset > total || length > total - offset) {
            return malformed(index, "bytes " + std::to_string(offset) + " to " +
                                        std::to_string(offset) + " + " + std::to_string(length) +
                                        " do not lie in a content of " + std::to_string(total) +
                                        " bytes, of which at most " +
                                        std::to_string(max_content_bytes) + " are taken");
        }
        piece.offset = offset;
        piece.total = total;
        piece.bytes = body.substr(0, static_cast<std::size_t>(length));
        body.remove_prefix(piece.bytes.size());
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

}  // namespace dayu
