#include "wire/json_fields.h"

#include <charconv>

#include "base/nearest.h"
#include "wire/utf8.h"

namespace dayu::wire {
namespace {

constexpr std::int64_t largest_exact = std::int64_t{1}
                                       << 53;   // what a double of a reader still holds
constexpr std::size_t quoted_value_bytes = 40;  // of a value in an error message

void append_number(std::string& out, auto value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

void append_padded(std::string& out, std::uint64_t value, std::size_t width) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    const auto length = static_cast<std::size_t>(end - digits);
    if (length < width) out.append(width - length, '0');
    out.append(digits, length);
}

constexpr bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

void append_escaped(std::string& out, char c) {
    constexpr std::string_view named = "\b\t\n\f\r\"\\";
    constexpr std::string_view letters = "btnfr\"\\";
    constexpr std::string_view hex = "0123456789abcdef";
    const std::size_t at = named.find(c);
    if (at != std::string_view::npos) {
        out += '\\';
        out += letters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
        out += "\\u00";
        out += hex[static_cast<unsigned char>(c) >> 4];
        out += hex[c & 0xF];
    } else {
        out += c;
    }
}

std::string abbreviated(const Json& json) {
    std::string text = to_text(json);
    if (text.size() > quoted_value_bytes) {
        text.resize(quoted_value_bytes);
        text = to_valid_utf8(text) + "...";
    }
    return text;
}

// A number, or what append_integer makes of one that is too large for a double.
template <class Number>
bool read_wide(const Json& json, Number& value) {
    if (const std::int64_t* number = json.as_int()) {
        if (!std::in_range<Number>(*number)) return false;
        value = static_cast<Number>(*number);
        return true;
    }
    if (const std::uint64_t* larger = json.as_uint()) {
        if (!std::in_range<Number>(*larger)) return false;
        value = static_cast<Number>(*larger);
        return true;
    }
    const std::string* text = json.as_string();
    if (text == nullptr) return false;
    const char* end = text->data() + text->size();
    const auto [stopped, status] = std::from_chars(text->data(), end, value);
    if (status != std::errc{} || stopped != end) return false;
    std::string canonical;
    append_integer(canonical, value);
    return canonical == "\"" + *text + "\"";
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plain = 0;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out += text.substr(0, plain);
    if (plain < text.size()) {
        const std::string_view rest = text.substr(plain);
        if (find_invalid_utf8(rest) == std::string_view::npos) {
            for (const char c : rest) append_escaped(out, c);
        } else {
            for (const char c : to_valid_utf8(rest)) append_escaped(out, c);
        }
    }
    out += '"';
}

void append_integer(std::string& out, std::int64_t value) {
    const bool exact = value >= -largest_exact && value <= largest_exact;
    if (!exact) out += '"';
    append_number(out, value);
    if (!exact) out += '"';
}

void append_integer(std::string& out, std::uint64_t value) {
    const bool exact = value <= static_cast<std::uint64_t>(largest_exact);
    if (!exact) out += '"';
    append_number(out, value);
    if (!exact) out += '"';
}

// As to_string(Time), for years of four digits, without its many small strings: each entry has one.
void append_time(std::string& out, Time time) {
    constexpr std::int64_t day_ms = 86'400'000, first_ms = 0, last_ms = 253'402'300'799'999;
    if (time.ms < first_ms || time.ms > last_ms) {
        out += to_string(time);
        return;
    }
    // Days to a date of the proleptic Gregorian calendar, with years that begin in March.
    const auto days = static_cast<std::uint64_t>(time.ms / day_ms) + 719'468;
    const std::uint64_t era = days / 146'097, day_of_era = days % 146'097;
    const std::uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::uint64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    const std::uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    const auto rest_ms = static_cast<std::uint64_t>(time.ms % day_ms);
    append_padded(out, era * 400 + year_of_era + (month <= 2 ? 1 : 0), 4);
    out += '-';
    append_padded(out, month, 2);
    out += '-';
    append_padded(out, day_of_year - (153 * month_from_march + 2) / 5 + 1, 2);
    out += 'T';
    append_padded(out, rest_ms / 3'600'000, 2);
    out += ':';
    append_padded(out, rest_ms / 60'000 % 60, 2);
    out += ':';
    append_padded(out, rest_ms / 1000 % 60, 2);
    out += '.';
    append_padded(out, rest_ms % 1000, 3);
    out += 'Z';
}

void append_money(std::string& out, Money money) {
    const auto raw = static_cast<std::uint64_t>(money.micro_yuan);
    const std::uint64_t magnitude = money.micro_yuan < 0 ? 0 - raw : raw;
    if (money.micro_yuan < 0) out += '-';
    append_number(out, magnitude / micro_yuan_per_yuan);
    out += '.';
    append_padded(out, magnitude % micro_yuan_per_yuan, 6);
}

namespace detail {

bool Reader::fail(std::string_view code, std::string message) {
    code_ = code;
    message_ = std::move(message);
    return false;
}

bool Reader::mismatch(std::string_view expected, const Json& got) {
    return fail("field_malformed",
                "expected " + std::string(expected) + ", got " + abbreviated(got));
}

bool Reader::unknown_key(std::string_view key, std::span<const std::string_view> known) {
    const std::string_view near = nearest(key, known);
    std::string message = "unknown key \"" + std::string(key) + "\"";
    if (!near.empty()) message += "; did you mean \"" + std::string(near) + "\"?";
    return fail("field_unknown", std::move(message));
}

bool Reader::in_field(std::string_view name) {
    const bool joins = !path_.empty() && path_.front() != '[';
    path_.insert(0, std::string(name) + (joins ? "." : ""));
    return false;
}

bool Reader::in_element(std::size_t index) {
    const bool joins = !path_.empty() && path_.front() != '[';
    path_.insert(0, "[" + std::to_string(index) + "]" + (joins ? "." : ""));
    return false;
}

Error Reader::error() && {
    if (!path_.empty()) message_.insert(0, path_ + ": ");
    return invalid(std::move(code_), std::move(message_));
}

bool Reader::read(const Json& json, std::string& value) {
    const std::string* text = json.as_string();
    if (text == nullptr) return mismatch("a string", json);
    value = *text;
    return true;
}

bool Reader::read(const Json& json, bool& value) {
    const bool* truth = json.as_bool();
    if (truth == nullptr) return mismatch("true or false", json);
    value = *truth;
    return true;
}

bool Reader::read(const Json& json, std::int64_t& value) {
    return read_wide(json, value) || mismatch("a whole number of at most 64 bits", json);
}

bool Reader::read(const Json& json, std::uint64_t& value) {
    return read_wide(json, value) || mismatch("a whole number from 0, of at most 64 bits", json);
}

bool Reader::read(const Json& json, Duration& value) {
    return read_wide(json, value.ms) || mismatch("a whole number of milliseconds", json);
}

bool Reader::read(const Json& json, Time& value) {
    const std::string* text = json.as_string();
    if (text == nullptr) return mismatch("a time such as \"2026-12-01T08:00:00+08:00\"", json);
    const Result<Time> time = parse_time(*text);
    if (!time.ok()) return fail(time.error().code, time.error().message);
    value = *time;
    return true;
}

bool Reader::read(const Json& json, Money& value) {
    const std::string* text = json.as_string();
    if (text == nullptr) return mismatch("an amount of yuan as a string, such as \"12.34\"", json);
    const Result<Money> money = parse_money(*text);
    if (!money.ok()) return fail(money.error().code, money.error().message);
    value = *money;
    return true;
}

}  // namespace detail
}  // namespace dayu::wire
