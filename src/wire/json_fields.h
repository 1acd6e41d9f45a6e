// JSON to and from everything that names its fields (base/fields.h), and what such structs are made of.
//
//     Json json = to_json(object);            a tree, for whoever wants to add to it
//     write_json(out, object);                the canonical bytes straight from the fields, without a tree
//     TRY(from_json(json, object));           strict: an unknown key is an error that names the nearest
//
// What from_json does not find keeps the value that the object has: its default. An error names the
// path, "spec.resources.cpus: ...".
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/result.h"
#include "base/time.h"
#include "model/attempt.h"
#include "wire/json.h"

namespace dayu::wire {

// A peer of a newer version may say more than we know: its messages are read leniently.
struct ReadOptions {
    bool ignore_unknown_keys = false;
};

template <class T>
Json to_json(const T& value);
template <class T>
void write_json(std::string& out, const T& value);
template <class T>
Result<void> from_json(const Json& json, T& value, ReadOptions options = {});

// What text canonical JSON uses for each kind of value.
void append_string(std::string& out, std::string_view text);  // invalid UTF-8 becomes U+FFFD
void append_integer(std::string& out, std::int64_t value);    // past 2^53: as a string
void append_integer(std::string& out, std::uint64_t value);
void append_time(std::string& out, Time time);  // without quotes
void append_money(std::string& out, Money money);

namespace detail {

// Collects the path of an error from the inside out, so that success pays nothing for it.
class Reader {
   public:
    explicit Reader(ReadOptions options) : options_(options) {}

    bool fail(std::string_view code, std::string message);
    bool mismatch(std::string_view expected, const Json& got);
    bool unknown_key(std::string_view key, std::span<const std::string_view> known);
    bool in_field(std::string_view name);  // returns false
    bool in_element(std::size_t index);    // returns false
    bool ignores_unknown_keys() const { return options_.ignore_unknown_keys; }
    Error error() &&;

    bool read(const Json& json, std::string& value);
    bool read(const Json& json, bool& value);
    bool read(const Json& json, std::int64_t& value);
    bool read(const Json& json, std::uint64_t& value);
    bool read(const Json& json, Time& value);
    bool read(const Json& json, Duration& value);
    bool read(const Json& json, Money& value);
    bool read(const Json& json, Token& value) { return read(json, value.text); }

