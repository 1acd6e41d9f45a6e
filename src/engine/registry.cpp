#include "engine/registry.h"

#include "base/nearest.h"
#include "engine/process/process_engine.h"

namespace dayu::engine {
namespace {

struct Row {
    std::string_view kind;
    MakeEngine make;
};

constexpr Row engines[] = {
    {"process", make_process_engine},
};

}  // namespace

std::vector<std::string_view> engine_kinds() {
    std::vector<std::string_view> kinds;
    for (const Row& row : engines) kinds.push_back(row.kind);
    return kinds;
}

Result<MakeEngine> find_engine(std::string_view kind) {
    std::string known;
    for (const Row& row : engines) {
        if (row.kind == kind) return row.make;
        known += (known.empty() ? "" : ", ") + std::string(row.kind);
    }
    const std::string_view meant = nearest(kind, engine_kinds());
    const std::string hint = meant.empty() ? "" : "; did you mean " + std::string(meant) + "?";
    return invalid("engine_unknown",
                   "engine kind: \"" + std::string(kind) + "\" is not one of " + known + hint);
}

}  // namespace dayu::engine
