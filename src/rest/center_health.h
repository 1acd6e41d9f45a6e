// How a centre and its nodes are, as the API shows it.
#pragma once

#include <string_view>

#include "runtime/health.h"
#include "wire/json.h"

namespace dayu::rest {

wire::Json health_json(const runtime::CenterSight& sight, std::string_view server_version);
wire::Json nodes_json(const runtime::CenterSight& sight);

}  // namespace dayu::rest
