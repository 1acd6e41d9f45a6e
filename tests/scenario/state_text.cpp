#include "tests/scenario/state_text.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "base/sha256.h"
#include "wire/json_fields.h"

namespace dayu::scenario {
namespace {

std::string key_text(const std::string& key) { return key; }
std::string key_text(std::uint64_t key) { return std::to_string(key); }
template <class Tag, class Number>
std::string key_text(Id<Tag, Number> id) {
    return std::to_string(id.value);
}

template <class Row>
std::string row_text(const Row& row) {
    return wire::to_text(wire::to_json(row));
}

std::string key_text(const auto& of_fields) { return row_text(of_fields); }

std::set<std::string> lines_of(const std::string& text) {
    std::set<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.insert(line);
    return lines;
}

}  // namespace

std::string state_text(const control::State& state) {
    std::set<std::string> lines{"header " + row_text(state.header)};
    control::for_each_table(state, [&](std::string_view name, const auto& table) {
        for (const auto& [key, row] : table.rows())
            lines.insert(std::string(name) + " " + key_text(key) + " " + row_text(row));
    });
    for (const auto& [key, shape] : state.shape_index.rows())
        lines.insert("shape_index " + to_hex(key) + " " + key_text(shape));
    for (const auto& [place, nothing] : state.attempts_at.rows())
        lines.insert("attempts_at " + key_text(place.center) + " " + key_text(place.job));
    for (const auto& [key, nothing] : state.dependents.rows())
        lines.insert("dependents " + key_text(key.awaited) + " " + key_text(key.job));
    for (const auto& [key, nothing] : state.slot_queue.rows())
        lines.insert("slot_queue " + key_text(key.array) + " " + key_text(key.job));
    for (const auto& [key, nothing] : state.deadlines.rows())
        lines.insert("deadlines " + std::to_string(key.at.ms) + " " + key_text(key.job));
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

std::string difference(const std::string& before, const std::string& after) {
    if (before == after) return {};
    const std::set<std::string> left = lines_of(before);
    const std::set<std::string> right = lines_of(after);
    std::string text;
    for (const std::string& line : left)
        if (!right.contains(line)) text += "- " + line + "\n";
    for (const std::string& line : right)
        if (!left.contains(line)) text += "+ " + line + "\n";
    return text;
}

}  // namespace dayu::scenario
