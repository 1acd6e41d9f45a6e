#include "wire/canonical.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>
#include <vector>

#include "wire/json_fields.h"
#include "wire/utf16_order.h"
#include "wire/walk_json.h"

namespace dayu::wire {
namespace {

// ECMAScript writes plain digits while the decimal point lies in this range, counted from the first digit.
constexpr int plain_point_min = -5;
constexpr int plain_point_max = 21;

Result<double> read_double(const std::string& literal) {
    double value = 0;
    const auto status = std::from_chars(literal.data(), literal.data() + literal.size(), value).ec;
    if (status == std::errc{}) return value;
    // Out of range: too small is zero, too large is refused.
    value = std::strtod(literal.c_str(), nullptr);
    if (std::isfinite(value)) return value;
    return invalid("json_number_too_large", literal + " does not fit into a double");
}

// Renders each array and object when it ends, and hands the text to the one around it.
class Canonicalizer final : public JsonListener {
   public:
    std::string take() { return std::move(done_); }

    Result<void> on_null() override { return put("null"); }
    Result<void> on_bool(bool value) override { return put(value ? "true" : "false"); }
    Result<void> on_number(std::string_view literal) override {
        std::string text;
        TRY(append_es6_number(text, TRY(read_double(std::string(literal)))));
        return put(std::move(text));
    }
    Result<void> on_string(std::string value) override {
        std::string text;
        append_string(text, value);
        return put(std::move(text));
    }
    Result<void> on_key(std::string key) override {
        open_.back().key = std::move(key);
        return {};
    }
    Result<void> on_array_begin() override { return begin(false); }
    Result<void> on_object_begin() override { return begin(true); }
    Result<void> on_end() override {
        const Frame frame = std::move(open_.back());
        open_.pop_back();
        return put(frame.is_object ? render_object(frame) : "[" + frame.items + "]");
    }

   private:
    struct Frame {
        bool is_object = false;
        std::string items;  // of an array, joined
        std::string key;    // of an object, that waits for its value
        std::map<std::string, std::string, Utf16Order> members;  // of an object
    };

    Result<void> begin(bool is_object) {
        open_.emplace_back().is_object = is_object;
        return {};
    }

    Result<void> put(std::string text) {
        if (open_.empty()) {
            done_ = std::move(text);
            return {};
        }
        Frame& frame = open_.back();
        if (frame.is_object) {
            const auto [at, inserted] = frame.members.emplace(frame.key, std::move(text));
            if (!inserted)
                return invalid("json_duplicate_key", "the key \"" + frame.key + "\" stands twice");
        } else {
            if (!frame.items.empty()) frame.items += ',';
            frame.items += text;
        }
        return {};
    }

    static std::string render_object(const Frame& frame) {
        std::string out = "{";
        for (const auto& [key, text] : frame.members) {
            if (out.size() > 1) out += ',';
            append_string(out, key);
            out += ':';
            out += text;
        }
        return out + "}";
    }

    std::vector<Frame> open_;
    std::string done_;
};

}  // namespace

Result<void> append_es6_number(std::string& out, double value) {
    if (!std::isfinite(value))
        return invalid("json_number_not_finite", "JSON has no NaN and no infinity");
    if (value == 0) {
        out += '0';  // minus zero too
        return {};
    }
    if (value < 0) out += '-';
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value),
                                   std::chars_format::scientific)
                         .ptr;
    const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));  // "d.ddde+XX"
    const std::size_t e = text.find('e');
    std::string digits(text.substr(0, e));
    if (digits.size() > 1) digits.erase(1, 1);
    int exponent = 0;
    const std::size_t plus = text[e + 1] == '+' ? 1 : 0;  // from_chars takes none
    std::from_chars(text.data() + e + 1 + plus, text.data() + text.size(), exponent);
    const int count = static_cast<int>(digits.size());
    const int point = exponent + 1;  // digits before the decimal point
    if (point < plain_point_min || point > plain_point_max) {
        if (count > 1) digits.insert(1, 1, '.');
        out += digits + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
    } else if (point <= 0) {
        out += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
    } else {
        if (count > point) {
            digits.insert(static_cast<std::size_t>(point), 1, '.');
        } else {
            digits.append(static_cast<std::size_t>(point - count), '0');
        }
        out += digits;
    }
    return {};
}

Result<std::string> canonicalize(std::string_view json_text) {
    Canonicalizer canonicalizer;
    TRY(walk_json(json_text, canonicalizer));
    return canonicalizer.take();
}

}  // namespace dayu::wire
