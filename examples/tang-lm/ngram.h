// The baseline: an interpolated n-gram with one absolute discount a level, over the same tokens.
// Its order (1 to 3), discounts and the kind of its lower levels are tuned on the dev poems.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "corpus.h"

namespace tang {

// What the levels below the highest count: how often a token occurs, or (Kneser and Ney) after how
// many different characters it does.
enum class LowerCounts { raw, continuation };

struct NgramOptions {
    int order = 2;
    LowerCounts lower = LowerCounts::continuation;
    std::vector<double> discounts = {0.75, 0.75, 0.75};  // by level, the unigram first
};

class Ngram {
   public:
    Ngram(const std::vector<Poem>& training, const Vocabulary& vocabulary, NgramOptions options);

    // p(token | poem[0 .. at)), of <unk> the sum over all unseen characters.
    double probability(const Poem& poem, std::size_t at, int token) const;
    // p of each token of the poem, given those before it.
    std::vector<double> predict(const Poem& poem) const;
    const NgramOptions& options() const { return options_; }

   private:
    struct Row {
        double total = 0;
        std::unordered_map<int, double> counts;
    };
    using Level = std::unordered_map<std::uint64_t, Row>;  // by the packed context

    void count(const std::vector<Poem>& training, int level);
    void count_continuations(int level);

    NgramOptions options_;
    double known_, alphabet_;
    std::vector<Level> levels_;
};

Ngram tuned_ngram(const Corpus& corpus);

}  // namespace tang
