// What the verbs have in common that show a state of things again and again: dayu top, dayu top queue.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dayu/verb.h"

namespace dayu::app {

struct TopOptions {
    std::string delay = "2s";
    bool once = false;
};
std::vector<Option> options_of(TopOptions& options);

// Until q or Ctrl-C; once without a terminal, and where a program reads it.
Result<int> repaint(const TopOptions& options, const Globals& globals,
                    const std::function<Result<int>()>& look);

}  // namespace dayu::app
