#include "dayu/number_option.h"

#include <charconv>
#include <cmath>

#include <fmt/core.h>

namespace dayu::app {

std::optional<double> parse_number(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, failure] = std::from_chars(text.data(), end, value);
    if (failure != std::errc() || stopped != end || !std::isfinite(value)) return {};
    return value;
}

Result<double> number_between(std::string_view option, std::string_view text, double least,
                              double most) {
    const std::optional<double> value = parse_number(text);
    if (value && *value >= least && *value <= most) return *value;
    return invalid("usage", fmt::format("{} {}; expected a number from {:g} to {:g}", option, text,
                                        least, most));
}

}  // namespace dayu::app
