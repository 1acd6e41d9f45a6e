#include "dayu/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>

#include "dayu/progress.h"

namespace dayu::app {
namespace {

constexpr std::size_t narrowest_terminal = 60;

std::string* caught = nullptr;  // where stdout goes while captured() runs

void write_out(std::string_view text) {
    if (caught != nullptr) {
        *caught += text;
    } else {
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
}

bool is_set(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

// A word that no YAML reader takes for anything but text; everything else is quoted as JSON does.
bool is_plain(const std::string& text) {
    if (text.empty() || std::isalpha(static_cast<unsigned char>(text[0])) == 0) return false;
    for (const char c : text) {
        const bool is_word = std::isalnum(static_cast<unsigned char>(c)) != 0;
        if (!is_word && c != '_' && c != '-' && c != '.' && c != '/') return false;
    }
    std::string lower;
    for (const char c : text)
        lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const std::string_view word :
         {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}) {
        if (lower == word) return false;
    }
    return true;
}

bool is_block(const wire::Json& json) {
    return (json.as_object() != nullptr && !json.as_object()->empty()) ||
           (json.as_array() != nullptr && !json.as_array()->empty());
}

std::string yaml_scalar(const wire::Json& json) {
    const std::string* text = json.as_string();
    return text != nullptr && is_plain(*text) ? *text : to_text(json);
}

void write_yaml(std::string& out, const wire::Json& json, std::size_t depth) {
    const std::string indent(depth * 2, ' ');
    if (const wire::Json::Object* object = json.as_object()) {
        for (const auto& [key, value] : *object) {
            out += indent + yaml_scalar(wire::Json(key)) + ":";
            if (is_block(value)) {
                out += "\n";
                write_yaml(out, value, depth + 1);
            } else {
                out += " " + yaml_scalar(value) + "\n";
            }
        }
    } else if (const wire::Json::Array* array = json.as_array()) {
        for (const wire::Json& value : *array) {
            if (!is_block(value)) {
                out += indent + "- " + yaml_scalar(value) + "\n";
                continue;
            }
            std::string inner;
            write_yaml(inner, value, depth + 1);
            inner.replace(depth * 2, 2, "- ");
            out += inner;
        }
    }
}

}  // namespace

bool is_structured(const Globals& globals) {
    return globals.output == OutputFormat::json || globals.output == OutputFormat::yaml;
}

std::string to_yaml(const wire::Json& json) {
    if (!is_block(json)) return yaml_scalar(json) + "\n";
    std::string out;
    write_yaml(out, json, 0);
    return out;
}

void print_structured(const Globals& globals, const wire::Json& json) {
    const bool yaml = globals.output == OutputFormat::yaml;
    std::string text = yaml ? to_yaml(json) : to_pretty_text(json);
    if (!text.ends_with('\n')) text += '\n';
    write_out(text);
}

void print_table(const Globals& globals, const Table& table) {
    const std::size_t columns = globals.output == OutputFormat::wide ? 0 : terminal_columns();
    write_out(table.to_text({.columns = columns, .color = uses_color(globals)}));
}

void print_line(std::string_view text) {
    write_out(text);
    write_out("\n");
}

void remark(std::string_view text) { Progress::print_above(text); }

std::string captured(const std::function<void()>& print) {
    std::string text;
    caught = &text;
    print();
    caught = nullptr;
    return text;
}

std::size_t terminal_columns() {
    std::size_t columns = 0;
    winsize size{};
    const bool on_terminal = isatty(STDOUT_FILENO) != 0;
    if (on_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
    const char* said = std::getenv("COLUMNS");
    if (columns == 0 && said != nullptr) columns = std::strtoul(said, nullptr, 10);
    return columns == 0 ? 0 : std::max(columns, narrowest_terminal);
}

bool uses_color(const Globals& globals) {
    const char* terminal = std::getenv("TERM");
    const bool is_dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
    return !globals.no_color && !is_set("NO_COLOR") && !is_dumb && isatty(STDOUT_FILENO) != 0;
}

}  // namespace dayu::app
