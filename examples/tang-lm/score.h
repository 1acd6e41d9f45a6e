// Bits per character on poems that a model has not seen, and how sure a difference is.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "corpus.h"

namespace tang {

inline constexpr std::uint64_t kResampleSeed = 95;

// What one token of a poem cost. The probability is that of the very character: the share of <unk>
// for one that training lacks.
struct Scored {
    double probability;
    bool is_han;
};
using ScoredPoem = std::vector<Scored>;

struct Bits {
    double every;  // per character, marks and the poem's end among them
    double han;    // per Han character alone
};

// A difference of two models in bits per character, with the middle 95 % of what resampled sets of
// poems would show.
struct Difference {
    double mean, low, high;
};

// What a model gives to each token of a poem, knowing those before it.
using Predict = std::function<std::vector<double>(const Poem&)>;

std::vector<ScoredPoem> score(const std::vector<Poem>& poems, const Vocabulary& vocabulary,
                              const Predict& predict);
Bits mean_bits(const std::vector<ScoredPoem>& poems);

// weight * a + (1 - weight) * b, character by character.
std::vector<ScoredPoem> mixed(const std::vector<ScoredPoem>& a, const std::vector<ScoredPoem>& b,
                              double weight);
double best_weight(const std::vector<ScoredPoem>& a, const std::vector<ScoredPoem>& b);

std::vector<ScoredPoem> han_only(const std::vector<ScoredPoem>& poems);

// By a bootstrap over poems, since the characters of one poem do not err independently.
Difference difference(const std::vector<ScoredPoem>& a, const std::vector<ScoredPoem>& b,
                      std::uint64_t seed);

}  // namespace tang
