// The text of a scenario, as read:
//
//     # comment
//     verb word word key=value; verb word => expected phrase; expected phrase
//
// A line says what happens, in one or more statements, and after => what must be true of it. A `#` begins
// a comment at the start of a line or after a space.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::scenario {

struct Statement {
    std::string verb;
    std::vector<std::string> words;              // after the verb, without options
    std::map<std::string, std::string> options;  // key=value

    // The word at `index`, or what an error says of its absence.
    Result<std::string> word(std::size_t index, std::string_view what) const;
};

struct Line {
    int number = 0;
    std::string left;  // as written, up to =>
    std::vector<Statement> statements;
    std::vector<std::string> expected;
};

std::vector<Line> parse_script(std::string_view text);

std::vector<std::string> split(std::string_view text, char separator);  // trimmed, without empties
// All words of `expected` stand in `actual` in this order, with others between them or not.
bool says(std::string_view actual, std::string_view expected);

}  // namespace dayu::scenario
