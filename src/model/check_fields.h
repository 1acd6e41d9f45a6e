// How validation says that a field is wrong: "PATH: VALUE is out of range; MIN to MAX". The path is the
// one that users write, so that whoever knows the lines of their file can add them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dayu {

struct Range {
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::string_view unit = "";  // " MiB"
};

Result<void> check_range(std::string_view path, std::int64_t value, Range range);

// Not empty, at most `max_bytes`, no control characters.
Result<void> check_label(std::string_view path, std::string_view text, std::size_t max_bytes);

// Small letters, digits, '-' and '_', beginning with a letter or digit: what stands in URLs and columns.
Result<void> check_name(std::string_view path, std::string_view text);

// What a shell takes as a variable: letters, digits and '_', not beginning with a digit. Names that
// begin with DAYU_ are the platform's own.
Result<void> check_env_name(std::string_view path, std::string_view name);

// Names joined by '/': "cn/yangtze-delta/shanghai".
Result<void> check_region(std::string_view path, std::string_view text);

}  // namespace dayu
