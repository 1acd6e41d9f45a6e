// Readers of one member each, for tables of keys (YamlKey): of T by its name, or of a struct inside T.
#pragma once

#include <cstddef>

#include "wire/yaml.h"

namespace dayu::wire {

template <class T, auto member>
Result<void> text_into(const YamlNode& node, T& object) {
    object.*member = TRY(read_text(node));
    return {};
}
template <class T, auto member>
Result<void> whole_into(const YamlNode& node, T& object) {
    object.*member = TRY(read_whole(node));
    return {};
}
template <class T, auto member>
Result<void> money_into(const YamlNode& node, T& object) {
    object.*member = TRY(read_money(node));
    return {};
}
template <class T, auto member, std::size_t decimals>
Result<void> decimal_into(const YamlNode& node, T& object) {
    object.*member = TRY(read_decimal(node, decimals));
    return {};
}

}  // namespace dayu::wire
