// Small files that are whole, whoever reads them and whatever happens: written beside, and then renamed.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dayu {

// Words what the system refused: what was tried, with which path; errno says why.
using FileError = std::function<Error(std::string_view verb, const std::string& path)>;

inline constexpr mode_t owner_only = 0600;

// Whoever reads the file sees all of its bytes, or what it was before. A crash may leave either, or less.
Result<void> replace_at_once(const std::string& path, std::string_view bytes,
                             const FileError& failed, mode_t mode = owner_only);

// The same, and what a crash leaves is one of the two: the new one, once this has returned.
Result<void> replace_durably(const std::string& path, std::string_view bytes,
                             const FileError& failed, mode_t mode = owner_only);

// With errors that bear `code`.
Result<void> replace_durably(const std::string& path, std::string_view bytes,
                             const std::string& code);

}  // namespace dayu
