// Old entries are never rewritten; they are brought forward while they are read. The table below says
// how: one row for each type and version whose data looked different from what the next version holds.
//
// To change what an event's data holds:
//   - a new field with a default that suits old entries needs nothing: reading keeps the default;
//   - for anything else (a renamed, split or dropped field, another unit) count entry_version in entry.h up
//     by one and add a row {type, the version before, a function from the old data to the new}.
// Entries of versions in between need no row where nothing changed. The golden journals of earlier
// releases (tests/golden) then show that the row is right.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "wire/json.h"

namespace dayu::journal {

struct Upcast {
    std::string_view type;
    std::int64_t from = 0;  // the result is of version from + 1
    Result<void> (*change)(wire::Json& data) = nullptr;
};

std::span<const Upcast> upcasts();

// Brings the data of an event from one version to another, step by step.
Result<void> upcast(std::span<const Upcast> table, std::string_view type, std::int64_t from,
                    std::int64_t to, wire::Json& data);

}  // namespace dayu::journal
