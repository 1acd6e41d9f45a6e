// What goes to stdout: tables for people, JSON and YAML for programs. Progress and remarks go to stderr.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "dayu/table.h"
#include "dayu/verb.h"
#include "wire/json.h"

namespace dayu::app {

bool is_structured(const Globals& globals);  // JSON or YAML

// As JSON or YAML, whichever was asked for.
void print_structured(const Globals& globals, const wire::Json& json);
void print_table(const Globals& globals, const Table& table);
void print_line(std::string_view text);  // to stdout
void remark(std::string_view text);      // to stderr

// What it prints to stdout meanwhile, for whoever paints it.
std::string captured(const std::function<void()>& print);

// 0: stdout is no terminal, and lines may be as long as they like. COLUMNS says it where the terminal does not.
std::size_t terminal_columns();

// Colours are for terminals, unless --no-color, NO_COLOR or TERM=dumb says otherwise.
bool uses_color(const Globals& globals);

std::string to_yaml(const wire::Json& json);

}  // namespace dayu::app
