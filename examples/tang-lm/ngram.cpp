#include "ngram.h"

#include <algorithm>
#include <utility>

#include "score.h"

namespace tang {
namespace {

constexpr int kHighestOrder = 3;
constexpr int kBitsPerToken = 20;  // a context of two tokens fits one word

// The `length` tokens before `at`, the nearest in the lowest bits.
std::uint64_t context(const Poem& poem, std::size_t at, int length) {
    std::uint64_t packed = 0;
    for (int back = length; back >= 1; --back) {
        const auto distance = static_cast<std::size_t>(back);
        const int token = distance <= at ? poem[at - distance] : kEnd;
        packed = packed << kBitsPerToken | static_cast<std::uint64_t>(token);
    }
    return packed;
}

struct Candidate {
    NgramOptions options;
    double dev_bits;
};

Candidate candidate(const Corpus& corpus, const NgramOptions& options) {
    const Ngram ngram(corpus.train, corpus.vocabulary, options);
    const auto predict = [&](const Poem& poem) { return ngram.predict(poem); };
    return {options, mean_bits(score(corpus.dev, corpus.vocabulary, predict)).every};
}

// One level after the other, the unigram first, each by a grid.
Candidate with_tuned_discounts(const Corpus& corpus, const NgramOptions& start) {
    Candidate best = candidate(corpus, start);
    for (std::size_t level = 0; level < static_cast<std::size_t>(start.order); ++level) {
        NgramOptions options = best.options;
        for (double discount = 0.40; discount < 0.995; discount += 0.05) {
            options.discounts[level] = discount;
            Candidate tried = candidate(corpus, options);
            if (tried.dev_bits < best.dev_bits) best = std::move(tried);
        }
    }
    return best;
}

}  // namespace

Ngram::Ngram(const std::vector<Poem>& training, const Vocabulary& vocabulary, NgramOptions options)
    : options_(std::move(options)),
      known_(vocabulary.size() - 1),
      alphabet_(known_ + vocabulary.unseen()),
      levels_(static_cast<std::size_t>(options_.order)) {
    for (int level = options_.order - 1; level >= 0; --level) {
        const bool is_highest = level == options_.order - 1;
        if (is_highest || options_.lower == LowerCounts::raw) {
            count(training, level);
        } else {
            count_continuations(level);
        }
    }
}

void Ngram::count(const std::vector<Poem>& training, int level) {
    for (const Poem& poem : training) {
        for (std::size_t at = 0; at < poem.size(); ++at) {
            Row& row = levels_[static_cast<std::size_t>(level)][context(poem, at, level)];
            row.total += 1;
            row.counts[poem[at]] += 1;
        }
    }
}

void Ngram::count_continuations(int level) {
    const std::uint64_t nearer = (std::uint64_t{1} << (level * kBitsPerToken)) - 1;
    for (const auto& [longer, followers] : levels_[static_cast<std::size_t>(level) + 1]) {
        Row& row = levels_[static_cast<std::size_t>(level)][longer & nearer];
        for (const auto& [token, _] : followers.counts) {
            row.total += 1;
            row.counts[token] += 1;
        }
    }
}

double Ngram::probability(const Poem& poem, std::size_t at, int token) const {
    double p = (token == kUnknown ? alphabet_ - known_ : 1) / alphabet_;
    for (int level = 0; level < options_.order; ++level) {
        const Level& rows = levels_[static_cast<std::size_t>(level)];
        const auto found = rows.find(context(poem, at, level));
        if (found == rows.end()) break;
        const Row& row = found->second;
        const double discount = options_.discounts[static_cast<std::size_t>(level)];
        const auto seen = row.counts.find(token);
        const double kept = seen == row.counts.end() ? 0 : seen->second - discount;
        p = (kept + discount * static_cast<double>(row.counts.size()) * p) / row.total;
    }
    return p;
}

std::vector<double> Ngram::predict(const Poem& poem) const {
    std::vector<double> probabilities;
    for (std::size_t at = 0; at < poem.size(); ++at) {
        probabilities.push_back(probability(poem, at, poem[at]));
    }
    return probabilities;
}

Ngram tuned_ngram(const Corpus& corpus) {
    Candidate best = candidate(corpus, {});
    for (int order = 1; order <= kHighestOrder; ++order) {
        for (LowerCounts lower : {LowerCounts::raw, LowerCounts::continuation}) {
            Candidate tuned = with_tuned_discounts(corpus, {.order = order, .lower = lower});
            if (tuned.dev_bits < best.dev_bits) best = std::move(tuned);
        }
    }
    return Ngram(corpus.train, corpus.vocabulary, best.options);
}

}  // namespace tang
