// JSON to and from everything that names its fields (base/fields.h). One writer, and it writes RFC 8785
// canonical form: keys sorted by UTF-16 code units, no white space, no floats, integers past 2^53 as
// strings. So what is hashed, what is stored and what is sent are the same bytes.
//
// How types look: ids are numbers; Time is RFC 3339; Duration is whole milliseconds (its field's name
// ends in _ms); Money is yuan as a string ("12.340000"); Token and enums are strings; optional and
// empty are left out when absent; maps are objects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "base/result.h"
#include "base/time.h"
#include "model/attempt.h"

namespace dayu::wire {

// A JSON value of our own: five kinds, no floats. Small on purpose; parsing is Boost.JSON's.
class Json {
   public:
    using Array = std::vector<Json>;
    using Object = std::map<std::string, Json, std::less<>>;

    Json() = default;  // null
    Json(bool value) : content_(value) {}
    Json(std::int64_t value) : content_(value) {}
    Json(std::uint64_t value) : content_(value) {}
    Json(std::string value) : content_(std::move(value)) {}
    Json(std::string_view value) : content_(std::string(value)) {}
    Json(const char* value) : content_(std::string(value)) {}
    Json(Array value) : content_(std::move(value)) {}
    Json(Object value) : content_(std::move(value)) {}

    const bool* as_bool() const { return std::get_if<bool>(&content_); }
    const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&content_); }
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
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, std::string, Array, Object> content_;
};

// Refuses duplicate keys, floats, invalid UTF-8, depth past 64 and anything after the value.
Result<Json> parse_json(std::string_view text);
std::string to_text(const Json& json);               // RFC 8785
std::string to_pretty_text(const Json& json);        // for people: two spaces, keys as sorted

// to_json(object) and from_json(json, object), for anything with fields: see json_fields.h.

}  // namespace dayu::wire
