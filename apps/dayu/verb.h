// One verb of the command line: its name, its options and what it does. A verb is one file with one
// function that returns a Verb, and one line in verbs.cpp; cli.cpp alone knows the library that parses.
// --help, the man pages and the completion of shells are all made from this.
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
    std::string ca;
    std::string data;
    std::string output_word = "table";
    OutputFormat output = OutputFormat::table;
    std::string watch;  // empty: once
    bool no_color = false;
    bool yes = false;
};

// Where an option's value goes. A bool is a flag; a list takes several values.
using OptionTarget = std::variant<bool*, std::string*, std::int64_t*, std::vector<std::string>*>;

// The name of a positional one tells shells what to offer: JOB, CENTER, or FILE and the like.
struct Option {
    std::string names;  // "-f,--follow", or "FILE" for a positional one
    OptionTarget target;
    std::string help;
    bool required = false;
    std::vector<std::string> values = {};  // what it may be; empty: anything
    std::string implied = {};              // not empty: the value may be left out, and is this then
};

struct Verb {
    std::string name;  // "ps"; "journal check" is `check` below `journal`
    std::string help;
    std::vector<Option> options;  // their targets live as long as `run`
    // The exit code, or the error that becomes one.
    std::function<Result<int>(const Globals&)> run;
    // Where the words behind "--" go; null: they are arguments as any other.
    std::vector<std::string>* command = nullptr;
    bool can_watch = false;  // it only looks: --watch may repeat it
    std::string detail = {};
    std::vector<std::string> examples = {};
};

// Of every verb, in the order in which help lists them.
std::vector<Option> global_options(Globals& globals);

}  // namespace dayu::app
