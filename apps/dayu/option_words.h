// The words of an option as people type and read them: what man pages and completion are made of.
#pragma once

#include <string>
#include <vector>

#include "dayu/verb.h"

namespace dayu::app {

std::vector<std::string> flags_of(const Option& option);  // {"-f", "--follow"}; positional: empty
bool is_positional(const Option& option);
bool takes_value(const Option& option);  // a flag alone does not
bool takes_many(const Option& option);
std::string placeholder(const Option& option);  // "FILE", "TIME-LIMIT", "bash|zsh|fish"

// The kind of its value, for completion: "JOB" of JOB and of --job.
std::string value_kind(const Option& option);

}  // namespace dayu::app
