// What an experiment of the simulator came to, for programs: numbers with their unit in the name, in the order in which
// they are told. Apart from wire::Json, which knows no fractions, as what it writes is hashed.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dayu/verb.h"

namespace dayu::app {

struct Figure {
    std::string name;  // "wall_s"
    std::variant<std::int64_t, double, std::string, std::vector<double>, bool> value;
};

// One object, as JSON or YAML, whichever was asked for. A number is written with the fewest digits that read back as the
// same; one that is not finite is null.
void print_figures(const Globals& globals, const std::vector<Figure>& figures);

// Several of them, as one list. JSON is YAML too: both are written alike.
void print_figure_list(const std::vector<std::vector<Figure>>& rows);

// One object of such lists, by their names: {"rows": [...], "groups": [...]}.
using FigureList = std::vector<std::vector<Figure>>;
void print_figure_lists(const std::vector<std::pair<std::string, FigureList>>& lists);

// For the tests.
std::string figures_as_json(const std::vector<Figure>& figures);

}  // namespace dayu::app
