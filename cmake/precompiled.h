// What most units of a build with DAYU_PRECOMPILE have read already. A unit includes what it uses all the same: the
// release build has none of this.
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "control/command.h"
#include "control/state.h"
#include "model/agent_messages.h"
#include "wire/json_fields.h"
