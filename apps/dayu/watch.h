// Repeats a verb that only looks, until q or Ctrl-C: painted over what was there on a terminal, block after
// block elsewhere.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "dayu/verb.h"

namespace dayu::app {

inline constexpr Duration shortest_watch = milliseconds(100);

// A server that is away for a while is told on the screen; any other error ends it. 0 at its end.
Result<int> watch(const Globals& globals, Duration every, const std::string& title,
                  const std::function<Result<int>()>& look);

}  // namespace dayu::app
