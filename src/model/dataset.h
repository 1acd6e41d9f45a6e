// Where data lies. A job that names a dataset starts sooner, and moves fewer bytes, where it is already.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/result.h"

namespace dayu {

struct Dataset {
    std::string name;
    std::int64_t bytes = 0;
    std::vector<std::string> centers;  // by name, where a copy lies, in order

    bool operator==(const Dataset&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"name", &Dataset::name}, Field{"bytes", &Dataset::bytes},
                          Field{"centers", &Dataset::centers});
    }
};

Result<void> validate(const Dataset& dataset);

}  // namespace dayu
