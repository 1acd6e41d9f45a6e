// What an operator asks of one centre: POST /v1/centers/CENTER/ACTION.
#pragma once

#include <string>

#include "dayu/verb.h"

namespace dayu::app {

// Remarks "WHAT DONE" when it is so: "shanghai gets no new jobs".
struct CenterAction {
    std::string center;
    std::string action;  // the last segment of the path
    std::string body;    // JSON; empty: none
    std::string what;    // it is about
    std::string done;
};
Result<int> act_on_center(const CenterAction& action, const Globals& globals);

}  // namespace dayu::app
