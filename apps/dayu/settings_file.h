// A file of settings (YAML) for a verb: its keys are options of the verb, `tls_cert` for --tls-cert, so
// that an option that is added is a key by itself. What the command line says goes before the file.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dayu/verb.h"

namespace dayu::app {

// A path of a file as whoever starts the program means it: relative ones begin where the file lies.
std::string beside(const std::string& file, const std::string& path);

// Fills what is still empty (false, nothing). `paths` are the keys that name files.
Result<void> read_settings(const std::string& file, std::span<const Option> options,
                           std::span<const std::string_view> paths);

}  // namespace dayu::app
