#include "dayu/plan_data.h"

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "dayu/small_file.h"

namespace dayu::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_table = "chips.csv";

Result<std::string> read_table(const std::string& folder, std::string_view name) {
    return read_small_file((fs::path(folder) / name).string(), max_plan_file_bytes);
}

}  // namespace

Result<std::string> find_plan_folder(const std::string& given) {
    if (!given.empty()) return given;
    std::vector<fs::path> places;
    if (const char* folder = std::getenv("DAYU_DATA_DIR"); folder != nullptr && *folder != '\0')
        places.push_back(fs::path(folder) / "plan");
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    places.push_back(program.parent_path().parent_path() / "share/dayu/plan");
#ifdef DAYU_SOURCE_DATA
    places.push_back(DAYU_SOURCE_DATA "/plan");
#endif
    std::string looked;
    for (const fs::path& place : places) {
        if (fs::exists(place / first_table, ignored)) return place.string();
        looked += (looked.empty() ? "" : ", ") + place.string();
    }
    return not_found("plan_data_missing", "the planner's tables are in none of " + looked +
                                              "; set DAYU_DATA_DIR, or name them with --tables");
}

Result<plan::Knowledge> read_plan_knowledge(const std::string& folder) {
    const auto text = [&](std::string_view name) { return read_table(folder, name); };
    plan::Knowledge knowledge;
    knowledge.chips = TRY(plan::Chips::parse("chips.csv", TRY(text("chips.csv"))));
    knowledge.calibrations =
        TRY(plan::Calibrations::parse("calibrations.csv", TRY(text("calibrations.csv"))));
    knowledge.layers =
        TRY(plan::MeasuredLayers::parse("measured_layers.csv", TRY(text("measured_layers.csv"))));
    knowledge.models = TRY(plan::KnownModels::parse("models.csv", TRY(text("models.csv"))));
    knowledge.launchers = TRY(plan::Launchers::parse("launchers.csv", TRY(text("launchers.csv"))));
    return knowledge;
}

Result<plan::ServeKnowledge> read_serve_knowledge(const std::string& folder) {
    const auto text = [&](std::string_view name) { return read_table(folder, name); };
    plan::ServeKnowledge knowledge;
    knowledge.chips = TRY(plan::Chips::parse("chips.csv", TRY(text("chips.csv"))));
    knowledge.calibrations = TRY(plan::ServeCalibrations::parse(
        "serve_calibrations.csv", TRY(text("serve_calibrations.csv"))));
    knowledge.models = TRY(plan::KnownModels::parse("models.csv", TRY(text("models.csv"))));
    knowledge.harnesses =
        TRY(plan::ServeHarnesses::parse("serve_harnesses.csv", TRY(text("serve_harnesses.csv"))));
    knowledge.recipes =
        TRY(plan::ServeRecipes::parse("serve_recipes.csv", TRY(text("serve_recipes.csv"))));
    knowledge.launchers = TRY(plan::Launchers::parse("launchers.csv", TRY(text("launchers.csv"))));
    return knowledge;
}

std::string find_plan_rows(const std::string& file) {
    std::error_code ignored;
    if (fs::exists(file, ignored) || fs::path(file).is_absolute()) return file;
    const char* const traces = std::getenv("DAYU_TRACES");
    const fs::path folder =
        traces != nullptr && *traces != '\0' ? fs::path(traces) : fs::path("../shared/traces");
    const fs::path kept = folder.parent_path() / "planner/data" / file;
    return fs::exists(kept, ignored) ? kept.string() : file;
}

}  // namespace dayu::app
