// The network's guess, mixed with what needs no context.
//
// A network trained on 18,000 characters is too sure: it all but rules out the characters that it
// saw once or never, and they are one in eight of a new poem. So whenever it expects a Han
// character, part of that probability is shared out by how often each occurs, and part evenly over
// the whole alphabet (Jelinek and Mercer). The two shares are fitted on the dev poems.
#pragma once

#include <span>
#include <vector>

#include "corpus.h"

namespace tang {

// The probability of one token by each of the three. Marks are the network's alone: all are equal.
struct Guess {
    double network, unigram, uniform;
};

struct Mixture {
    double network = 0.8;
    double unigram = 0.14;
    double uniform = 0.06;

    std::vector<double> operator()(std::span<const Guess> guesses) const;
};

// How Han characters are distributed when nothing is known of the context.
class Background {
   public:
    Background(const std::vector<Poem>& training, const Vocabulary& vocabulary);

    // `network` is p(token), `han` the sum of p over all Han characters, <unk> among them.
    Guess guess(double network, double han, int token) const;

   private:
    const Vocabulary& vocabulary_;
    std::vector<double> unigram_;
    double alphabet_ = 0;  // Han characters, seen or not
};

// By expectation maximisation, so that the guesses become most likely.
Mixture fit_mixture(std::span<const Guess> guesses);

}  // namespace tang
