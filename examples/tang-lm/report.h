// The figures at the end: the model, the baseline and both together on the test poems.
#pragma once

#include <filesystem>
#include <string>

#include "ngram.h"
#include "score.h"
#include "trainer.h"

namespace tang {

struct Report {
    std::size_t train_poems, dev_poems, test_poems, test_characters;
    double unknown_share;  // of the test characters
    Bits model, ngram, both;
    NgramOptions ngram_options;
    double model_weight;  // in `both`, fitted on dev
    Difference to_ngram;  // model minus n-gram, a character
    Difference to_ngram_han;
    std::int64_t steps, epochs;
    double seconds;
};

Report measure(const Corpus& corpus, const Trainer& trainer, const TrainState& state);

std::string as_table(const Report& report);
std::string as_json(const Report& report);

}  // namespace tang
