// Flat binary form of anything that names its fields: whole numbers as they lie in memory, counts before
// what they count, nothing between. It is fast and it is private: only a process that was built from
// the same fields can read it, and description_of() is how it tells.
#pragma once

#include <bit>
#include <concepts>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/time.h"
#include "model/attempt.h"

namespace dayu::journal::binary {

static_assert(std::endian::native == std::endian::little,
              "snapshots would need their bytes swapped");

// Takes values from the front of `left`; once something is missing, nothing succeeds any more.
struct Input {
    std::string_view left;

    bool take(void* to, std::size_t size) {
        if (left.size() < size) {
            left = {};
            return false;
        }
        std::memcpy(to, left.data(), size);
        left.remove_prefix(size);
        return true;
    }
};

template <class T>
struct Codec;

template <class T>
void put(std::string& out, const T& value) {
    Codec<T>::put(out, value);
}
template <class T>
bool get(Input& in, T& value) {
    return Codec<T>::get(in, value);
}
template <class T>
void describe(std::string& out) {
    Codec<T>::describe(out);
}

// Names and types of all that T holds: equal for two builds only if they write the same form.
template <class T>
std::string description_of() {
    std::string out;
    describe<T>(out);
    return out;
}

template <class T>
    requires std::integral<T> || std::is_enum_v<T>
struct Codec<T> {
    static void put(std::string& out, T value) {
        out.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    static bool get(Input& in, T& value) {
        std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T> raw{};
        if (!in.take(&raw, sizeof raw)) return false;
        value = static_cast<T>(raw);
        return true;
    }
    static void describe(std::string& out) {
        out += std::is_signed_v<T> ? 'i' : 'u';
        out += std::to_string(sizeof(T));
        if constexpr (NamedEnum<T>) {
            for (const std::string_view name : enum_names(Type<T>{})) out.append("|").append(name);
        }
    }
};

template <>
struct Codec<std::string> {
    static void put(std::string& out, const std::string& text) {
        binary::put(out, std::uint64_t{text.size()});
        out += text;
    }
    static bool get(Input& in, std::string& text) {
        std::uint64_t size = 0;
        if (!binary::get(in, size) || size > in.left.size()) return false;
        text.assign(in.left.substr(0, size));
        in.left.remove_prefix(size);
        return true;
    }
    static void describe(std::string& out) { out += "text"; }
};

// Types that wrap one value.
template <class T, auto member>
struct WrapperCodec {
    using Inside = std::remove_cvref_t<decltype(std::declval<T&>().*member)>;
    static void put(std::string& out, const T& value) { binary::put(out, value.*member); }
    static bool get(Input& in, T& value) { return binary::get(in, value.*member); }
    static void describe(std::string& out) { binary::describe<Inside>(out); }
};
template <>
struct Codec<Time> : WrapperCodec<Time, &Time::ms> {};
template <>
struct Codec<Duration> : WrapperCodec<Duration, &Duration::ms> {};
template <>
struct Codec<Money> : WrapperCodec<Money, &Money::micro_yuan> {};
template <>
struct Codec<Token> : WrapperCodec<Token, &Token::text> {};
template <class Tag, class Number>
struct Codec<Id<Tag, Number>> : WrapperCodec<Id<Tag, Number>, &Id<Tag, Number>::value> {};

template <class T>
struct Codec<std::optional<T>> {
    static void put(std::string& out, const std::optional<T>& value) {
        binary::put(out, value.has_value());
        if (value) binary::put(out, *value);
    }
    static bool get(Input& in, std::optional<T>& value) {
        bool present = false;
        value.reset();
        return binary::get(in, present) && (!present || binary::get(in, value.emplace()));
    }
    static void describe(std::string& out) {
        out += '?';
        binary::describe<T>(out);
    }
};

template <class T>
struct Codec<std::vector<T>> {
    static void put(std::string& out, const std::vector<T>& values) {
        binary::put(out, std::uint64_t{values.size()});
        for (const T& value : values) binary::put(out, value);
    }
    static bool get(Input& in, std::vector<T>& values) {
        std::uint64_t count = 0;
        if (!binary::get(in, count) || count > in.left.size()) return false;
        values.assign(count, T{});
        for (T& value : values) {
            if (!binary::get(in, value)) return false;
        }
        return true;
    }
    static void describe(std::string& out) {
        out += '[';
        binary::describe<T>(out);
        out += ']';
    }
};

template <class Key, class T>
struct Codec<std::map<Key, T>> {
    static void put(std::string& out, const std::map<Key, T>& values) {
        binary::put(out, std::uint64_t{values.size()});
        for (const auto& [key, value] : values) {
            binary::put(out, key);
            binary::put(out, value);
        }
    }
    static bool get(Input& in, std::map<Key, T>& values) {
        std::uint64_t count = 0;
        if (!binary::get(in, count)) return false;
        values.clear();
        for (; count > 0; --count) {
            Key key;
            if (!binary::get(in, key) || !binary::get(in, values[key])) return false;
        }
        return true;
    }
    static void describe(std::string& out) {
        out += "map ";
        binary::describe<Key>(out);
        out += ':';
        binary::describe<T>(out);
    }
};

template <HasFields T>
struct Codec<T> {
    static void put(std::string& out, const T& object) {
        for_each_field(object,
                       [&](std::string_view, const auto& member) { binary::put(out, member); });
    }
    static bool get(Input& in, T& object) {
        bool good = true;
        for_each_field(object, [&](std::string_view, auto& member) {
            good = good && binary::get(in, member);
        });
        return good;
    }
    static void describe(std::string& out) {
        T object{};
        out += '{';
        for_each_field(object, [&]<class Member>(std::string_view name, Member&) {
            out.append(name).append(" ");
            binary::describe<Member>(out);
            out += ';';
        });
        out += '}';
    }
};

}  // namespace dayu::journal::binary
