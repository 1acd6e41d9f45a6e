#include "sim/traces/csv.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/core.h>

namespace dayu::sim {

Result<std::string> read_trace_text(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return not_found("trace_unreadable", fmt::format("{} is a folder; name a file", path));
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return not_found("trace_unreadable",
                         fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    }
    std::ostringstream text;
    text << file.rdbuf();  // a block at a time
    return std::move(text).str();
}

Result<CsvTable> read_trace_table(const std::string& path,
                                  std::span<const std::string_view> columns) {
    return CsvTable::parse({.path = path, .error_code = "trace_invalid"},
                           TRY(read_trace_text(path)), columns);
}

}  // namespace dayu::sim
