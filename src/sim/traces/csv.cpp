#include "sim/traces/csv.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
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
    std::string text;
    text.reserve(std::filesystem::file_size(path, ignored) + 1);  // 0 where it is not known
    std::array<char, 1 << 16> block;
    while (file.read(block.data(), block.size()) || file.gcount() > 0)
        text.append(block.data(), static_cast<std::size_t>(file.gcount()));
    return text;
}

Result<CsvTable> read_trace_table(const std::string& path,
                                  std::span<const std::string_view> columns) {
    return CsvTable::parse({.path = path, .error_code = "trace_invalid"},
                           TRY(read_trace_text(path)), columns);
}

}  // namespace dayu::sim
