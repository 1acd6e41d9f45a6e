// Published traces that are CSV files; base/csv.h says how they are read.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/csv.h"
#include "base/result.h"

namespace dayu::sim {

// A whole file, or why it cannot be read.
Result<std::string> read_trace_text(const std::string& path);

// The columns asked for of a file.
Result<CsvTable> read_trace_table(const std::string& path,
                                  std::span<const std::string_view> columns);

}  // namespace dayu::sim
