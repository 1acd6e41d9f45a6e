// The body of a webhook: the schema HookNotice of api/openapi.yaml.
#pragma once

#include <string>

#include "notices/notice.h"

namespace dayu::notices {

std::string webhook_body(const Notice& notice);

}  // namespace dayu::notices
