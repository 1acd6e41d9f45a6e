// One row of a table of the planner's data. Reading it stays a list of fields: what is wrong with the first bad one is kept,
// and asked for at the end.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/csv.h"
#include "base/result.h"

namespace dayu::plan {

// The words that a field may hold, and what they mean.
template <class Value, std::size_t Count>
using CsvWords = std::array<std::pair<std::string_view, Value>, Count>;

class CsvRow {
   public:
    CsvRow(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

    bool is_empty(std::size_t column) const { return table_.text(row_, column).empty(); }
    std::string text(std::size_t column) const { return std::string(table_.text(row_, column)); }

    // From 0; an empty field is `otherwise`.
    double number(std::size_t column, double otherwise);

    // Between bars: "one|two".
    std::vector<std::string> list(std::size_t column) const;

    template <class Value, std::size_t Count>
    Value word(std::size_t column, const CsvWords<Value, Count>& words) {
        std::string expected;
        for (const auto& [word, value] : words) {
            if (table_.text(row_, column) == word) return value;
            expected += (expected.empty() ? "" : ", ") + std::string(word);
        }
        refuse(column, expected);
        return words.front().second;
    }

    void refuse(std::size_t column, std::string_view expected) {
        if (result_) result_ = table_.bad_field(row_, column, expected);
    }
    const Result<void>& result() const { return result_; }

   private:
    const CsvTable& table_;
    std::size_t row_;
    Result<void> result_;
};

// What `read` makes of each row of the table; the first field that cannot be read is the error.
template <class Read>
auto rows_of(const CsvTable& table, Read&& read)
    -> Result<std::vector<decltype(read(std::declval<CsvRow&>()))>> {
    std::vector<decltype(read(std::declval<CsvRow&>()))> rows;
    for (std::size_t at = 0; at < table.rows(); ++at) {
        CsvRow row(table, at);
        rows.push_back(read(row));
        TRY(row.result());
    }
    return rows;
}

// Whether two words are the same but for their case.
bool is_same_word(std::string_view left, std::string_view right);

}  // namespace dayu::plan
