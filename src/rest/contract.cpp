#include "rest/contract.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/nearest.h"
#include "wire/yaml.h"

namespace dayu::embedded {
extern const std::string_view openapi_yaml;
}

namespace dayu::rest {
namespace {

using wire::Json;
using wire::YamlNode;

constexpr std::size_t max_name_shown = 40;

// What a path of OpenAPI 3.1 calls a method. Those of HTTP are case-sensitive (RFC 9110, 9.1): "gET" is none.
const std::map<std::string_view, std::string_view> path_item_keys = {
    {"DELETE", "delete"}, {"GET", "get"},   {"HEAD", "head"}, {"OPTIONS", "options"},
    {"PATCH", "patch"},   {"POST", "post"}, {"PUT", "put"},   {"TRACE", "trace"}};

Json scalar_json(const YamlNode& node) {
    const std::string& text = node.text;
    if (node.quoted) return text;
    if (text == "true" || text == "false") return text == "true";
    std::int64_t number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status == std::errc() && end == text.data() + text.size()) return number;
    return text;
}

Json to_json(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::null: return {};
        case YamlNode::Kind::scalar: return scalar_json(node);
        case YamlNode::Kind::list: {
            Json::Array array;
            for (const YamlNode& child : node.children) array.push_back(to_json(child));
            return array;
        }
        case YamlNode::Kind::map: break;
    }
    Json::Object object;
    for (const YamlNode& child : node.children) object[child.key] = to_json(child);
    return object;
}

Json parse() {
    const auto root = wire::parse_yaml(embedded::openapi_yaml);
    CHECK(root.ok());
    return to_json(*root);
}

const Json* find_path(std::string_view pattern) {
    const Json* paths = contract().find("paths");
    return paths ? paths->find(pattern) : nullptr;
}

}  // namespace

const Json& contract() {
    static const Json document = parse();
    return document;
}

const Json& followed(const Json& node) {
    const Json* at = &node;
    while (const Json* reference = at->find("$ref")) {
        std::string_view path = *reference->as_string();
        CHECK(path.starts_with("#/"));
        path.remove_prefix(1);
        at = &contract();
        while (!path.empty()) {
            path.remove_prefix(1);
            const std::string_view key = path.substr(0, path.find('/'));
            at = at->find(key);
            CHECK(at != nullptr);
            path.remove_prefix(key.size());
        }
    }
    return *at;
}

const Json* find_operation(std::string_view method, std::string_view pattern) {
    const auto key = path_item_keys.find(method);
    const Json* path = find_path(pattern);
    return path && key != path_item_keys.end() ? path->find(key->second) : nullptr;
}

std::vector<const Json*> parameters_of(std::string_view method, std::string_view pattern) {
    std::vector<const Json*> found;
    for (const Json* owner : {find_path(pattern), find_operation(method, pattern)}) {
        const Json* list = owner ? owner->find("parameters") : nullptr;
        if (!list) continue;
        for (const Json& each : *list->as_array()) found.push_back(&followed(each));
    }
    return found;
}

Names query_names(std::string_view method, std::string_view pattern) {
    Names names;
    for (const Json* each : parameters_of(method, pattern)) {
        if (*each->find("in") == Json("query")) names.push_back(*each->find("name")->as_string());
    }
    return names;
}

Result<void> check_query(const http::Request& request, const Names& known) {
    for (const http::NamedValue& given : request.query) {
        if (std::ranges::find(known, given.name) != known.end()) continue;
        std::string message = given.name.substr(0, max_name_shown) + ": " + request.method + " " +
                              request.pattern + " has no such parameter";
        const std::string_view near = nearest(given.name, known);
        if (!near.empty()) {
            message += "; did you mean \"" + std::string(near) + "\"?";
        } else if (known.empty()) {
            message += ", and no other in its query";
        } else {
            message += "; it takes";
            for (const std::string_view name : known) message.append(" ").append(name);
        }
        return invalid("parameter_unknown", std::move(message));
    }
    return {};
}

}  // namespace dayu::rest
