// How many columns of a terminal a text takes: Chinese characters and emoji take two, combining marks none.
// What East Asian terminals show narrow or wide takes one, or two with DAYU_AMBIGUOUS_WIDTH=2.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dayu::app {

std::size_t display_width(std::string_view utf8);

// The longest start of the text that fits, with "…" in place of what was cut off.
std::string cut_to_width(std::string_view utf8, std::size_t columns);

// Control characters become spaces and what is not UTF-8 U+FFFD, so that a name cannot steer the
// terminal.
std::string printable(std::string_view text);

}  // namespace dayu::app
