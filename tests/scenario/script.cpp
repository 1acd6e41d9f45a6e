#include "tests/scenario/script.h"

#include <algorithm>

namespace dayu::scenario {
namespace {

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view without_comment(std::string_view line) {
    if (line.starts_with('#')) return {};
    return line.substr(0, line.find(" #"));
}

Statement parse_statement(std::string_view text) {
    Statement statement;
    for (const std::string& word : split(text, ' ')) {
        const auto equals = word.find('=');
        if (statement.verb.empty()) {
            statement.verb = word;
        } else if (equals != std::string::npos) {
            statement.options[word.substr(0, equals)] = word.substr(equals + 1);
        } else {
            statement.words.push_back(word);
        }
    }
    return statement;
}

// "ended: fenced" says "ended fenced" too.
std::vector<std::string> bare_words(std::string_view text) {
    std::vector<std::string> words = split(text, ' ');
    for (std::string& word : words) {
        if (word.ends_with(':')) word.pop_back();
    }
    return words;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        const std::string_view part = trim(text.substr(begin, end - begin));
        if (!part.empty()) parts.emplace_back(part);
        begin = end + 1;
    }
    return parts;
}

Result<std::string> Statement::word(std::size_t index, std::string_view what) const {
    if (index < words.size()) return words[index];
    return invalid("word_missing", verb + ": " + std::string(what) + " is missing");
}

std::vector<Line> parse_script(std::string_view text) {
    std::vector<Line> lines;
    int number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view whole = trim(without_comment(text.substr(begin, end - begin)));
        begin = end + 1;
        ++number;
        if (whole.empty()) continue;
        const auto arrow = whole.find("=>");
        Line line{.number = number, .left = std::string(trim(whole.substr(0, arrow)))};
        for (const std::string& part : split(line.left, ';'))
            line.statements.push_back(parse_statement(part));
        if (arrow != std::string_view::npos) line.expected = split(whole.substr(arrow + 2), ';');
        lines.push_back(std::move(line));
    }
    return lines;
}

bool says(std::string_view actual, std::string_view expected) {
    const std::vector<std::string> words = bare_words(actual);
    auto at = words.begin();
    for (const std::string& word : bare_words(expected)) {
        at = std::find(at, words.end(), word);
        if (at == words.end()) return false;
        ++at;
    }
    return true;
}

}  // namespace dayu::scenario
