// One entry: {"actor","at","data","prev","project","seq","tenant","type","v"} in RFC 8785 form. "prev" is the
// SHA-256 of the predecessor's bytes, so an edited, missing or reordered entry shows.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "control/event.h"

namespace dayu::journal {

inline constexpr std::int64_t entry_version = 1;

std::string render_entry(const control::RecordedEvent& recorded, std::string_view previous_hash);

// What the successor keeps of an entry, and what the first entry keeps of none: 64 hex digits.
std::string hash_of_entry(std::string_view bytes);
std::string hash_before_first();

struct ParsedEntry {
    control::RecordedEvent recorded;
    std::string previous_hash;
};
// Reads entries of this and of all earlier versions (upcast.h).
Result<ParsedEntry> parse_entry(std::string_view bytes);

std::string_view type_of(const control::Event& event);

}  // namespace dayu::journal
