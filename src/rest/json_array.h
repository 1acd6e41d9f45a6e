// The elements of a JSON array as they stand in the text, so that each can be read, and refused, by
// itself.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::rest {

// Looks at brackets and strings alone: what is inside an element is for its reader to judge. Each
// element must be an object.
Result<std::vector<std::string_view>> split_json_array(std::string_view text);

}  // namespace dayu::rest
