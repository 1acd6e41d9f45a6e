// Which seeds a property is tried on: DAYU_SEED=n is that one alone, DAYU_SEEDS=count so many from the first.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace dayu::property {

struct Seeds {
    std::uint64_t first = 1;
    std::uint64_t count = 0;
    bool is_one = false;
};

inline Seeds seeds_to_try(std::uint64_t usual_count) {
    const auto number = [](const char* text) { return std::strtoull(text, nullptr, 10); };
    if (const char* one = std::getenv("DAYU_SEED"))
        return {.first = number(one), .count = 1, .is_one = true};
    const char* many = std::getenv("DAYU_SEEDS");
    return {.count = many ? number(many) : usual_count};
}

}  // namespace dayu::property
