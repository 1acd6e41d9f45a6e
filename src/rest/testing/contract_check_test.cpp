// Not a test but what tests stand on; by its name it is linked into them and nothing else.
#include "rest/testing/contract_check.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "rest/contract.h"

namespace dayu::rest::testing {
namespace {

using wire::Json;
using Problems = std::vector<std::string>;

// Headers that any answer may have, besides those that the contract gives it.
const std::set<std::string> headers_of_any{"connection",
                                           "content-length",
                                           "content-type",
                                           "date",
                                           "cache-control",
                                           "vary",
                                           "server",
                                           "content-encoding",
                                           "transfer-encoding",
                                           "referrer-policy",
                                           "x-content-type-options"};

void append(Problems& all, const Problems& more) {
    all.insert(all.end(), more.begin(), more.end());
}

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

// --- JSON Schema, in the words that the contract uses ---------------------------------------------

std::string type_of(const Json& value) {
    if (value.is_null()) return "null";
    if (value.as_bool()) return "boolean";
    if (value.as_int() || value.as_uint()) return "integer";
    if (value.as_string()) return "string";
    return value.as_array() ? "array" : "object";
}

// A whole number is a number.
bool has_type(const Json& schema, const Json& value) {
    const Json* type = schema.find("type");
    if (!type) return true;
    const std::string given = type_of(value);
    const auto allows = [&](const Json& one) {
        return one == Json(given) || (given == "integer" && one == Json("number"));
    };
    return type->as_array() ? std::ranges::any_of(*type->as_array(), allows) : allows(*type);
}

// The sizes that "minimum", "maxLength" and their like speak of.
void check_limit(const Json& schema, const Json& value, const std::string& path,
                 Problems& problems) {
    const auto check = [&](std::string_view least, std::string_view most, std::int64_t size) {
        const Json* low = schema.find(least);
        const Json* high = schema.find(most);
        if (low && size < *low->as_int())
            problems.push_back(path + " is below its " + std::string(least));
        if (high && size > *high->as_int())
            problems.push_back(path + " is above its " + std::string(most));
    };
    if (const auto* number = value.as_int()) check("minimum", "maximum", *number);
    if (const auto* text = value.as_string()) check("minLength", "maxLength", std::ssize(*text));
    if (const auto* array = value.as_array()) check("minItems", "maxItems", std::ssize(*array));
}

void check_scalar(const Json& schema, const Json& value, const std::string& path,
                  Problems& problems) {
    const Json* constant = schema.find("const");
    if (constant && *constant != value) problems.push_back(path + " is not the constant");
    const Json* words = schema.find("enum");
    if (words && std::ranges::find(*words->as_array(), value) == words->as_array()->end())
        problems.push_back(path + " is none of the enum: " + wire::to_text(value));
    const std::string* text = value.as_string();
    const Json* pattern = schema.find("pattern");
    if (pattern && text && !std::regex_search(*text, std::regex(*pattern->as_string())))
        problems.push_back(path + " does not match the pattern: " + *text);
    const bool is_time = schema.find("format") && *schema.find("format") == Json("date-time");
    if (is_time && text && !parse_time(*text).ok())
        problems.push_back(path + " is no time: " + *text);
    check_limit(schema, value, path, problems);
}

// The properties of a schema and of all that it is made of.
void gather(const Json& given, std::map<std::string, const Json*>& properties,
            std::set<std::string>& required) {
    const Json& schema = followed(given);
    if (const Json* parts = schema.find("allOf")) {
        for (const Json& part : *parts->as_array()) gather(part, properties, required);
    }
    if (const Json* own = schema.find("properties")) {
        for (const auto& [key, member] : *own->as_object()) properties[key] = &member;
    }
    if (const Json* own = schema.find("required")) {
        for (const Json& key : *own->as_array()) required.insert(*key.as_string());
    }
}

void check_object(const Json& schema, const Json::Object& object, const std::string& path,
                  Problems& problems) {
    std::map<std::string, const Json*> properties;
    std::set<std::string> required;
    gather(schema, properties, required);
    for (const std::string& key : required) {
        if (!object.contains(key)) problems.push_back(path + "." + key + " is missing");
    }
    const Json* more = schema.find("additionalProperties");
    const bool is_open = more ? *more == Json(true) : properties.empty();
    for (const auto& [key, member] : object) {
        const std::string inner = path + "." + key;
        const auto found = properties.find(key);
        if (found != properties.end()) {
            append(problems, mismatches(*found->second, member, inner));
        } else if (more && more->as_object()) {
            append(problems, mismatches(*more, member, inner));
        } else if (!is_open) {
            problems.push_back(inner + " is not in the contract");
        }
    }
}

void check_one_of(const Json& options, const Json& value, const std::string& path,
                  Problems& problems) {
    Problems all;
    int fitting = 0;
    for (const Json& option : *options.as_array()) {
        const Problems found = mismatches(option, value, path);
        fitting += found.empty();
        append(all, found);
    }
    if (fitting == 1) return;
    append(problems, all);
    problems.push_back(path + " fits " + std::to_string(fitting) + " of the oneOf");
}

// --- Calls and answers ----------------------------------------------------------------------------

bool fits(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
        const std::string_view wanted = pattern.substr(0, pattern.find('/', 1));
        const std::string_view given = path.substr(0, path.find('/', 1));
        if (!(wanted.starts_with("/{") && given.size() > 1) && wanted != given) return false;
        pattern.remove_prefix(wanted.size());
        path.remove_prefix(given.size());
    }
    return pattern.empty() && path.empty();
}

// What a parameter or a header says, as its schema wants it.
Json value_of(const Json& schema, std::string_view text) {
    const Json* type = followed(schema).find("type");
    if (type && *type == Json("string")) return text;
    if (type && *type == Json("array")) {
        Json::Array values;
        while (true) {
            const std::string_view part = text.substr(0, text.find(','));
            values.push_back(value_of(*followed(schema).find("items"), part));
            if (part.size() == text.size()) return values;
            text.remove_prefix(part.size() + 1);
        }
    }
    if (text == "true" || text == "false") return text == "true";
    std::int64_t number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = status == std::errc() && end == text.data() + text.size();
    return is_whole ? Json(number) : Json(text);
}

void check_headers(const Json& said, const http::Response& response, Problems& problems) {
    std::set<std::string> known = headers_of_any;
    if (const Json* headers = said.find("headers")) {
        for (const auto& [name, reference] : *headers->as_object()) {
            const Json& header = followed(reference);
            known.insert(lowered(name));
            const auto value = response.header(name);
            const Json* required = header.find("required");
            if (!value && required && *required == Json(true))
                problems.push_back("the header " + name + " is missing");
            const Json& schema = *header.find("schema");
            if (value) append(problems, mismatches(schema, value_of(schema, *value), name));
        }
    }
    for (const http::NamedValue& header : response.headers) {
        if (!known.contains(lowered(header.name)))
            problems.push_back("the header " + header.name + " is not in the contract");
    }
}

void check_body(const Json& said, const http::Call& call, const http::Response& response,
                Problems& problems) {
    const Json* content = said.find("content");
    if (!content) {
        if (!response.body.empty()) problems.push_back("a body where the contract has none");
        return;
    }
    const Json* media = content->find(response.content_type);
    if (!media) {
        problems.push_back("the content type \"" + response.content_type +
                           "\" is not in the contract");
        return;
    }
    const bool is_json = response.content_type.find("json") != std::string::npos;
    if (!is_json || call.method == "HEAD" || response.header("Content-Encoding")) return;
    const auto json = wire::parse_json(response.body);
    if (!json) {
        problems.push_back("the body is no JSON: " + json.error().message);
        return;
    }
    if (const Json* schema = media->find("schema"))
        append(problems, mismatches(*schema, *json, "body"));
    const Json* status = json->find("status");
    if (response.status >= 400 && (!status || *status != Json(response.status)))
        problems.push_back("the problem tells of another status");
}

void check_query_of(const http::Call& call, const std::string& pattern, Problems& problems) {
    std::string_view query = call.path;
    query.remove_prefix(std::min(query.find('?'), query.size()));
    std::map<std::string, std::string> given;
    while (!query.empty()) {
        query.remove_prefix(1);
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(pair.size());
        if (pair.empty()) continue;  // "?" and "&&" say nothing
        const std::string_view name = pair.substr(0, pair.find('='));
        // What stands there twice is taken as it stands first.
        given.try_emplace(
            http::percent_decode(name),
            http::percent_decode(pair.substr(std::min(name.size() + 1, pair.size()))));
    }
    for (const Json* each : parameters_of(call.method, pattern)) {
        if (*each->find("in") != Json("query")) continue;
        const std::string& name = *each->find("name")->as_string();
        const Json* required = each->find("required");
        const auto found = given.extract(name);
        if (found.empty()) {
            if (required && *required == Json(true))
                problems.push_back("taken without the parameter " + name);
            continue;
        }
        const Json& schema = *each->find("schema");
        append(problems, mismatches(schema, value_of(schema, found.mapped()), "?" + name));
    }
    if (pattern.starts_with("/v1/agent/")) return;  // agents may be newer than the contract
    for (const auto& [name, value] : given)
        problems.push_back("taken with the parameter " + name + ", which is not in the contract");
}

// A JSON body that was taken is one that the contract describes. Job files of others only look like JSON.
void check_request(const Json& operation, const http::Call& call, const std::string& pattern,
                   Problems& problems) {
    check_query_of(call, pattern, problems);
    const Json* body = operation.find("requestBody");
    if (!body) return;  // whatever comes along is passed over
    if (*operation.find("operationId") == Json("submitJobs")) return;  // each item by itself
    const Json* content = followed(*body).find("content");
    const Json* media = content ? content->find("application/json") : nullptr;
    const Json* schema = media ? media->find("schema") : nullptr;
    const auto json = wire::parse_json(call.body);
    if (!schema || !json || json->find("apiVersion")) return;
    append(problems, mismatches(*schema, *json, "request"));
}

}  // namespace

