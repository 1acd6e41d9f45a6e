// A CSV file whose first line names its columns, as published traces have them: fields between commas, none
// quoted. The file is read once and kept as it is; fields are views into it. Whatever cannot be read is an
// error that names the file, the line and the column, says what stands there and what would be accepted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::sim {

// A whole file, or why it cannot be read.
Result<std::string> read_trace_text(const std::string& path);

class CsvTable {
   public:
    // Reads the columns asked for, wherever in the line they stand; the others are passed over.
    static Result<CsvTable> read(const std::string& path,
                                 std::span<const std::string_view> columns);
    // The same of a text that lies in memory; `path` is what errors call it.
    static Result<CsvTable> parse(std::string path, std::string text,
                                  std::span<const std::string_view> columns);

    std::size_t rows() const { return fields_.size() / columns_.size(); }

    // `column` counts in the order in which they were asked for; so do the others.
    std::string_view text(std::size_t row, std::size_t column) const;
    Result<double> number(std::size_t row, std::size_t column) const;  // finite
    Result<std::int64_t> whole(std::size_t row, std::size_t column) const;

    // What is wrong with a field: `expected` says what would be accepted.
    Error bad_field(std::size_t row, std::size_t column, std::string_view expected) const;

   private:
    // Offsets and not views: a table may move, and its text with it.
    struct Field {
        std::size_t begin = 0;
        std::size_t size = 0;
    };

    CsvTable(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}
    Result<std::vector<std::size_t>> find_columns(std::string_view header) const;
    Result<void> take_line(std::string_view line, std::span<const std::size_t> positions);

    std::string path_;
    std::string text_;
    std::vector<std::string> columns_;  // those asked for
    std::vector<Field> fields_;         // of those, row by row
    std::vector<std::size_t> lines_;    // of each row, counted from 1 as editors do
    std::size_t line_ = 1;              // being read
};

}  // namespace dayu::sim
