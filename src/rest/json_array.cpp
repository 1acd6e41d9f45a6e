#include "rest/json_array.h"

#include <algorithm>
#include <string>

namespace dayu::rest {
namespace {

constexpr std::string_view white_space = " \t\r\n";

Error malformed(std::string_view what) {
    return invalid("batch_malformed",
                   "the body is a JSON array of job files, but " + std::string(what));
}

void skip_white_space(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(white_space), text.size()));
}

bool take(std::string_view& text, char c) {
    skip_white_space(text);
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

// The length of the string literal that `text` begins with, quotes included; 0: it does not end.
std::size_t string_length(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            return i + 1;
        }
    }
    return 0;
}

// The length of the object that `text` begins with; 0: it does not end.
std::size_t object_length(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            const std::size_t length = string_length(text.substr(i));
            if (length == 0) return 0;
            i += length - 1;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

}  // namespace

Result<std::vector<std::string_view>> split_json_array(std::string_view text) {
    if (!take(text, '[')) return malformed("it does not begin with [");
    std::vector<std::string_view> elements;
    bool more = !take(text, ']');
    while (more) {
        skip_white_space(text);
        const std::string number = "element " + std::to_string(elements.size());
        if (!text.starts_with('{')) return malformed(number + " is no object");
        const std::size_t length = object_length(text);
        if (length == 0) return malformed(number + " does not end");
        elements.push_back(text.substr(0, length));
        text.remove_prefix(length);
        more = take(text, ',');
        if (!more && !take(text, ']')) return malformed(number + " is followed by neither , nor ]");
    }
    skip_white_space(text);
    if (!text.empty()) return malformed("something follows its end");
    return elements;
}

}  // namespace dayu::rest
