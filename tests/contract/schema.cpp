#include "schema.h"

#include <charconv>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace dayu::contract {
namespace {

using Problems = std::vector<std::string>;

void append(Problems& all, const Problems& more) {
    all.insert(all.end(), more.begin(), more.end());
}

std::string type_of(const wire::Json& value) {
    if (value.is_null()) return "null";
    if (value.as_bool()) return "boolean";
    if (value.as_int() || value.as_uint()) return "integer";
    if (value.as_string()) return "string";
    return value.as_array() ? "array" : "object";
}

std::set<std::string> types_allowed(const YAML::Node& type) {
    std::set<std::string> allowed;
    if (type.IsScalar()) allowed.insert(type.as<std::string>());
    for (const auto& each : type) allowed.insert(each.as<std::string>());
    return allowed;
}

Problems check_scalar(const YAML::Node& schema, const wire::Json& value, const std::string& path) {
    Problems problems;
    if (schema["const"] && to_json(schema["const"]) != value) {
        problems.push_back(path + " is not the constant");
    }
    if (schema["enum"]) {
        bool found = false;
        for (const auto& each : schema["enum"]) found |= to_json(each) == value;
        if (!found) problems.push_back(path + " is none of the enum: " + wire::to_text(value));
    }
    if (schema["pattern"] && value.as_string() &&
        !std::regex_search(*value.as_string(), std::regex(schema["pattern"].as<std::string>()))) {
        problems.push_back(path + " does not match the pattern: " + *value.as_string());
    }
    return problems;
}

// The properties of a schema and of all that it is made of.
void gather(const YAML::Node& root, YAML::Node schema,
            std::map<std::string, YAML::Node>& properties, std::set<std::string>& required) {
    schema = resolve(root, schema);
    for (const auto& part : schema["allOf"]) gather(root, part, properties, required);
    for (const auto& each : schema["properties"]) {
        properties[each.first.as<std::string>()] = each.second;
    }
    for (const auto& each : schema["required"]) required.insert(each.as<std::string>());
}

Problems check_object(const YAML::Node& root, const YAML::Node& schema,
                      const wire::Json::Object& object, const std::string& path) {
    std::map<std::string, YAML::Node> properties;
    std::set<std::string> required;
    gather(root, schema, properties, required);
    Problems problems;
    for (const std::string& key : required) {
        if (!object.contains(key)) problems.push_back(path + "." + key + " is missing");
    }
    if (properties.empty()) return problems;
    for (const auto& [key, member] : object) {
        const auto found = properties.find(key);
        const std::string inner = path + "." + key;
        if (found == properties.end()) {
            problems.push_back(inner + " is not in the contract");
        } else {
            append(problems, mismatches(root, found->second, member, inner));
        }
    }
    return problems;
}

Problems check_one_of(const YAML::Node& root, const YAML::Node& options, const wire::Json& value,
                      const std::string& path) {
    Problems problems;
    int fitting = 0;
    for (const auto& option : options) {
        const Problems found = mismatches(root, option, value, path);
        fitting += found.empty();
        append(problems, found);
    }
    if (fitting == 1) return {};
    problems.push_back(path + " fits " + std::to_string(fitting) + " of the oneOf");
    return problems;
}

}  // namespace

YAML::Node load_contract() { return YAML::LoadFile("api/openapi.yaml"); }

YAML::Node resolve(const YAML::Node& root, YAML::Node node) {
    while (node["$ref"]) {
        std::stringstream path(node["$ref"].as<std::string>().substr(2));
        YAML::Node at = root;
        for (std::string key; std::getline(path, key, '/');) at.reset(at[key]);
        node.reset(at);
    }
    return node;
}

std::vector<std::string> mismatches(const YAML::Node& root, const YAML::Node& given,
                                    const wire::Json& value, const std::string& path) {
    const YAML::Node schema = resolve(root, given);
    if (schema["type"] && !types_allowed(schema["type"]).contains(type_of(value))) {
        return {path + " is of type " + type_of(value)};
    }
    Problems problems = check_scalar(schema, value, path);
    if (schema["oneOf"]) append(problems, check_one_of(root, schema["oneOf"], value, path));
    if (const auto* object = value.as_object()) {
        append(problems, check_object(root, schema, *object, path));
    } else {
        for (const auto& part : schema["allOf"])
            append(problems, mismatches(root, part, value, path));
    }
    if (const auto* array = value.as_array(); array && schema["items"]) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            append(problems, mismatches(root, schema["items"], (*array)[i],
                                        path + "[" + std::to_string(i) + "]"));
        }
    }
    return problems;
}

wire::Json to_json(const YAML::Node& node) {
    if (node.IsNull()) return {};
    if (node.IsSequence()) {
        wire::Json::Array array;
        for (const auto& each : node) array.push_back(to_json(each));
        return array;
    }
    if (node.IsMap()) {
        wire::Json::Object object;
        for (const auto& each : node) object[each.first.as<std::string>()] = to_json(each.second);
        return object;
    }
    const std::string text = node.Scalar();
    const bool quoted = node.Tag() == "!";
    std::int64_t number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (!quoted && status == std::errc() && end == text.data() + text.size()) return number;
    if (!quoted && (text == "true" || text == "false")) return text == "true";
    return text;
}

}  // namespace dayu::contract
