// What single values of a YAML file say.
#include <algorithm>
#include <charconv>

#include "base/nearest.h"
#include "wire/utf8.h"
#include "wire/yaml.h"

namespace dayu::wire {
namespace {

constexpr std::size_t quoted_value_bytes = 40;  // of a value in an error message
constexpr std::string_view digits = "0123456789";

std::string quoted(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::null: return "nothing";
        case YamlNode::Kind::list: return "a list";
        case YamlNode::Kind::map: return "a map";
        case YamlNode::Kind::scalar: break;
    }
    if (node.text.size() <= quoted_value_bytes) return "\"" + node.text + "\"";
    return "\"" + to_valid_utf8(node.text.substr(0, quoted_value_bytes)) + "...\"";
}

Error malformed(const YamlNode& node, std::string_view expected) {
    return yaml_error(node, "value_malformed", quoted(node) + " is not " + std::string(expected));
}

Error too_large(const YamlNode& node) {
    return yaml_error(node, "number_too_large", quoted(node) + " does not fit into 64 bits");
}

std::string listed(std::span<const std::string_view> words) {
    std::string list;
    for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
    return list;
}

}  // namespace

Error yaml_error(const YamlNode& node, std::string code, std::string text) {
    const std::string path = node.path.empty() ? "" : ", " + node.path;
    return invalid(std::move(code), "line " + std::to_string(node.line) + path + ": " + text);
}

Error with_line(const YamlNode& root, Error error) {
    const std::string path = error.message.substr(0, error.message.find(": "));
    const YamlNode* at = &root;
    for (bool deeper = true; deeper;) {
        const auto leads_to = [&](const YamlNode& child) {
            return path == child.path || path.starts_with(child.path + ".") ||
                   path.starts_with(child.path + "[");
        };
        const auto child = std::ranges::find_if(at->children, leads_to);
        deeper = child != at->children.end();
        if (deeper) at = &*child;
    }
    error.message = "line " + std::to_string(at->line) + ", " + error.message;
    return error;
}

Result<std::string> read_text(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::scalar) return malformed(node, "a word or a text");
    return node.text;
}

Result<std::int64_t> read_whole(const YamlNode& node) {
    const auto bad = [&] { return malformed(node, "a whole number"); };
    if (node.kind != YamlNode::Kind::scalar) return bad();
    const char* end = node.text.data() + node.text.size();
    std::int64_t value = 0;
    const auto [stopped, status] = std::from_chars(node.text.data(), end, value);
    if (stopped != end) return bad();
    if (status == std::errc::result_out_of_range) return too_large(node);
    if (status != std::errc{}) return bad();
    return value;
}

Result<bool> read_flag(const YamlNode& node) {
    const std::string text = TRY(read_text(node));
    if (text == "true" || text == "True" || text == "TRUE") return true;
    if (text == "false" || text == "False" || text == "FALSE") return false;
    return yaml_error(node, "value_unknown", quoted(node) + " is neither true nor false");
}

Result<Money> read_money(const YamlNode& node) {
    const std::string text = TRY(read_text(node));
    const Result<Money> money = parse_money(text);
    if (!money.ok()) return yaml_error(node, money.error().code, money.error().message);
    return *money;
}

Result<Duration> read_duration(const YamlNode& node) {
    const std::string text = TRY(read_text(node));
    const Result<Duration> duration = parse_duration(text);
    if (!duration.ok()) return yaml_error(node, duration.error().code, duration.error().message);
    return *duration;
}

Result<std::int64_t> read_decimal(const YamlNode& node, std::size_t decimals) {
    const auto bad = [&] {
        return malformed(node, "a number with at most " + std::to_string(decimals) + " decimals");
    };
    if (node.kind != YamlNode::Kind::scalar) return bad();
    std::string_view rest = node.text;
    const bool negative = rest.starts_with('-');
    if (negative) rest.remove_prefix(1);
    const std::size_t point = rest.find('.');
    std::string whole(rest.substr(0, point));
    std::string fraction(point == std::string_view::npos ? "" : rest.substr(point + 1));
    if (whole.empty() || (point != std::string_view::npos && fraction.empty())) return bad();
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (fraction.size() > decimals) return bad();
    whole += fraction.append(decimals - fraction.size(), '0');
    if (whole.find_first_not_of(digits) != std::string::npos) return bad();
    std::int64_t value = 0;
    if (std::from_chars(whole.data(), whole.data() + whole.size(), value).ec != std::errc{})
        return too_large(node);
    return negative ? -value : value;
}

Result<std::vector<std::string>> read_texts(const YamlNode& node) {
    std::vector<std::string> texts;
    if (node.kind != YamlNode::Kind::list) {
        texts.push_back(TRY(read_text(node)));
        return texts;
    }
    for (const YamlNode& item : node.children) texts.push_back(TRY(read_text(item)));
    return texts;
}

Result<void> expect_list(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::list) return malformed(node, "a list");
    return {};
}

Result<void> expect_map(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::map) return malformed(node, "a map of keys and values");
    return {};
}

Error word_unknown(const YamlNode& node, std::span<const std::string_view> known) {
    const std::string_view near = nearest(node.text, known);
    std::string text = quoted(node) + " is none of " + listed(known);
    if (!near.empty()) text.append("; did you mean \"").append(near).append("\"?");
    return yaml_error(node, "value_unknown", std::move(text));
}

Error key_unknown(const YamlNode& node, std::span<const std::string_view> known) {
    const std::string_view near = nearest(node.key, known);
    std::string text = "unknown key";
    text.append(near.empty() ? "; known are " + listed(known)
                             : "; did you mean \"" + std::string(near) + "\"?");
    return yaml_error(node, "key_unknown", std::move(text));
}

}  // namespace dayu::wire
