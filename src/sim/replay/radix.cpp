#include "sim/replay/radix.h"

#include <array>
#include <bit>
#include <functional>
#include <utility>

namespace dayu::sim {
namespace {

constexpr unsigned digit_bits = 11;
constexpr std::size_t digits = (64 + digit_bits - 1) / digit_bits;
constexpr std::uint64_t most_of_digit = (std::uint64_t{1} << digit_bits) - 1;
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

// A whole number that is in order as the value is: negative ones have their bits the other way round.
std::uint64_t key_of(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    return (bits & sign_bit) != 0 ? ~bits : bits | sign_bit;
}

double value_of(std::uint64_t key) {
    return std::bit_cast<double>((key & sign_bit) != 0 ? key & ~sign_bit : ~key);
}

std::size_t digit_of(std::uint64_t key, std::size_t digit) {
    return key >> (digit * digit_bits) & most_of_digit;
}

// A digit that is the same in all of them moves nothing, and is passed over.
template <class Row, class KeyOf>
void sort_by_key(std::vector<Row>& rows, KeyOf key_of_row) {
    std::array<std::array<std::uint32_t, most_of_digit + 1>, digits> counts{};
    for (const Row& row : rows) {
        for (std::size_t digit = 0; digit < digits; ++digit)
            ++counts[digit][digit_of(std::invoke(key_of_row, row), digit)];
    }
    std::vector<Row> moved(rows.size());
    for (std::size_t digit = 0; digit < digits && !rows.empty(); ++digit) {
        auto& places = counts[digit];
        if (places[digit_of(std::invoke(key_of_row, rows.front()), digit)] == rows.size()) continue;
        std::uint32_t before = 0;
        for (std::uint32_t& place : places) before += std::exchange(place, before);
        for (const Row& row : rows)
            moved[places[digit_of(std::invoke(key_of_row, row), digit)]++] = row;
        rows.swap(moved);
    }
}

}  // namespace

void sort_ascending(std::vector<double>& values) {
    std::vector<std::uint64_t> keys;
    keys.reserve(values.size());
    for (const double value : values) keys.push_back(key_of(value));
    sort_by_key(keys, std::identity{});
    for (std::size_t i = 0; i < keys.size(); ++i) values[i] = value_of(keys[i]);
}

std::vector<std::uint32_t> ascending_places(std::span<const double> values) {
    using Row = std::pair<std::uint64_t, std::uint32_t>;
    std::vector<Row> rows;
    rows.reserve(values.size());
    for (const double value : values)
        rows.emplace_back(key_of(value), static_cast<std::uint32_t>(rows.size()));
    sort_by_key(rows, &Row::first);
    std::vector<std::uint32_t> places;
    places.reserve(rows.size());
    for (const Row& row : rows) places.push_back(row.second);
    return places;
}

}  // namespace dayu::sim
