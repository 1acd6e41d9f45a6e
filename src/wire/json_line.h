// Machines send a job file as JSON on one line, thousands a second. Such a text has no lines to tell apart,
// so the JSON parser can build the tree of yaml.h, in a tenth of the time that YAML takes.
#pragma once

#include <optional>
#include <string_view>

#include "wire/yaml.h"

namespace dayu::wire {

// The tree that parse_yaml() makes of this text; or nothing when it is not one line of JSON, or not
// within the limits: then YAML is asked, which takes more and says what is wrong.
std::optional<YamlNode> parse_json_line(std::string_view text);

}  // namespace dayu::wire
