// Text as HTML shows it.
#pragma once

#include <string>
#include <string_view>

namespace dayu {

// Fit to stand between tags and in an attribute in double quotes.
std::string html_escaped(std::string_view text);

}  // namespace dayu
