// One verb of the command line: its name, its options and what it does. A verb is one file with one
// function that returns a Verb, and one line in verbs.cpp; cli.cpp alone knows the library that parses.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace dayu::app {

enum class OutputFormat : std::uint8_t { table, wide, json, yaml };

// Options that every verb takes.
struct Globals {
    std::string server;  // empty: see connection.h
    std::string token;
    std::string data;
    OutputFormat output = OutputFormat::table;
    bool no_color = false;
    bool yes = false;
};

// Where an option's value goes. A bool is a flag; a list takes several values.
using OptionTarget = std::variant<bool*, std::string*, std::int64_t*, std::vector<std::string>*>;

struct Option {
    std::string names;  // "-f,--follow", or "FILE" for a positional one
    OptionTarget target;
    std::string help;
    bool required = false;
};

struct Verb {
    std::string name;  // "ps"; "journal check" is `check` below `journal`
    std::string help;
    std::vector<Option> options;  // their targets live as long as `run`
    // The exit code, or the error that becomes one.
    std::function<Result<int>(const Globals&)> run;
};

}  // namespace dayu::app
