// The text form of the small files by which engine and shim talk: one line a field, "name=value", with
// \n and \ escaped, and a last line that shows that nothing was cut off. Structs say what they hold by
// their fields() (base/fields.h); a list is a field that repeats. The shim has no JSON, and whoever
// debugs a node at night reads these files with `cat`.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "model/attempt.h"

namespace dayu::engine {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string render_lines(const Lines& lines);
std::optional<Lines> parse_lines(std::string_view text);  // nothing when it was cut off

namespace record {

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
void put(Lines& lines, const std::string& name, const T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
        lines.emplace_back(name, value);
    } else if constexpr (std::is_same_v<T, Token>) {
        lines.emplace_back(name, value.text);
    } else if constexpr (std::is_same_v<T, Time> || std::is_same_v<T, Duration> ||
                         std::is_same_v<T, Instant>) {
        lines.emplace_back(name, std::to_string(value.ms));
    } else if constexpr (std::is_same_v<T, OutputFile>) {
        lines.emplace_back(name,
                           value.sha256 + " " + std::to_string(value.bytes) + " " + value.path);
    } else if constexpr (NamedEnum<T>) {
        lines.emplace_back(name, std::string(to_string(value)));
    } else if constexpr (IsVector<T>::value) {
        for (const auto& item : value) put(lines, name, item);
    } else if constexpr (IsOptional<T>::value) {
        if (value) put(lines, name, *value);
    } else if constexpr (HasFields<T>) {
        for_each_field(value, [&](std::string_view inner, const auto& member) {
            put(lines, name + "." + std::string(inner), member);
        });
    } else {
        static_assert(std::is_integral_v<T>);
        lines.emplace_back(name, std::to_string(value));
    }
}

inline bool parse_number(std::string_view text, std::int64_t& value) {
    const char* end = text.data() + text.size();
    const auto [stop, status] = std::from_chars(text.data(), end, value);
    return status == std::errc{} && stop == end;
}

template <class T>
bool parse_value(std::string_view text, T& value) {
    if constexpr (std::is_same_v<T, std::string>) {
        value = text;
        return true;
    } else if constexpr (std::is_same_v<T, Token>) {
        value.text = text;
        return true;
    } else if constexpr (std::is_same_v<T, Time> || std::is_same_v<T, Duration> ||
                         std::is_same_v<T, Instant>) {
        return parse_number(text, value.ms);
    } else if constexpr (std::is_same_v<T, OutputFile>) {
        const std::size_t first = text.find(' ');
        const std::size_t second = text.find(' ', first + 1);
        if (first == std::string_view::npos || second == std::string_view::npos) return false;
        value.sha256 = text.substr(0, first);
        value.path = text.substr(second + 1);
        return parse_number(text.substr(first + 1, second - first - 1), value.bytes);
    } else if constexpr (NamedEnum<T>) {
        return parse_enum(text, value);
    } else {
        static_assert(std::is_same_v<T, std::int64_t>);
        return parse_number(text, value);
    }
}

// Fields that are not in the file keep their defaults.
template <class T>
bool take(const Lines& lines, const std::string& name, T& value) {
    if constexpr (HasFields<T>) {
        bool good = true;
        for_each_field(value, [&](std::string_view inner, auto& member) {
            good = take(lines, name + "." + std::string(inner), member) && good;
        });
        return good;
    } else if constexpr (IsOptional<T>::value) {
        const auto is_of_it = [&](const auto& line) { return line.first.starts_with(name + "."); };
        return std::ranges::none_of(lines, is_of_it) || take(lines, name, value.emplace());
    } else {
        for (const auto& [key, text] : lines) {
            if (key != name) continue;
            if constexpr (IsVector<T>::value) {
                if (!parse_value(text, value.emplace_back())) return false;
            } else {
                if (!parse_value(text, value)) return false;
            }
        }
        return true;
    }
}

}  // namespace record

template <HasFields T>
std::string to_record(const T& object) {
    Lines lines;
    for_each_field(object, [&](std::string_view name, const auto& member) {
        record::put(lines, std::string(name), member);
    });
    return render_lines(lines);
}

template <HasFields T>
std::optional<T> from_record(std::string_view text) {
    const std::optional<Lines> lines = parse_lines(text);
    if (!lines) return std::nullopt;
    T object;
    bool good = true;
    for_each_field(object, [&](std::string_view name, auto& member) {
        good = record::take(*lines, std::string(name), member) && good;
    });
    if (!good) return std::nullopt;
    return object;
}

}  // namespace dayu::engine
