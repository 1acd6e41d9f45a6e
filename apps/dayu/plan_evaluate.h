// What `dayu plan evaluate` prints of each kind of run: {"rows": [...], "groups": [...]}.
#pragma once

#include <vector>

#include "dayu/figures.h"

namespace dayu::app {

struct Evaluation {
    std::vector<std::vector<Figure>> rows;
    std::vector<std::vector<Figure>> groups;
};

void print_evaluation(const Evaluation& evaluation);

}  // namespace dayu::app
