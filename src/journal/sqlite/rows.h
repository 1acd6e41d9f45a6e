// Rows of the projections to and from columns, by the fields that their structs name: a struct inside
// is laid out flat, so its leaves are the columns. A new field needs a column of its name (schema.cpp).
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/time.h"
#include "journal/sqlite/connection.h"

namespace dayu::journal::sqlite {

template <class T>
concept WholeNumber = std::integral<T> || std::is_enum_v<T>;

void bind_value(Statement& to, WholeNumber auto value) {
    to.bind(static_cast<std::int64_t>(value));
}
inline void bind_value(Statement& to, const std::string& value) { to.bind(value); }
inline void bind_value(Statement& to, Time value) { to.bind(value.ms); }
inline void bind_value(Statement& to, Money value) { to.bind(value.micro_yuan); }
template <class Tag, class Number>
void bind_value(Statement& to, Id<Tag, Number> id) {
    to.bind(static_cast<std::int64_t>(id.value));
}
template <class T>
void bind_value(Statement& to, const std::optional<T>& value) {
    value ? bind_value(to, *value) : void(to.bind_null());
}
template <HasFields T>
void bind_value(Statement& to, const T& row) {
    for_each_field(row, [&](std::string_view, const auto& member) { bind_value(to, member); });
}

template <WholeNumber T>
void read_value(Statement& from, T& value) {
    value = static_cast<T>(from.read_integer());
}
inline void read_value(Statement& from, std::string& value) { value = from.read_text(); }
inline void read_value(Statement& from, Time& value) { value.ms = from.read_integer(); }
inline void read_value(Statement& from, Money& value) { value.micro_yuan = from.read_integer(); }
template <class Tag, class Number>
void read_value(Statement& from, Id<Tag, Number>& id) {
    id.value = static_cast<Number>(from.read_integer());
}
template <class T>
void read_value(Statement& from, std::optional<T>& value) {
    from.skip_null() ? value.reset() : read_value(from, value.emplace());
}
template <HasFields T>
void read_value(Statement& from, T& row) {
    for_each_field(row, [&](std::string_view, auto& member) { read_value(from, member); });
}

// Calls visit(column) for each leaf of T.
template <HasFields T, class Visit>
void for_each_column(const Visit& visit) {
    T row{};
    for_each_field(row, [&]<class Member>(std::string_view name, Member&) {
        if constexpr (HasFields<Member>) {
            for_each_column<Member>(visit);
        } else {
            visit(name);
        }
    });
}

template <HasFields T>
std::string select_from(std::string_view table) {
    std::string columns;
    for_each_column<T>([&](std::string_view name) {
        columns.append(columns.empty() ? "\"" : ", \"").append(name).append("\"");
    });
    return "SELECT " + columns + " FROM " + std::string(table);
}

// A row that is there already keeps its columns named in `kept`, and the indexes over them are not touched.
template <HasFields T>
std::string upsert_into(std::string_view table, std::string_view key,
                        const std::set<std::string_view>& kept) {
    std::string columns, values, updates;
    for_each_column<T>([&](std::string_view column) {
        const std::string name = '"' + std::string(column) + '"';
        columns.append(columns.empty() ? "" : ", ").append(name);
        values.append(values.empty() ? "?" : ", ?");
        if (kept.contains(column)) return;
        updates.append(updates.empty() ? "" : ", ").append(name + "=excluded." + name);
    });
    return "INSERT INTO " + std::string(table) + '(' + columns + ") VALUES(" + values +
           ") ON CONFLICT(" + std::string(key) + ") DO UPDATE SET " + updates;
}

}  // namespace dayu::journal::sqlite
