#include "poem.h"

#include <algorithm>
#include <cmath>

#include "random.h"

namespace tang {
namespace {

constexpr std::size_t kLines = 4;

int sample(std::vector<double> weights, Random& random) {
    double total = 0;
    for (double w : weights) total += w;
    double left = random.uniform() * total;
    std::size_t last = 0;
    for (std::size_t token = 0; token < weights.size(); ++token) {
        if (weights[token] == 0) continue;
        last = token;
        if ((left -= weights[token]) < 0) break;
    }
    return static_cast<int>(last);
}

}  // namespace

std::u32string write_poem(const PredictNext& predict_next, const Vocabulary& vocabulary,
                          const PoemOptions& options) {
    Random random(options.seed, Random::Purpose::poem);
    const std::size_t length = options.style == Style::five ? 5 : 7;
    std::u32string text;
    Poem poem;
    const auto append = [&](char32_t c) {
        text += c;
        poem.push_back(vocabulary.id(c));
    };
    for (std::size_t place = 0; place < kLines * length; ++place) {
        if (place < std::min(options.opening.size(), length)) {
            append(options.opening[place]);
        } else {
            std::vector<double> weights = predict_next(poem);
            for (int token = 0; token < vocabulary.size(); ++token) {
                double& weight = weights[static_cast<std::size_t>(token)];
                const bool may_follow = token != kUnknown && vocabulary.is_han(token) &&
                                        !std::ranges::count(poem, token);
                weight = may_follow ? std::pow(weight, 1 / options.temperature) : 0;
            }
            append(vocabulary.character(sample(std::move(weights), random)));
        }
        if ((place + 1) % length == 0) append((place + 1) / length % 2 ? U'，' : U'。');
    }
    return text;
}

}  // namespace tang
