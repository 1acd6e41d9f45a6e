// Strong ids: a JobId is never a CenterId, whatever both look like inside. 0 is "none".
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace dayu {

template <class Tag, class Number = std::uint64_t>
struct Id {
    using number_type = Number;
    Number value = 0;

    explicit operator bool() const { return value != 0; }
    auto operator<=>(const Id&) const = default;
};

}  // namespace dayu

template <class Tag, class Number>
struct std::hash<dayu::Id<Tag, Number>> {
    std::size_t operator()(dayu::Id<Tag, Number> id) const noexcept {
        return std::hash<Number>{}(id.value);
    }
};
