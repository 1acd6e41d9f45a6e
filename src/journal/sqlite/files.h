// Files beside the database: small durable steps of POSIX, with errors as values.
#pragma once

#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/result.h"

namespace dayu::journal::sqlite {

// Creates what is missing of the path, for its owner's eyes only.
Result<void> make_directory(const std::string& path);
Result<void> sync_directory(const std::string& path);

// The file is there with all its bytes after a crash, or as it was before.
Result<void> replace_file(const std::string& path, std::string_view bytes);
Result<std::string> read_file(const std::string& path);

// Holds the directory for this process until it is destroyed. Another holder is a conflict
// (data_in_use) that names its process.
Result<Descriptor> lock_directory(const std::string& path);

}  // namespace dayu::journal::sqlite
