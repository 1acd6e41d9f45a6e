#include "wire/json.h"

#include <charconv>
#include <optional>

#include "base/check.h"
#include "wire/json_fields.h"
#include "wire/walk_json.h"

namespace dayu::wire {
namespace {

// Builds the tree; `open_` is the way from the root to where the next value goes.
class TreeBuilder final : public JsonListener {
   public:
    Json take() { return std::move(root_); }

    Result<void> on_null() override { return put(Json()); }
    Result<void> on_bool(bool value) override { return put(value); }
    Result<void> on_string(std::string value) override { return put(std::move(value)); }
    Result<void> on_array_begin() override { return open(Json::Array()); }
    Result<void> on_object_begin() override { return open(Json::Object()); }
    Result<void> on_end() override {
        open_.pop_back();
        return {};
    }
    Result<void> on_key(std::string key) override {
        auto& object = const_cast<Json::Object&>(*open_.back()->as_object());
        const auto [at, inserted] = object.emplace(std::move(key), Json());
        if (!inserted)
            return invalid("json_duplicate_key", "the key \"" + at->first + "\" stands twice");
        member_ = &at->second;
        return {};
    }
    Result<void> on_number(std::string_view literal) override {
        if (literal.find_first_of(".eE") != std::string_view::npos) {
            return invalid("json_number_not_whole",
                           std::string(literal) +
                               " is not a whole number; amounts with decimals are "
                               "strings, such as \"12.5\"");
        }
        const char* end = literal.data() + literal.size();
        std::int64_t number = 0;
        if (std::from_chars(literal.data(), end, number).ec == std::errc{}) return put(number);
        std::uint64_t larger = 0;
        if (std::from_chars(literal.data(), end, larger).ec == std::errc{}) return put(larger);
        return invalid("json_number_too_large",
                       std::string(literal) + " does not fit into 64 bits");
    }

   private:
    Result<void> put(Json&& value) {
        slot() = std::move(value);
        return {};
    }
    Result<void> open(Json&& value) {
        Json& place = slot();
        place = std::move(value);
        open_.push_back(&place);
        return {};
    }
    // Where the next value goes. What is there stays there: only the innermost open array grows.
    Json& slot() {
        if (open_.empty()) return root_;
        if (open_.back()->as_object() != nullptr) return *member_;
        return const_cast<Json::Array&>(*open_.back()->as_array()).emplace_back();
    }

    Json root_;
    std::vector<Json*> open_;
    Json* member_ = nullptr;  // the value of the key that came last
};

constexpr std::size_t indent_width = 2;

void break_line(std::string& out, std::size_t depth) {
    out += '\n';
    out.append(depth * indent_width, ' ');
}

void write_pretty(std::string& out, const Json& json, std::size_t depth) {
    const Json::Array* array = json.as_array();
    const Json::Object* object = json.as_object();
    if (array != nullptr && !array->empty()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            out += i == 0 ? '[' : ',';
            break_line(out, depth + 1);
            write_pretty(out, (*array)[i], depth + 1);
        }
        break_line(out, depth);
        out += ']';
    } else if (object != nullptr && !object->empty()) {
        bool first = true;
        for (const auto& [key, value] : *object) {
            out += std::exchange(first, false) ? '{' : ',';
            break_line(out, depth + 1);
            append_string(out, key);
            out += ": ";
            write_pretty(out, value, depth + 1);
        }
        break_line(out, depth);
        out += '}';
    } else {
        write_json(out, json);
    }
}

}  // namespace

const Json* Json::find(std::string_view key) const {
    const Object* object = as_object();
    if (object == nullptr) return nullptr;
    const auto at = object->find(key);
    return at == object->end() ? nullptr : &at->second;
}

Json& Json::operator[](std::string_view key) {
    if (is_null()) content_ = Object();
    auto* object = std::get_if<Object>(&content_);
    CHECK(object != nullptr);
    const auto at = object->find(key);
    return at != object->end() ? at->second : object->emplace(key, Json()).first->second;
}

Result<Json> parse_json(std::string_view text) {
    TreeBuilder builder;
    TRY(walk_json(text, builder));
    return builder.take();
}

void write_json(std::string& out, const Json& json) {
    if (json.is_null()) {
        out += "null";
    } else if (const bool* truth = json.as_bool()) {
        out += *truth ? "true" : "false";
    } else if (const std::int64_t* number = json.as_int()) {
        append_integer(out, *number);
    } else if (const std::uint64_t* larger = json.as_uint()) {
        append_integer(out, *larger);
    } else if (const std::string* text = json.as_string()) {
        append_string(out, *text);
    } else if (const Json::Array* array = json.as_array()) {
        detail::write(out, *array);
    } else {
        bool first = true;
        out += '{';
        for (const auto& [key, value] : *json.as_object()) {
            if (!std::exchange(first, false)) out += ',';
            append_string(out, key);
            out += ':';
            write_json(out, value);
        }
        out += '}';
    }
}

std::string to_text(const Json& json) {
    std::string out;
    write_json(out, json);
    return out;
}

std::string to_pretty_text(const Json& json) {
    std::string out;
    write_pretty(out, json, 0);
    return out;
}

}  // namespace dayu::wire
