#include "plan/csv_row.h"

#include <algorithm>
#include <cctype>

namespace dayu::plan {

double CsvRow::number(std::size_t column, double otherwise) {
    if (is_empty(column)) return otherwise;
    const Result<double> value = table_.number(row_, column);
    if (value && *value >= 0) return *value;
    refuse(column, "a number from 0, or nothing");
    return otherwise;
}

std::vector<std::string> CsvRow::list(std::size_t column) const {
    std::vector<std::string> words;
    std::string_view text = table_.text(row_, column);
    while (!text.empty()) {
        const std::size_t bar = std::min(text.find('|'), text.size());
        words.emplace_back(text.substr(0, bar));
        text.remove_prefix(std::min(bar + 1, text.size()));
    }
    return words;
}

bool is_same_word(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](unsigned char a, unsigned char b) {
        return std::tolower(a) == std::tolower(b);
    });
}

}  // namespace dayu::plan
