#include "engine/process/record.h"

namespace dayu::engine {
namespace {

constexpr std::string_view last_line = ".\n";

void append_escaped(std::string& out, std::string_view value) {
    for (const char c : value) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\\') {
            out += "\\\\";
        } else {
            out += c;
        }
    }
}

std::string unescaped(std::string_view text) {
    std::string value;
    value.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            value += text[i] == 'n' ? '\n' : text[i];
        } else {
            value += text[i];
        }
    }
    return value;
}

}  // namespace

std::string render_lines(const Lines& lines) {
    std::string text;
    for (const auto& [name, value] : lines) {
        text += name;
        text += '=';
        append_escaped(text, value);
        text += '\n';
    }
    text += last_line;
    return text;
}

std::optional<Lines> parse_lines(std::string_view text) {
    Lines lines;
    while (text != last_line) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view line = text.substr(0, end);
        const std::size_t equals = line.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        lines.emplace_back(line.substr(0, equals), unescaped(line.substr(equals + 1)));
        text.remove_prefix(end + 1);
    }
    return lines;
}

}  // namespace dayu::engine
