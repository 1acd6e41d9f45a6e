// What the words of `placement.prefer` weigh. They are parameters, not facts: who runs a Dayu may hand
// the parser other words and weights.
#pragma once

#include <string>
#include <vector>

#include "model/job.h"

namespace dayu {

struct PreferWord {
    std::string word;
    Weights weights;
    std::string source;

    bool operator==(const PreferWord&) const = default;
};

using PreferWords = std::vector<PreferWord>;

const PreferWords& default_prefer_words();

}  // namespace dayu
