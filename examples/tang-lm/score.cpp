#include "score.h"

#include <algorithm>
#include <cmath>

#include "random.h"

namespace tang {
namespace {

constexpr int kResamples = 2000;

double total_bits(const ScoredPoem& poem) {
    double bits = 0;
    for (const Scored& token : poem) bits -= std::log2(token.probability);
    return bits;
}

}  // namespace

std::vector<ScoredPoem> score(const std::vector<Poem>& poems, const Vocabulary& vocabulary,
                              const Predict& predict) {
    std::vector<ScoredPoem> scored;
    for (const Poem& poem : poems) {
        const std::vector<double> probabilities = predict(poem);
        ScoredPoem& out = scored.emplace_back();
        for (std::size_t at = 0; at < poem.size(); ++at) {
            const double share = poem[at] == kUnknown ? 1 / vocabulary.unseen() : 1;
            out.push_back({probabilities[at] * share, vocabulary.is_han(poem[at])});
        }
    }
    return scored;
}

Bits mean_bits(const std::vector<ScoredPoem>& poems) {
    double bits = 0, han_bits = 0, count = 0, han_count = 0;
    for (const ScoredPoem& poem : poems) {
        for (const Scored& token : poem) {
            const double cost = -std::log2(token.probability);
            bits += cost, count += 1;
            if (token.is_han) han_bits += cost, han_count += 1;
        }
    }
    return {.every = bits / count, .han = han_bits / han_count};
}

std::vector<ScoredPoem> mixed(const std::vector<ScoredPoem>& a, const std::vector<ScoredPoem>& b,
                              double weight) {
    std::vector<ScoredPoem> out = a;
    for (std::size_t poem = 0; poem < a.size(); ++poem) {
        for (std::size_t at = 0; at < a[poem].size(); ++at) {
            out[poem][at].probability =
                weight * a[poem][at].probability + (1 - weight) * b[poem][at].probability;
        }
    }
    return out;
}

double best_weight(const std::vector<ScoredPoem>& a, const std::vector<ScoredPoem>& b) {
    double best = 1;
    for (double weight = 0; weight <= 1; weight += 0.02) {
        if (mean_bits(mixed(a, b, weight)).every < mean_bits(mixed(a, b, best)).every)
            best = weight;
    }
    return best;
}

std::vector<ScoredPoem> han_only(const std::vector<ScoredPoem>& poems) {
    std::vector<ScoredPoem> kept = poems;
    for (ScoredPoem& poem : kept) {
        std::erase_if(poem, [](const Scored& token) { return !token.is_han; });
    }
    return kept;
}

Difference difference(const std::vector<ScoredPoem>& a, const std::vector<ScoredPoem>& b,
                      std::uint64_t seed) {
    std::vector<double> gap, length;
    for (std::size_t i = 0; i < a.size(); ++i) {
        gap.push_back(total_bits(a[i]) - total_bits(b[i]));
        length.push_back(static_cast<double>(a[i].size()));
    }
    Random random(seed, Random::Purpose::bootstrap);
    std::vector<double> means;
    for (int sample = 0; sample < kResamples; ++sample) {
        double bits = 0, count = 0;
        for (std::size_t i = 0; i < gap.size(); ++i) {
            const std::size_t poem = random.below(gap.size());
            bits += gap[poem], count += length[poem];
        }
        means.push_back(bits / count);
    }
    std::ranges::sort(means);
    return {.mean = mean_bits(a).every - mean_bits(b).every,
            .low = means[kResamples / 40],
            .high = means[kResamples - 1 - kResamples / 40]};
}

}  // namespace tang
