#include "smoothing.h"

namespace tang {
namespace {

constexpr int kRounds = 50;  // of expectation maximisation; it settles in about 20

}  // namespace

std::vector<double> Mixture::operator()(std::span<const Guess> guesses) const {
    std::vector<double> mixed;
    for (const Guess& guess : guesses) {
        mixed.push_back(network * guess.network + unigram * guess.unigram +
                        uniform * guess.uniform);
    }
    return mixed;
}

Background::Background(const std::vector<Poem>& training, const Vocabulary& vocabulary)
    : vocabulary_(vocabulary), unigram_(static_cast<std::size_t>(vocabulary.size())) {
    double total = 0, known = 0;
    for (const Poem& poem : training) {
        for (int token : poem) {
            if (!vocabulary.is_han(token)) continue;
            double& count = unigram_[static_cast<std::size_t>(token)];
            if (count == 0) known += 1;
            count += 1, total += 1;
        }
    }
    for (double& p : unigram_) p /= total;
    alphabet_ = known + vocabulary.unseen();
}

Guess Background::guess(double network, double han, int token) const {
    if (!vocabulary_.is_han(token)) return {network, network, network};
    const double characters = token == kUnknown ? vocabulary_.unseen() : 1;
    return {.network = network,
            .unigram = han * unigram_[static_cast<std::size_t>(token)],
            .uniform = han * characters / alphabet_};
}

Mixture fit_mixture(std::span<const Guess> guesses) {
    Mixture mixture;
    for (int round = 0; round < kRounds; ++round) {
        const std::vector<double> p = mixture(guesses);
        Mixture share{.network = 0, .unigram = 0, .uniform = 0};
        for (std::size_t i = 0; i < guesses.size(); ++i) {
            share.network += mixture.network * guesses[i].network / p[i];
            share.unigram += mixture.unigram * guesses[i].unigram / p[i];
            share.uniform += mixture.uniform * guesses[i].uniform / p[i];
        }
        const auto count = static_cast<double>(guesses.size());
        mixture = {share.network / count, share.unigram / count, share.uniform / count};
    }
    return mixture;
}

}  // namespace tang
