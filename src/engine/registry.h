// The engines that this build knows, by kind. One engine is one line of the table in registry.cpp.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace dayu::engine {

// The engine's section of an agent's configuration, without its `kind`. Each engine says in its own
// header which keys it takes, and refuses an unknown one by name.
using Settings = std::map<std::string, std::string>;

using MakeEngine = Result<std::unique_ptr<Engine>> (*)(const Settings&);

Result<MakeEngine> find_engine(std::string_view kind);
std::vector<std::string_view> engine_kinds();

}  // namespace dayu::engine
