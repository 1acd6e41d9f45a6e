// Small files that are whole after a crash.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace dayu {

// The file is there with all its bytes, for its owner's eyes only, or as it was before. Errors bear `code`.
Result<void> replace_durably(const std::string& path, std::string_view bytes,
                             const std::string& code);

}  // namespace dayu
