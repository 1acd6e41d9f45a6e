#include "dayu/table.h"

#include <algorithm>

#include "base/check.h"
#include "dayu/display_width.h"

namespace dayu::app {
namespace {

constexpr std::size_t gap_columns = 2;
constexpr std::size_t narrowest_prose = 12;
constexpr std::size_t narrowest_text = 8;

std::string_view escape_of(Color color) {
    switch (color) {
        case Color::none: return "";
        case Color::green: return "\x1b[32m";
        case Color::yellow: return "\x1b[33m";
        case Color::red: return "\x1b[31m";
        case Color::faint: return "\x1b[2m";
    }
    return "";
}

}  // namespace

std::string colored(const std::string& text, Color color) {
    if (color == Color::none || text.empty()) return text;
    return std::string(escape_of(color)) + text + "\x1b[0m";
}

void Table::add(std::vector<Cell> row) {
    CHECK(row.size() == columns_.size());
    for (Cell& cell : row) {
        cell.text = printable(cell.text);
        if (cell.text.empty()) cell.text = "-";
    }
    rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::widths(std::size_t limit) const {
    std::vector<std::size_t> widths;
    for (const Column& column : columns_) widths.push_back(display_width(column.title));
    for (const std::vector<Cell>& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(row[i].text));
        }
    }
    std::size_t total = gap_columns * (columns_.size() - 1);
    for (const std::size_t width : widths) total += width;
    const auto cut = [&](Column::Kind kind, std::size_t narrowest) {
        for (std::size_t i = columns_.size(); limit > 0 && total > limit && i-- > 0;) {
            if (columns_[i].kind != kind || widths[i] <= narrowest) continue;
            const std::size_t less = std::min(total - limit, widths[i] - narrowest);
            widths[i] -= less;
            total -= less;
        }
    };
    cut(Column::Kind::prose, narrowest_prose);
    cut(Column::Kind::text, narrowest_text);  // numbers are never cut: a part of one is another
    return widths;
}

std::string Table::to_text(const TableStyle& style) const {
    const std::vector<std::size_t> widths = this->widths(style.columns);
    std::string out;
    const auto append = [&](std::size_t i, const std::string& whole, Color color) {
        const std::string text = cut_to_width(whole, widths[i]);
        const std::string padding(widths[i] - std::min(widths[i], display_width(text)), ' ');
        const bool is_last = i + 1 == columns_.size();
        const bool right = columns_[i].kind == Column::Kind::number;
        if (i > 0) out.append(gap_columns, ' ');
        if (right) out += padding;
        out += style.color ? colored(text, color) : text;
        if (!right && !is_last) out += padding;
        if (is_last) out += '\n';
    };
    for (std::size_t i = 0; i < columns_.size(); ++i) append(i, columns_[i].title, Color::faint);
    for (const std::vector<Cell>& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) append(i, row[i].text, row[i].color);
    }
    return out;
}

}  // namespace dayu::app
