// The tables of data/plan as they are shipped, for tests, which run in the source folder.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "plan/knowledge.h"
#include "plan/serve_knowledge.h"

namespace dayu::plan::testing {

// Empty where there is none.
inline std::string read_file(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string shipped_table(const std::string& name) { return read_file("data/plan/" + name); }

template <class Table>
Table shipped_as(const std::string& name) {
    return Table::parse(name, shipped_table(name)).value();
}

inline Knowledge shipped_knowledge() {
    return {.chips = shipped_as<Chips>("chips.csv"),
            .calibrations = shipped_as<Calibrations>("calibrations.csv"),
            .layers = shipped_as<MeasuredLayers>("measured_layers.csv"),
            .models = shipped_as<KnownModels>("models.csv"),
            .launchers = shipped_as<Launchers>("launchers.csv")};
}

inline ServeKnowledge shipped_serve_knowledge() {
    return {.chips = shipped_as<Chips>("chips.csv"),
            .calibrations = shipped_as<ServeCalibrations>("serve_calibrations.csv"),
            .models = shipped_as<KnownModels>("models.csv"),
            .harnesses = shipped_as<ServeHarnesses>("serve_harnesses.csv"),
            .recipes = shipped_as<ServeRecipes>("serve_recipes.csv"),
            .launchers = shipped_as<Launchers>("launchers.csv")};
}

}  // namespace dayu::plan::testing