   private:
    ReadOptions options_;
    std::string path_;
    std::string code_;
    std::string message_;
};

template <class T>
constexpr auto field_names() {
    return T::fields().apply([](const auto&... field) {
        return std::array<std::string_view, sizeof...(field)>{field.name...};
    });
}

// Positions of the fields in the order in which canonical JSON names them.
template <class T>
constexpr auto canonical_order() {
    constexpr auto names = field_names<T>();
    std::array<std::size_t, names.size()> order{};
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, Utf16Order{}, [&](std::size_t i) { return names[i]; });
    return order;
}

template <class T>
bool is_absent(const T&) {
    return false;
}
template <class T>
bool is_absent(const std::optional<T>& value) {
    return !value.has_value();
}
template <class T>
bool is_absent(const std::vector<T>& values) {
    return values.empty();
}
template <class T>
bool is_absent(const std::map<std::string, T>& values) {
    return values.empty();
}
inline bool is_absent(Time time) { return time.ms == 0; }

// to_json, by type.
inline Json tree(const std::string& value) { return value; }
inline Json tree(std::integral auto value) { return value; }
inline Json tree(Duration value) { return value.ms; }
inline Json tree(Time value) { return to_string(value); }
inline Json tree(Money value) { return to_string(value); }
inline Json tree(const Token& value) { return value.text; }
inline Json tree(const Json& value) { return value; }
template <NamedEnum E>
Json tree(E value) {
    return to_string(value);
}
template <class Tag, class Number>
Json tree(Id<Tag, Number> id) {
    return id.value;
}
template <class T>
Json tree(const std::optional<T>& value) {
    return value ? to_json(*value) : Json();
}
template <class T>
Json tree(const std::vector<T>& values) {
    Json::Array array;
    array.reserve(values.size());
    for (const T& value : values) array.push_back(to_json(value));
    return array;
}
template <class T>
Json tree(const std::map<std::string, T>& values) {
    Json::Object object;
    for (const auto& [key, value] : values) object.emplace(key, to_json(value));
    return object;
}
template <HasFields T>
Json tree(const T& value) {
    Json::Object object;
    for_each_field(value, [&](std::string_view name, const auto& member) {
        if (!is_absent(member)) object.emplace(name, to_json(member));
    });
    return object;
}

// write_json, by type.
inline void write(std::string& out, const std::string& value) { append_string(out, value); }
inline void write(std::string& out, bool value) { out += value ? "true" : "false"; }
inline void write(std::string& out, std::signed_integral auto value) {
    append_integer(out, static_cast<std::int64_t>(value));
}
inline void write(std::string& out, std::unsigned_integral auto value) {
    append_integer(out, static_cast<std::uint64_t>(value));
}
inline void write(std::string& out, Duration value) { append_integer(out, value.ms); }
inline void write(std::string& out, Time value) {
    out += '"';
    append_time(out, value);
    out += '"';
}
inline void write(std::string& out, Money value) {
    out += '"';
    append_money(out, value);
    out += '"';
}
inline void write(std::string& out, const Token& value) { append_string(out, value.text); }
template <NamedEnum E>
void write(std::string& out, E value) {
    append_string(out, to_string(value));
}
template <class Tag, class Number>
void write(std::string& out, Id<Tag, Number> id) {
    append_integer(out, std::uint64_t{id.value});
}
template <class T>
void write(std::string& out, const std::optional<T>& value) {
    value ? write_json(out, *value) : void(out += "null");
}
template <class T>
void write(std::string& out, const std::vector<T>& values) {
    out += '[';
    bool first = true;
    for (const T& value : values) {
        if (!std::exchange(first, false)) out += ',';
        write_json(out, value);
    }
    out += ']';
}
template <class T>
void write(std::string& out, const std::map<std::string, T>& values) {
    std::vector<const std::pair<const std::string, T>*> rows;
    rows.reserve(values.size());
    for (const auto& row : values) rows.push_back(&row);
    std::ranges::sort(rows, Utf16Order{},
                      [](const auto* row) -> const auto& { return row->first; });
    out += '{';
    bool first = true;
    for (const auto* row : rows) {
        if (!std::exchange(first, false)) out += ',';
        append_string(out, row->first);
        out += ':';
        write_json(out, row->second);
    }
    out += '}';
}
template <HasFields T>
void write(std::string& out, const T& value) {
    static constexpr auto fields = T::fields();
    static constexpr auto order = canonical_order<T>();
    bool first = true;
    const auto member = [&](const auto& field) {
        if (is_absent(value.*field.member)) return;
        out += std::exchange(first, false) ? "\"" : ",\"";
        out += field.name;
        out += "\":";
        write_json(out, value.*field.member);
    };
    out += '{';
    [&]<std::size_t... i>(std::index_sequence<i...>) {
        (member(get<order[i]>(fields)), ...);
    }(std::make_index_sequence<order.size()>{});
    out += '}';
}

// from_json, by type: false, and the reader knows why. `read_as` exists so that types of templates are
// found whatever the order of declaration.
template <class T>
bool read_as(Reader& reader, const Json& json, T& value);

template <std::integral Number>
bool read_number(Reader& reader, const Json& json, Number& value) {
    std::conditional_t<std::signed_integral<Number>, std::int64_t, std::uint64_t> wide = 0;
    if (!reader.read(json, wide)) return false;
    if (!std::in_range<Number>(wide)) {
        return reader.mismatch(
            "a number of at most " + std::to_string(sizeof(Number) * 8) + " bits", json);
    }
    value = static_cast<Number>(wide);
    return true;
}
template <NamedEnum E>
bool read_enum(Reader& reader, const Json& json, E& value) {
    const std::string* text = json.as_string();
    if (text != nullptr && parse_enum(*text, value)) return true;
    std::string expected = "one of";
    for (const std::string_view name : enum_names(Type<E>{})) expected.append(" ").append(name);
    return reader.mismatch(expected, json);
}
template <class T>
bool read_list(Reader& reader, const Json& json, std::vector<T>& values) {
    const Json::Array* array = json.as_array();
    if (array == nullptr) return reader.mismatch("a list", json);
    values.assign(array->size(), T{});
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!read_as(reader, (*array)[i], values[i])) return reader.in_element(i);
    }
    return true;
}
template <class T>
bool read_map(Reader& reader, const Json& json, std::map<std::string, T>& values) {
    const Json::Object* object = json.as_object();
    if (object == nullptr) return reader.mismatch("an object", json);
    values.clear();
    for (const auto& [key, member] : *object) {
        if (!read_as(reader, member, values[key])) return reader.in_field(key);
    }
    return true;
}
template <HasFields T>
bool read_object(Reader& reader, const Json& json, T& value) {
    const Json::Object* object = json.as_object();
    if (object == nullptr) return reader.mismatch("an object", json);
    std::size_t found = 0;
    bool good = true;
    for_each_field(value, [&](std::string_view name, auto& member) {
        const auto at = good ? object->find(name) : object->end();
        if (at == object->end()) return;
        ++found;
        if (!read_as(reader, at->second, member)) good = reader.in_field(name);
    });
    if (!good || found == object->size() || reader.ignores_unknown_keys()) return good;
    static constexpr auto names = field_names<T>();
    for (const auto& [key, member] : *object) {
        if (std::ranges::find(names, key) == names.end()) return reader.unknown_key(key, names);
    }
    return true;
}