std::vector<std::string> mismatches(const Json& given, const Json& value, const std::string& path) {
    const Json& schema = followed(given);
    if (!has_type(schema, value)) return {path + " is of type " + type_of(value)};
    Problems problems;
    check_scalar(schema, value, path, problems);
    if (const Json* options = schema.find("oneOf")) check_one_of(*options, value, path, problems);
    if (const auto* object = value.as_object()) {
        check_object(schema, *object, path, problems);
    } else if (const Json* parts = schema.find("allOf")) {
        for (const Json& part : *parts->as_array()) append(problems, mismatches(part, value, path));
    }
    const Json* items = schema.find("items");
    if (const auto* array = value.as_array(); array && items) {
        for (std::size_t i = 0; i < array->size(); ++i)
            append(problems, mismatches(*items, (*array)[i], path + "[" + std::to_string(i) + "]"));
    }
    return problems;
}

std::string pattern_of(std::string_view path) {
    path = path.substr(0, path.find('?'));
    std::string found;
    for (const auto& [pattern, operations] : *contract().find("paths")->as_object()) {
        if (pattern == path) return pattern;
        if (fits(pattern, path)) found = pattern;
    }
    return found;
}

std::vector<std::string> departures(const http::Call& call, const http::Response& response) {
    const std::string pattern = pattern_of(call.path);
    const std::string_view method = call.method == "HEAD" ? "GET" : std::string_view(call.method);
    const Json* operation = find_operation(method, pattern);
    const Json& refusal = *contract().find("components")->find("responses")->find("Problem");
    const Json* said = nullptr;
    Problems problems;
    if (operation) {
        const Json& responses = *operation->find("responses");
        said = responses.find(std::to_string(response.status));
        if (!said && response.status >= 400) said = responses.find("default");
        if (!said)
            return {"the status " + std::to_string(response.status) + " is not in the contract"};
        if (response.status < 300) check_request(*operation, call, pattern, problems);
    } else if (response.status != (pattern.empty() ? 404 : 405)) {
        problems.push_back("answered, though the contract has no such operation");
    }
    const Json& answer = said ? followed(*said) : refusal;
    check_headers(answer, response, problems);
    check_body(answer, call, response, problems);
    if (response.status == 401 && !response.header("WWW-Authenticate"))
        problems.push_back("the header WWW-Authenticate is missing");
    if (response.status == 405 && !response.header("Allow"))
        problems.push_back("the header Allow is missing");
    return problems;
}

}  // namespace dayu::rest::testing
