#include "context.h"

#include <algorithm>
#include <cmath>

namespace tang {
namespace {

constexpr std::size_t kLastColumn = 8;  // longer lines stay in it

// The metre as far as it is known before poem[at].
struct Metre {
    std::size_t line = 0, column = 0;
    std::size_t first_length = 0;  // 0 while the first line goes on
    std::size_t line_start = 0, previous_start = 0;
};

Metre metre_at(const Poem& poem, std::size_t at, const Vocabulary& vocabulary) {
    Metre metre;
    for (std::size_t i = 0; i < at; ++i) {
        if (vocabulary.is_han(poem[i])) {
            ++metre.column;
            continue;
        }
        if (metre.line == 0) metre.first_length = metre.column;
        ++metre.line;
        metre.column = 0;
        metre.previous_start = metre.line_start;
        metre.line_start = i + 1;
    }
    return metre;
}

int place_of(const Metre& metre) {
    const std::size_t form = metre.first_length == 0   ? 0
                             : metre.first_length == 5 ? 1
                             : metre.first_length == 7 ? 2
                                                       : 3;
    const std::size_t parity = metre.line == 0 ? 0 : 1 + metre.line % 2;
    const std::size_t column = std::min(metre.column, kLastColumn);
    return static_cast<int>((form * 3 + parity) * (kLastColumn + 1) + column);
}

}  // namespace

std::vector<Feature> features_at(const Poem& poem, std::size_t at, const Vocabulary& vocabulary) {
    std::vector<Feature> features;
    const auto add = [&](Slot slot, int token, float weight) {
        // An unknown character says nothing: its row is never trained as an input.
        if (token != kUnknown) features.push_back({slot, token, weight});
    };
    const auto before = [&](std::size_t distance) {
        return distance <= at ? poem[at - distance] : kEnd;
    };
    add(Slot::last, before(1), 1);
    add(Slot::second_last, before(2), 1);
    add(Slot::third_last, before(3), 1);

    const Metre metre = metre_at(poem, at, vocabulary);
    const std::size_t above = metre.previous_start + metre.column;
    if (metre.line > 0 && above < metre.line_start) add(Slot::above, poem[above], 1);

    const auto han = [&](int token) { return vocabulary.is_han(token); };
    const auto end = poem.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::count_if(poem.begin(), end, han);
    for (auto token = poem.begin(); token != end; ++token) {
        if (han(*token)) add(Slot::poem, *token, 1 / std::sqrt(static_cast<float>(count)));
    }
    features.push_back({Slot::place, vocabulary.size() + place_of(metre), 1});
    return features;
}

std::vector<Example> examples_of(const Poem& poem, const Vocabulary& vocabulary) {
    std::vector<Example> examples;
    for (std::size_t at = 0; at < poem.size(); ++at) {
        examples.push_back({features_at(poem, at, vocabulary), poem[at]});
    }
    return examples;
}

}  // namespace tang
