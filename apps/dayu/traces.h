// Where the simulator finds the traces that it replays, and what its verbs share.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dayu::app {

// FILE as it is, or below the folder DAYU_TRACES (../shared/traces), where published traces are kept.
std::string find_trace(const std::string& file);

// For an option's values.
std::vector<std::string> words_of(std::span<const std::string_view> names);

}  // namespace dayu::app
