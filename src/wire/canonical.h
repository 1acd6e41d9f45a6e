// RFC 8785 for any JSON text, floats included. Our own entries hold none and are written straight from
// their fields (json_fields.h); this is for checking that writer, and for JSON that others made.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace dayu::wire {

// As ECMAScript writes a number: the shortest digits that read back the same. NaN and infinity are refused.
Result<void> append_es6_number(std::string& out, double value);

// Numbers are read as doubles, as the RFC wants it: integers past 2^53 lose digits here.
Result<std::string> canonicalize(std::string_view json_text);

}  // namespace dayu::wire
