#include "dayu/figures.h"

#include <cmath>
#include <cstdio>
#include <string_view>

#include <fmt/core.h>

#include "wire/json.h"

namespace dayu::app {
namespace {

void write_number(std::string& out, double value) {
    out += std::isfinite(value) ? fmt::format("{}", value) : "null";
}

void write_value(std::string& out, const Figure& figure) {
    if (const auto* whole = std::get_if<std::int64_t>(&figure.value)) {
        out += std::to_string(*whole);
    } else if (const auto* truth = std::get_if<bool>(&figure.value)) {
        out += *truth ? "true" : "false";
    } else if (const auto* number = std::get_if<double>(&figure.value)) {
        write_number(out, *number);
    } else if (const auto* text = std::get_if<std::string>(&figure.value)) {
        out += wire::to_text(wire::Json(*text));
    } else {
        std::string_view before = "[";
        for (const double element : std::get<std::vector<double>>(figure.value)) {
            out += before;
            write_number(out, element);
            before = ", ";
        }
        out += before == "[" ? "[]" : "]";
    }
}

// JSON's scalars and lists are YAML's too.
std::string as_yaml(const std::vector<Figure>& figures) {
    std::string out;
    for (const Figure& figure : figures) {
        out += figure.name + ": ";
        write_value(out, figure);
        out += "\n";
    }
    return out;
}

}  // namespace

std::string figures_as_json(const std::vector<Figure>& figures) {
    std::string out;
    std::string_view before = "{\n  \"";
    for (const Figure& figure : figures) {
        out += before;
        out += figure.name + "\": ";
        write_value(out, figure);
        before = ",\n  \"";
    }
    return out + (figures.empty() ? "{}\n" : "\n}\n");
}

namespace {

std::string list_as_json(const FigureList& rows) {
    std::string text = "[";
    for (const std::vector<Figure>& row : rows) {
        std::string one = figures_as_json(row);
        one.pop_back();  // the end of its last line
        text += (text.size() > 1 ? ", " : "") + one;
    }
    return text + "]";
}

}  // namespace

void print_figures(const Globals& globals, const std::vector<Figure>& figures) {
    const std::string text =
        globals.output == OutputFormat::yaml ? as_yaml(figures) : figures_as_json(figures);
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_figure_list(const std::vector<std::vector<Figure>>& rows) {
    const std::string text = list_as_json(rows) + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_figure_lists(const std::vector<std::pair<std::string, FigureList>>& lists) {
    std::string text;
    for (const auto& [name, rows] : lists)
        text += fmt::format("{}\"{}\": {}", text.empty() ? "{" : ",\n", name, list_as_json(rows));
    text += "}\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
}

}  // namespace dayu::app
