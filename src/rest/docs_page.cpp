// GET /docs: the contract and the error codes for people. The page is written once, asks no other server for anything,
// and runs no script; its policy forbids both.
#include <array>
#include <string>
#include <utility>

#include <openssl/evp.h>

#include "base/html.h"
#include "base/sha256.h"
#include "rest/contract.h"

namespace dayu::embedded {
extern const std::string_view errors_md;
}

namespace dayu::rest {
namespace {

using wire::Json;

constexpr std::array<std::string_view, 5> methods{"get", "post", "put", "patch", "delete"};
constexpr std::string_view schema_reference = "#/components/schemas/";

constexpr std::string_view style = R"(:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:3rem;border-bottom:2px solid}
h3{margin-top:2.5rem;font-size:1.1rem}
h4{margin:1.2rem 0 .3rem}
code,pre{font:.88em/1.45 ui-monospace,monospace}
pre{padding:.7rem;overflow:auto;border:1px solid #8886;border-radius:.3rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #8884}
nav li{list-style:none}nav ul{padding:0}
.method{display:inline-block;min-width:4.2rem;font-weight:700}
.weak{opacity:.7}
)";

std::string element(std::string_view name, std::string_view html) {
    return "<" + std::string(name) + ">" + std::string(html) + "</" +
           std::string(name.substr(0, name.find(' '))) + ">";
}

std::string code(std::string_view text) { return element("code", html_escaped(text)); }

std::string link(const std::string& id, std::string_view html) {
    return element("a href=\"#" + id + "\"", html);
}

// One line of prose, where `this` is code.
std::string inline_prose(std::string_view text) {
    std::string html;
    bool inside = false;
    while (true) {
        const std::size_t tick = text.find('`');
        html += inside ? code(text.substr(0, tick)) : html_escaped(text.substr(0, tick));
        if (tick == std::string_view::npos) return html;
        text.remove_prefix(tick + 1);
        inside = !inside;
    }
}

// Paragraphs, and lists of "- " lines.
std::string prose(std::string_view text) {
    std::string html;
    std::string part;
    const auto flush = [&] {
        if (part.starts_with("- ")) {
            html += element("li", inline_prose(std::string_view(part).substr(2)));
        } else if (!part.empty()) {
            html += element("p", inline_prose(part));
        }
        part.clear();
    };
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (line.empty() || line.starts_with("- ")) flush();
        if (!part.empty()) part += ' ';
        part += line;
    }
    flush();
    return html;
}

std::string text_of(const Json& object, std::string_view key) {
    const Json* found = object.find(key);
    const std::string* text = found ? found->as_string() : nullptr;
    return text ? *text : std::string();
}

std::string value_text(const Json& value) {
    return value.as_string() ? *value.as_string() : wire::to_text(value);
}

std::string example_html(const Json& owner) {
    const Json* example = owner.find("example");
    if (!example) return {};
    const std::string* text = example->as_string();
    return element("pre", html_escaped(text ? *text : wire::to_pretty_text(*example)));
}

std::string type_html(const Json& schema);

std::string joined(const Json& list, std::string_view between,
                   std::string (*html_of)(const Json&)) {
    std::string html;
    for (const Json& each : *list.as_array()) {
        if (!html.empty()) html += between;
        html += html_of(each);
    }
    return html;
}

std::string limits_html(const Json& schema) {
    std::string html;
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> limits{
        {{"minimum", "from"},
         {"maximum", "to"},
         {"minLength", "at least"},
         {"maxLength", "at most"},
         {"maxItems", "at most"},
         {"pattern", "as"},
         {"format", "as"},
         {"default", "default"}}};
    for (const auto& [key, word] : limits) {
        const Json* value = schema.find(key);
        if (value) html.append(" ").append(word).append(" ") += code(value_text(*value));
    }
    return html;
}

// What a value of the schema is, on one line.
std::string type_html(const Json& schema) {
    const std::string reference = text_of(schema, "$ref");
    if (reference.starts_with(schema_reference)) {
        const std::string name = reference.substr(schema_reference.size());
        return link("schema-" + name, html_escaped(name));
    }
    if (!reference.empty()) return type_html(followed(schema));
    const auto one = [](const Json& value) { return code(value_text(value)); };
    if (const Json* value = schema.find("const")) return one(*value);
    if (const Json* list = schema.find("enum")) return joined(*list, " | ", one);
    if (const Json* list = schema.find("oneOf")) return joined(*list, " or ", type_html);
    if (const Json* list = schema.find("allOf")) return joined(*list, " and ", type_html);
    const Json* type = schema.find("type");
    if (!type) return "anything";
    if (*type == Json("array") && schema.find("items"))
        return "array of " + type_html(*schema.find("items")) + limits_html(schema);
    const auto word = [](const Json& each) { return html_escaped(value_text(each)); };
    return (type->as_array() ? joined(*type, " or ", word) : word(*type)) + limits_html(schema);
}

// The members of an object, or of the objects in an array, and what lies in them; nothing for what has a name of its own.
std::string members_html(const Json& schema) {
    if (schema.find("$ref")) return {};
    if (const Json* items = schema.find("items")) return members_html(*items);
    std::string html;
    for (const std::string_view word : {"allOf", "oneOf"}) {
        const Json* list = schema.find(word);
        if (list) html += joined(*list, "", members_html);
    }
    const Json* properties = schema.find("properties");
    if (!properties) return html;
    const Json* required = schema.find("required");
    for (const auto& [name, member] : *properties->as_object()) {
        bool is_required = false;
        for (const Json& each : required ? *required->as_array() : Json::Array{})
            is_required |= each == Json(name);
        html += "<tr>" + element("td", code(name)) +
                element("td", type_html(member) +
                                  (is_required ? "" : " <span class=\"weak\">optional</span>")) +
                element("td", inline_prose(text_of(member, "description")) + members_html(member)) +
                "</tr>";
    }
    return element("table", html);
}

std::string contents_html(const Json& owner) {
    const Json* content = owner.find("content");
    if (!content) return {};
    std::string html;
    for (const auto& [media, body] : *content->as_object()) {
        const Json* schema = body.find("schema");
        html += element("p", code(media) + (schema ? ": " + type_html(*schema) : ""));
        if (schema) html += members_html(*schema);
        html += example_html(body);
    }
    return html;
}

std::string parameters_html(std::string_view method, std::string_view pattern) {
    std::string rows;
    for (const Json* each : parameters_of(method, pattern)) {
        rows += "<tr>" + element("td", code(text_of(*each, "name"))) +
                element("td", html_escaped(text_of(*each, "in"))) +
                element("td", type_html(*each->find("schema"))) +
                element("td", inline_prose(text_of(*each, "description"))) + "</tr>";
    }
    return rows.empty() ? rows : element("h4", "Parameters") + element("table", rows);
}

std::string response_html(const std::string& status, const Json& response) {
    std::string html = element("h4", html_escaped(status == "default" ? "Any error" : status));
    if (status == "default") {
        return html + element("p", "A " + link("schema-Problem", "Problem") + " with one of the " +
                                       link("codes", "error codes") + ".");
    }
    html += prose(text_of(response, "description"));
    if (const Json* headers = response.find("headers")) {
        std::string rows;
        for (const auto& [name, header] : *headers->as_object()) {
            const Json& said = followed(header);
            rows += "<tr>" + element("td", code(name)) +
                    element("td", type_html(*said.find("schema"))) +
                    element("td", inline_prose(text_of(said, "description"))) + "</tr>";
        }
        html += element("table", rows);
    }
    return html + contents_html(response);
}

std::string operation_html(std::string_view method, const std::string& pattern,
                           const Json& operation) {
    std::string upper(method);
    for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
    std::string html =
        element("h3 id=\"" + text_of(operation, "operationId") + "\"",
                element("span class=\"method\"", upper) + code(pattern)) +
        element("p", element("strong", inline_prose(text_of(operation, "summary")))) +
        prose(text_of(operation, "description"));
    if (operation.find("security")) html += element("p", "Takes no token.");
    html += parameters_html(upper, pattern);
    if (const Json* body = operation.find("requestBody")) {
        const Json& said = followed(*body);
        html += element("h4", "Body") + prose(text_of(said, "description")) + contents_html(said);
    }
    for (const auto& [status, response] : *operation.find("responses")->as_object())
        html += response_html(status, followed(response));
    return html;
}

// Calls `visit` with the method, the pattern and the operation of all that have the tag.
template <class Visit>
void each_operation(const Json& tag, Visit visit) {
    for (const auto& [pattern, path] : *contract().find("paths")->as_object()) {
        for (const std::string_view method : methods) {
            const Json* operation = path.find(method);
            if (operation && operation->find("tags")->as_array()->front() == tag)
                visit(method, pattern, *operation);
        }
    }
}

std::string navigation_html(const Json& tags) {
    std::string html;
    for (const Json& tag : *tags.as_array()) {
        html += element(
            "h4", html_escaped(text_of(tag, "name")) + " " +
                      element("span class=\"weak\"", html_escaped(text_of(tag, "description"))));
        std::string items;
        each_operation(*tag.find("name"), [&](std::string_view, const std::string& pattern,
                                              const Json& operation) {
            items += element("li", link(text_of(operation, "operationId"),
                                        inline_prose(text_of(operation, "summary"))) +
                                       " " + element("span class=\"weak\"", code(pattern)));
        });
        html += element("ul", items);
    }
    return element(
        "nav",
        html + element("p", link("schemas", "Schemas") + ", " + link("codes", "error codes") +
                                ", and the " +
                                element("a href=\"openapi.json\"", "contract as JSON") + "."));
}

std::string schemas_html() {
    std::string html = element("h2 id=\"schemas\"", "Schemas");
    for (const auto& [name, schema] :
         *contract().find("components")->find("schemas")->as_object()) {
        html += element("h3 id=\"schema-" + name + "\"", code(name)) +
                prose(text_of(schema, "description")) + element("p", type_html(schema)) +
                members_html(schema) + example_html(schema);
    }
    return html;
}

// The tables of docs/errors.md: kinds, then codes.
std::string codes_html() {
    std::string html = element("h2 id=\"codes\"", "Error codes");
    std::string rows;
    std::string_view text = embedded::errors_md;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.starts_with("| ")) {
            if (!rows.empty()) html += element("table", std::exchange(rows, {}));
            continue;
        }
        std::string cells;
        for (line.remove_prefix(2); !line.empty();) {
            const std::size_t end = line.find(" |");
            cells += element("td", inline_prose(line.substr(0, end)));
            line.remove_prefix(end == std::string_view::npos ? line.size()
                                                             : std::min(end + 3, line.size()));
        }
        rows += element("tr", cells);
    }
    return rows.empty() ? html : html + element("table", rows);
}

