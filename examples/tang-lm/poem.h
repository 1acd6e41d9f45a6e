// Writes a poem of four lines, one character after the other, as the model expects them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "corpus.h"

namespace tang {

enum class Style { five, seven };  // characters a line

struct PoemOptions {
    Style style = Style::five;
    std::u32string opening;  // the first characters, at most a line of them
    double temperature = 0.7;
    std::uint64_t seed = 1;
};

// p of every token after the given ones.
using PredictNext = std::function<std::vector<double>(const Poem&)>;

// The metre is imposed, and no character comes twice, as in the regulated verse of the time; all
// else is the model's.
std::u32string write_poem(const PredictNext& predict_next, const Vocabulary& vocabulary,
                          const PoemOptions& options);

}  // namespace tang
