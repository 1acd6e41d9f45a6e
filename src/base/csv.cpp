#include "base/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "base/nearest.h"

namespace dayu {
namespace {

constexpr std::size_t longest_shown = 40;  // of a field, in an error

// Without the line's end, whichever system wrote it.
std::string_view next_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

Result<CsvTable> CsvTable::parse(Source source, std::string text,
                                 std::span<const std::string_view> columns) {
    CsvTable table(std::move(source), std::move(text));
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

Result<std::vector<std::string_view>> CsvTable::split(std::string_view line) const {
    std::vector<std::string_view> fields;
    for (;;) {
        std::size_t end = 0;  // of the field, its quotes included
        if (line.starts_with('"')) {
            end = line.find('"', 1);
            while (end != std::string_view::npos && line.substr(end + 1).starts_with('"'))
                end = line.find('"', end + 2);
            if (end == std::string_view::npos || (end + 1 < line.size() && line[end + 1] != ',')) {
                return invalid(source_.error_code,
                               fmt::format("{}:{}: a quote opens at field {} and does not end it",
                                           source_.path, line_, fields.size() + 1));
            }
            fields.push_back(line.substr(1, end - 1));
            ++end;
        } else {
            end = std::min(line.find(','), line.size());
            fields.push_back(line.substr(0, end));
        }
        if (end == line.size()) return fields;
        line.remove_prefix(end + 1);
    }
}

Result<std::vector<std::size_t>> CsvTable::find_columns(std::string_view header) const {
    const std::vector<std::string_view> names = TRY(split(header));
    std::vector<std::size_t> positions;
    for (const std::string& column : columns_) {
        const auto at = std::ranges::find(names, column);
        if (at == names.end()) {
            const std::string_view meant = nearest(column, names);
            return invalid(
                source_.error_code,
                fmt::format("{}:1: no column {}{}; the first line must name it", source_.path,
                            column, meant.empty() ? "" : fmt::format(" ({}?)", meant)));
        }
        positions.push_back(static_cast<std::size_t>(at - names.begin()));
    }
    return positions;
}

Result<void> CsvTable::take_line(std::string_view line, std::span<const std::size_t> positions) {
    const std::vector<std::string_view> fields = TRY(split(line));
    for (std::size_t column = 0; column < positions.size(); ++column) {
        if (positions[column] >= fields.size()) {
            return invalid(source_.error_code,
                           fmt::format("{}:{}: ends before its column {}; it has {} field(s)",
                                       source_.path, line_, columns_[column], fields.size()));
        }
        const std::string_view field = fields[positions[column]];
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
        source_.error_code,
        fmt::format("{}:{}: {} is \"{}\"; expected {}", source_.path, lines_[row], columns_[column],
                    text(row, column).substr(0, longest_shown), expected));
}

}  // namespace dayu
