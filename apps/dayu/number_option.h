// Numbers that options give as text, so that people may write 2e12.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace dayu::app {

// The whole text as a finite number; nothing: it is none.
std::optional<double> parse_number(std::string_view text);

Result<double> number_between(std::string_view option, std::string_view text, double least,
                              double most);

}  // namespace dayu::app
