// What the model sees of a poem when it predicts the next character.
//
// Tang verse is regular, so more than the last characters helps: the place in the line, the
// character above it in the line before (couplets are parallel), and what the poem speaks of.
#pragma once

#include <vector>

#include "corpus.h"

namespace tang {

// Each slot has its own weights in the model. `poem` is a bag of all characters so far, scaled by the
// root of their number so that it neither fades nor grows.
enum class Slot { last, second_last, third_last, above, poem, place };
inline constexpr int kSlots = 6;

// The forms of a first line (not yet known, 5, 7 or another length) times which line it is (the
// first, then even or odd) times the column.
inline constexpr int kPlaces = 4 * 3 * 9;

struct Feature {
    Slot slot;
    int row;  // of the embedding table: a token, or after all tokens a place
    float weight;
};

struct Example {
    std::vector<Feature> features;
    int target;
};

// The features for predicting poem[at]; only poem[0 .. at) is read.
std::vector<Feature> features_at(const Poem& poem, std::size_t at, const Vocabulary& vocabulary);

std::vector<Example> examples_of(const Poem& poem, const Vocabulary& vocabulary);

}  // namespace tang
