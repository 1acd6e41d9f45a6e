// A struct that crosses a boundary (an entry, a message, a snapshot row) names its fields once, beside
// their declaration:
//
//     struct Placed {
//         JobId job;
//         Money price_at_most;
//         static constexpr auto fields() {
//             return field_list(Field{"job", &Placed::job}, Field{"price_at_most", &Placed::price_at_most});
//         }
//     };
//
// Every codec (JSON in wire, binary in journal) walks that list, so that a new field is written in one
// place and cannot be forgotten in another. ADR 0003 says why.
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace dayu {

template <class Owner, class Member>
struct Field {
    std::string_view name;
    Member Owner::* member;
};
template <class Owner, class Member>
Field(const char*, Member Owner::*) -> Field<Owner, Member>;

// The fields of a struct, as field_list(FIELD, ...) makes it. A std::tuple could say the same, but its constructors
// cost the compiler more than all the rest of a header, in each unit that includes it.
template <std::size_t index, class F>
struct FieldAt {
    F field;
};
template <class Indices, class... Fields>
struct FieldList;
template <std::size_t... index, class... Fields>
struct FieldList<std::index_sequence<index...>, Fields...> : FieldAt<index, Fields>... {
    // What visit(all fields, in their order) returns.
    template <class Visit>
    constexpr auto apply(Visit&& visit) const {
        return visit(FieldAt<index, Fields>::field...);
    }
};
template <std::size_t index, class F>
constexpr const F& get(const FieldAt<index, F>& at) {
    return at.field;
}

template <class... Fields>
constexpr auto field_list(Fields... fields) {
    return FieldList<std::index_sequence_for<Fields...>, Fields...>{{fields}...};
}

template <class T>
concept HasFields = requires { T::fields(); };

// Calls visit(name, member) for each field of `object`, in the order of their declaration.
template <HasFields T, class Visit>
constexpr void for_each_field(T& object, Visit&& visit) {
    std::remove_const_t<T>::fields().apply(
        [&](const auto&... field) { (visit(field.name, object.*field.member), ...); });
}

// An enum that crosses a boundary gives its names by a function `enum_names(Type<E>)` found beside
// it, in the order of its values, which start at 0 and have no gaps.
template <class T>
struct Type {};

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires { enum_names(Type<E>{}); };

template <NamedEnum E>
constexpr std::string_view to_string(E value) {
    return enum_names(Type<E>{})[static_cast<std::size_t>(value)];
}

template <NamedEnum E>
constexpr bool parse_enum(std::string_view text, E& value) {
    std::size_t index = 0;
    for (const std::string_view name : enum_names(Type<E>{})) {
        if (name == text) {
            value = static_cast<E>(index);
            return true;
        }
        ++index;
    }
    return false;
}

}  // namespace dayu
