// The attempts of a job as a table.
#pragma once

#include "dayu/verb.h"
#include "wire/json.h"

namespace dayu::app {

void print_attempts(const Globals& globals, const wire::Json::Array& attempts);

}  // namespace dayu::app
