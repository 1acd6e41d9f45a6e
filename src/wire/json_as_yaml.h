// JSON is YAML but for a few things that our YAML parser does not take. They are rewritten without
// moving a line, so that errors still name the right one.
#pragma once

#include <string>
#include <string_view>

namespace dayu::wire {

// In a text that begins with '{': tabs between tokens become spaces, and \uD83D\uDE00 (a pair of
// surrogates) and \/ the characters they stand for. Any other text is returned as it is.
std::string json_as_yaml(std::string_view text);

}  // namespace dayu::wire
