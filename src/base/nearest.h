// "Did you mean": the known word nearest to a misspelt one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dayu {

// The nearest of `known` by edits (transpositions count one, case counts nothing), or empty when none
// is near enough to be worth naming.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace dayu