template <class T>
struct Read {
    static bool from(Reader& reader, const Json& json, T& value) {
        if constexpr (HasFields<T>) {
            return read_object(reader, json, value);
        } else if constexpr (NamedEnum<T>) {
            return read_enum(reader, json, value);
        } else if constexpr (std::integral<T> && !std::same_as<T, bool>) {
            return read_number(reader, json, value);
        } else {
            return reader.read(json, value);
        }
    }
};
template <class Tag, class Number>
struct Read<Id<Tag, Number>> {
    static bool from(Reader& reader, const Json& json, Id<Tag, Number>& id) {
        return read_number(reader, json, id.value);
    }
};
template <class T>
struct Read<std::optional<T>> {
    static bool from(Reader& reader, const Json& json, std::optional<T>& value) {
        if (json.is_null()) {
            value.reset();
            return true;
        }
        return read_as(reader, json, value.emplace());
    }
};
template <class T>
struct Read<std::vector<T>> {
    static bool from(Reader& reader, const Json& json, std::vector<T>& values) {
        return read_list(reader, json, values);
    }
};
template <class T>
struct Read<std::map<std::string, T>> {
    static bool from(Reader& reader, const Json& json, std::map<std::string, T>& values) {
        return read_map(reader, json, values);
    }
};
template <>
struct Read<Json> {
    static bool from(Reader&, const Json& json, Json& value) {
        value = json;
        return true;
    }
};

template <class T>
bool read_as(Reader& reader, const Json& json, T& value) {
    return Read<T>::from(reader, json, value);
}

}  // namespace detail

template <class T>
Json to_json(const T& value) {
    return detail::tree(value);
}

template <class T>
void write_json(std::string& out, const T& value) {
    detail::write(out, value);
}

template <class T>
Result<void> from_json(const Json& json, T& value, ReadOptions options) {
    detail::Reader reader(options);
    if (detail::read_as(reader, json, value)) return {};
    return std::move(reader).error();
}

}  // namespace dayu::wire
