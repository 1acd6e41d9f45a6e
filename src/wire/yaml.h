// YAML (and JSON, which is YAML) as people write it, to a small tree that knows where each value stands,
// so that every later error can name the line and the key. Only what files of settings need: maps,
// lists and scalars. Anchors, aliases and tags are refused, and so are duplicate keys.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "base/result.h"
#include "base/time.h"

namespace dayu::wire {

inline constexpr std::size_t max_yaml_bytes = 1 << 20;
inline constexpr std::size_t max_yaml_depth = 32;
inline constexpr std::size_t max_yaml_nodes = 100'000;
inline constexpr std::size_t max_yaml_key_bytes = 256;

struct YamlNode {
    enum class Kind : std::uint8_t { null, scalar, list, map };

    Kind kind = Kind::null;
    std::string key{};   // under which it stands in its map; empty in a list
    std::string path{};  // "resources.cpus", "pools[2].name"; empty: the whole file
    std::size_t line = 1;
    std::string text{};   // of a scalar
    bool quoted = false;  // "1" is text where 1 is a number
    std::vector<YamlNode> children{};

    const YamlNode* find(std::string_view child_key) const;
};

Result<YamlNode> parse_yaml(std::string_view text);

// "line 4, resources.cpus: " and the text.
Error yaml_error(const YamlNode& node, std::string code, std::string text);
// An error whose message begins with a path ("pools[2].nodes: ..."), with the line of that path.
Error with_line(const YamlNode& root, Error error);

// What a scalar says. Each refuses with the line, the key, the value and what would be accepted.
Result<std::string> read_text(const YamlNode& node);
Result<std::int64_t> read_whole(const YamlNode& node);
Result<bool> read_flag(const YamlNode& node);          // true or false
Result<Money> read_money(const YamlNode& node);        // from the text: no double is near
Result<Duration> read_duration(const YamlNode& node);  // "2h", "90m", or seconds
// 1.15 with 3 decimals is 1150, exactly.
Result<std::int64_t> read_decimal(const YamlNode& node, std::size_t decimals);
// A list, or one scalar as a list of one.
Result<std::vector<std::string>> read_texts(const YamlNode& node);
Result<void> expect_list(const YamlNode& node);

Error word_unknown(const YamlNode& node, std::span<const std::string_view> known);
Error key_unknown(const YamlNode& node, std::span<const std::string_view> known);

template <NamedEnum E>
Result<E> read_enum(const YamlNode& node) {
    const std::string text = TRY(read_text(node));
    E value{};
    if (!parse_enum(text, value)) return word_unknown(node, enum_names(Type<E>{}));
    return value;
}

// The keys of one map, each with what reads it into a T.
template <class T>
struct YamlKey {
    std::string_view name;
    Result<void> (*read)(const YamlNode& node, T& into);
};

Result<void> expect_map(const YamlNode& node);

template <class T, std::size_t count>
Result<void> read_map(const YamlNode& map, const YamlKey<T> (&keys)[count], T& into) {
    TRY(expect_map(map));
    for (const YamlNode& node : map.children) {
        const YamlKey<T>* found = nullptr;
        for (const YamlKey<T>& key : keys) {
            if (key.name == node.key) found = &key;
        }
        if (found == nullptr) {
            std::vector<std::string_view> known;
            for (const YamlKey<T>& key : keys) known.push_back(key.name);
            return key_unknown(node, known);
        }
        TRY(found->read(node, into));
    }
    return {};
}

}  // namespace dayu::wire
