#include "sim/traces/csv.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/core.h>

#include "base/nearest.h"

namespace dayu::sim {
namespace {

constexpr std::size_t longest_shown = 40;  // of a field, in an error

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    for (;;) {
        const std::size_t comma = line.find(',');
        fields.push_back(line.substr(0, comma));
        if (comma == std::string_view::npos) return fields;
        line.remove_prefix(comma + 1);
    }
}

// Without the line's end, whichever system wrote it.
std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

Result<std::string> read_trace_text(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        return not_found("trace_unreadable", fmt::format("{} is a folder; name a file", path));
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return not_found("trace_unreadable",
                         fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    }
    return std::string{std::istreambuf_iterator<char>(file), {}};
}

Result<CsvTable> CsvTable::read(const std::string& path,
                                std::span<const std::string_view> columns) {
    return parse(path, TRY(read_trace_text(path)), columns);
}

Result<CsvTable> CsvTable::parse(std::string path, std::string text,
                                 std::span<const std::string_view> columns) {
    CsvTable table(std::move(path), std::move(text));
    table.columns_.assign(columns.begin(), columns.end());
    std::string_view rest = table.text_;
    const std::vector<std::size_t> positions = TRY(table.find_columns(next_line(rest)));
    while (!rest.empty()) {
        ++table.line_;
        const std::string_view line = next_line(rest);
        if (!line.empty()) TRY(table.take_line(line, positions));
    }
    return table;
}

Result<std::vector<std::size_t>> CsvTable::find_columns(std::string_view header) const {
    const std::vector<std::string_view> names = split(header);
    std::vector<std::size_t> positions;
    for (const std::string& column : columns_) {
        const auto at = std::ranges::find(names, column);
        if (at == names.end()) {
            const std::string_view meant = nearest(column, names);
            return invalid("trace_invalid",
                           fmt::format("{}:1: no column {}{}; the first line must name it", path_,
                                       column, meant.empty() ? "" : fmt::format(" ({}?)", meant)));
        }
        positions.push_back(static_cast<std::size_t>(at - names.begin()));
    }
    return positions;
}

Result<void> CsvTable::take_line(std::string_view line, std::span<const std::size_t> positions) {
    const std::vector<std::string_view> fields = split(line);
    for (std::size_t column = 0; column < positions.size(); ++column) {
        if (positions[column] >= fields.size()) {
            return invalid("trace_invalid",
                           fmt::format("{}:{}: ends before its column {}; it has {} field(s)",
                                       path_, line_, columns_[column], fields.size()));
        }
        const std::string_view field = fields[positions[column]];
        if (field.starts_with('"')) {
            return invalid("trace_invalid", fmt::format("{}:{}: {} is quoted; write it plainly",
                                                        path_, line_, columns_[column]));
        }
        fields_.push_back({static_cast<std::size_t>(field.data() - text_.data()), field.size()});
    }
    lines_.push_back(line_);
    return {};
}

std::string_view CsvTable::text(std::size_t row, std::size_t column) const {
    const Field& field = fields_[row * columns_.size() + column];
    return std::string_view(text_).substr(field.begin, field.size);
}

Result<double> CsvTable::number(std::size_t row, std::size_t column) const {
    const std::string_view field = text(row, column);
    double value = 0;
    const auto [end, failure] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (failure != std::errc() || end != field.data() + field.size() || !std::isfinite(value))
        return bad_field(row, column, "a number such as 3600 or 0.5");
    return value;
}

Result<std::int64_t> CsvTable::whole(std::size_t row, std::size_t column) const {
    const std::string_view field = text(row, column);
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (failure != std::errc() || end != field.data() + field.size())
        return bad_field(row, column, "a whole number such as 8");
    return value;
}

Error CsvTable::bad_field(std::size_t row, std::size_t column, std::string_view expected) const {
    return invalid(
        "trace_invalid",
        fmt::format("{}:{}: {} is \"{}\"; expected {}", path_, lines_[row], columns_[column],
                    text(row, column).substr(0, longest_shown), expected));
}

}  // namespace dayu::sim
