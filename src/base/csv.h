// A CSV text whose first line names its columns, as published traces and tables have them: fields between commas,
// one that holds a comma between double quotes. The text is kept as it is; fields are views into it, without their
// quotes (a quote written twice stays so). Whatever cannot be read is an error that names the file, the line and the
// column, says what stands there and what would be accepted; its code is the caller's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu {

class CsvTable {
   public:
    struct Source {
        std::string path;        // what errors call the text
        std::string error_code;  // a literal of docs/errors.md
    };

    // Reads the columns asked for, wherever in the line they stand; the others are passed over.
    static Result<CsvTable> parse(Source source, std::string text,
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

    CsvTable(Source source, std::string text)
        : source_(std::move(source)), text_(std::move(text)) {}
    Result<std::vector<std::string_view>> split(std::string_view line) const;
    Result<std::vector<std::size_t>> find_columns(std::string_view header) const;
    Result<void> take_line(std::string_view line, std::span<const std::size_t> positions);

    Source source_;
    std::string text_;
    std::vector<std::string> columns_;  // those asked for
    std::vector<Field> fields_;         // of those, row by row
    std::vector<std::size_t> lines_;    // of each row, counted from 1 as editors do
    std::size_t line_ = 1;              // being read
};

}  // namespace dayu
