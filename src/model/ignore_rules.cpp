#include "model/ignore_rules.h"

#include <algorithm>

namespace dayu {
namespace {

constexpr std::size_t max_ignore_bytes = 256 * 1024;
constexpr std::size_t max_rules = 4096;
constexpr std::string_view any_folders = "**";

// One character of a pattern against one of a name. `at` moves behind what was read of the pattern.
bool matches_class(std::string_view pattern, std::size_t& at, char c) {
    std::size_t i = at + 1;
    const bool is_negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    if (is_negated) ++i;
    bool found = false;
    const std::size_t first = i;
    while (i < pattern.size() && (pattern[i] != ']' || i == first)) {
        const auto take = [&] {
            if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
            return static_cast<unsigned char>(pattern[i++]);
        };
        const unsigned char from = take();
        unsigned char to = from;
        if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
            ++i;
            to = take();
        }
        const auto byte = static_cast<unsigned char>(c);
        found |= from <= byte && byte <= to;
    }
    if (i >= pattern.size()) {  // "[" without its end is a plain character
        ++at;
        return c == '[';
    }
    at = i + 1;
    return found != is_negated;
}

bool matches_one(std::string_view pattern, std::size_t& at, char c) {
    switch (pattern[at]) {
        case '?': ++at; return true;
        case '[': return matches_class(pattern, at, c);
        case '\\':
            if (at + 1 < pattern.size()) ++at;
            [[fallthrough]];
        default: return pattern[at++] == c;
    }
}

// A name without slashes. After a mismatch the last * takes one character more: no other start can help.
bool matches_name(std::string_view pattern, std::string_view name) {
    std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.size() && matches_one(pattern, p, name[n])) {
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

// The same over names, where ** takes any number of them.
bool matches_path(const std::vector<std::string>& patterns,
                  const std::vector<std::string_view>& names) {
    constexpr std::size_t none = static_cast<std::size_t>(-1);
    std::size_t p = 0, n = 0, star = none, resume = 0;
    while (n < names.size()) {
        if (p < patterns.size() && patterns[p] == any_folders) {
            star = p++;
            resume = n;
        } else if (p < patterns.size() && matches_name(patterns[p], names[n])) {
            ++p;
            ++n;
        } else if (star != none) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < patterns.size() && patterns[p] == any_folders) ++p;
    return p == patterns.size();
}

std::vector<std::string_view> names_of(std::string_view path) {
    std::vector<std::string_view> names;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        names.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return names;
}

// Spaces at the end do not count, but for one behind a backslash.
std::string_view without_end(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
    return line;
}

}  // namespace

std::optional<IgnoreRules::Rule> IgnoreRules::parse_line(std::string_view line) {
    line = without_end(line);
    if (line.empty() || line.starts_with('#')) return std::nullopt;
    Rule rule;
    if (line.starts_with('!')) {
        rule.takes_back = true;
        line.remove_prefix(1);
    }
    if (line.ends_with('/')) {
        rule.folders_alone = true;
        while (line.ends_with('/')) line.remove_suffix(1);
    }
    const bool is_bound = line.find('/') != std::string_view::npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty()) return std::nullopt;
    if (!is_bound) rule.names.emplace_back(any_folders);
    for (const std::string_view name : names_of(line)) rule.names.emplace_back(name);
    // "logs/**" is what lies in logs, and not logs itself.
    if (is_bound && rule.names.back() == any_folders) rule.names.emplace_back("*");
    return rule;
}

Result<IgnoreRules> IgnoreRules::parse(std::string_view text) {
    if (text.size() > max_ignore_bytes) {
        return exhausted("ignore_file_too_large",
                         std::string(ignore_file) + " has " + std::to_string(text.size()) +
                             " bytes; at most " + std::to_string(max_ignore_bytes) + " are taken");
    }
    IgnoreRules rules;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (auto rule = parse_line(text.substr(begin, end - begin)))
            rules.rules_.push_back(*std::move(rule));
        begin = end + 1;
    }
    if (rules.rules_.size() <= max_rules) return rules;
    return exhausted("ignore_file_too_large",
                     std::string(ignore_file) + " has " + std::to_string(rules.rules_.size()) +
                         " patterns; at most " + std::to_string(max_rules) + " are taken");
}

std::optional<bool> IgnoreRules::ignores(std::string_view path, bool is_folder) const {
    const std::vector<std::string_view> names = names_of(path);
    for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
        if (rule->folders_alone && !is_folder) continue;
        if (matches_path(rule->names, names)) return !rule->takes_back;
    }
    return std::nullopt;
}

}  // namespace dayu
