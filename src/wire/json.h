// JSON to and from everything that names its fields (base/fields.h). One writer, and it writes RFC 8785
// canonical form: keys sorted by UTF-16 code units, no white space, no floats, integers past 2^53 as
// strings. So what is hashed, what is stored and what is sent are the same bytes.
//
// How types look: ids are numbers; Time is RFC 3339; Duration is whole milliseconds (its field's name
// ends in _ms); Money is yuan as a string ("12.340000"); Token and enums are strings; maps are objects.
// What is absent is left out: an empty optional, list or map, and the Time 0 ("never").
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "wire/utf16_order.h"

namespace dayu::wire {

inline constexpr std::size_t max_json_depth = 64;

// A JSON value of our own, without floats. Small on purpose; parsing is Boost.JSON's.
class Json {
   public:
    using Array = std::vector<Json>;
    using Object = std::map<std::string, Json, Utf16Order>;

    Json() = default;  // null
    Json(std::same_as<bool> auto value) : content_(value) {}
    template <std::integral Number>
        requires(!std::same_as<Number, bool>)
    Json(Number value) {
        if (std::in_range<std::int64_t>(value)) {
            content_ = static_cast<std::int64_t>(value);
        } else {
            content_ = static_cast<std::uint64_t>(value);
        }
    }
    Json(std::string value) : content_(std::move(value)) {}
    Json(std::string_view value) : content_(std::string(value)) {}
    Json(const char* value) : content_(std::string(value)) {}
    Json(Array value) : content_(std::move(value)) {}
    Json(Object value) : content_(std::move(value)) {}

    const bool* as_bool() const { return std::get_if<bool>(&content_); }
    const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&content_); }
    // Only what as_int() cannot hold: a number past 2^63 - 1.
    const std::uint64_t* as_uint() const { return std::get_if<std::uint64_t>(&content_); }
    const std::string* as_string() const { return std::get_if<std::string>(&content_); }
    const Array* as_array() const { return std::get_if<Array>(&content_); }
    const Object* as_object() const { return std::get_if<Object>(&content_); }
    bool is_null() const { return std::holds_alternative<std::monostate>(content_); }

    // The member of that name, or nullptr; nullptr too when this is no object.
    const Json* find(std::string_view key) const;
    Json& operator[](std::string_view key);  // makes this an object if it is null

    bool operator==(const Json&) const = default;

   private:
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, std::string, Array, Object>
        content_;
};

// Refuses duplicate keys, floats, numbers past 64 bits, invalid UTF-8, depth past 64 and anything after
// the value.
Result<Json> parse_json(std::string_view text);
std::string to_text(const Json& json);         // RFC 8785
std::string to_pretty_text(const Json& json);  // for people: two spaces, keys as sorted
void write_json(std::string& out, const Json& json);

// to_json(object) and from_json(json, object), for anything with fields: see json_fields.h.

}  // namespace dayu::wire
