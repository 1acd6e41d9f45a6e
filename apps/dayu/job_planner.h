// The planner as the server asks it: its tables are read when the first job wants a plan, so that a server without them still starts.
#pragma once

#include "rest/planner.h"

namespace dayu::app {

rest::Planner job_planner();

}  // namespace dayu::app
