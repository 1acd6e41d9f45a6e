// Tables for people: columns as wide as their widest cell, numbers on the right, and when the terminal
// is narrower than the table, columns of prose are cut until it fits, and then those of names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dayu::app {

enum class Color : std::uint8_t { none, green, yellow, red, faint };

struct Cell {
    std::string text;
    Color color = Color::none;

    Cell(std::string value, Color tint = Color::none) : text(std::move(value)), color(tint) {}
    Cell(const char* value, Color tint = Color::none) : text(value), color(tint) {}
};

struct Column {
    enum class Kind : std::uint8_t { text, number, prose };

    std::string title;
    Kind kind = Kind::text;
};

struct TableStyle {
    std::size_t columns = 0;  // of the terminal; 0: as wide as it comes
    bool color = false;
};

class Table {
   public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // One cell a column. Cells are made printable; an empty one shows as "-".
    void add(std::vector<Cell> row);
    bool is_empty() const { return rows_.empty(); }
    std::string to_text(const TableStyle& style) const;

   private:
    std::vector<std::size_t> widths(std::size_t limit) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

std::string colored(const std::string& text, Color color);

}  // namespace dayu::app