std::string page() {
    const Json& info = *contract().find("info");
    const Json& tags = *contract().find("tags");
    const std::string title = text_of(info, "title") + " " + text_of(info, "version") + ": the API";
    std::string html =
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\">";
    html += element("title", html_escaped(title)) + element("style", style) +
            element("h1", html_escaped(title));
    html += prose(text_of(info, "description")) + navigation_html(tags);
    for (const Json& tag : *tags.as_array()) {
        html += element("h2", html_escaped(text_of(tag, "name")));
        each_operation(*tag.find("name"), [&](std::string_view method, const std::string& pattern,
                                              const Json& operation) {
            html += operation_html(method, pattern, operation);
        });
    }
    return html + schemas_html() + codes_html() + "</html>\n";
}

// The style is named by its digest; nothing else may be loaded or run, and no other page may frame this one.
std::string policy() {
    const Sha256 digest = sha256(style);
    std::array<unsigned char, 45> base64{};
    EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
    return "default-src 'none'; style-src 'sha256-" +
           std::string(reinterpret_cast<const char*>(base64.data())) +
           "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

}  // namespace

http::Response docs_page() {
    static const std::string html = page();
    return {.status = 200,
            .body = html,
            .content_type = "text/html; charset=utf-8",
            .headers = {{"Content-Security-Policy", policy()},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Referrer-Policy", "no-referrer"},
                        {"Cache-Control", "no-cache"}}};
}

}  // namespace dayu::rest
