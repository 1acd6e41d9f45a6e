// A struct that crosses a boundary (an entry, a message, a snapshot row) names its fields once, beside
// their declaration:
//
//     struct Placed {
//         JobId job;
//         Money price_at_most;
//         static constexpr auto fields() {
//             return std::tuple{Field{"job", &Placed::job}, Field{"price_at_most", &Placed::price_at_most}};
//         }
//     };
//
// Every codec (JSON in wire, binary in journal) walks that list, so that a new field is written in one
// place and cannot be forgotten in another. ADR 0003 says why.
#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>

namespace dayu {

template <class Owner, class Member>
struct Field {
    std::string_view name;
    Member Owner::* member;
};
template <class Owner, class Member>
Field(const char*, Member Owner::*) -> Field<Owner, Member>;

template <class T>
concept HasFields = requires { T::fields(); };

// Calls visit(name, member) for each field of `object`, in the order of their declaration.
template <HasFields T, class Visit>
constexpr void for_each_field(T& object, Visit&& visit) {
    std::apply([&](const auto&... field) { (visit(field.name, object.*field.member), ...); },
               std::remove_const_t<T>::fields());
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
