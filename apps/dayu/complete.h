// What may come next on a command line of dayu.
#pragma once

#include <string>
#include <vector>

namespace dayu::app {

// The words behind `dayu`; the last is the one that is being typed and may be empty. A line each: the word,
// and behind a tab what it is. ":files" is a line of its own: names of files, too.
std::vector<std::string> completions(const std::vector<std::string>& words);

}  // namespace dayu::app
