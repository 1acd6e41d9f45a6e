// The registry of chips (data/chips.yaml), and the lookup by name or alias that everyone shares.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/chip.h"
#include "wire/job_file.h"

namespace dayu::wire {

struct YamlNode;

// Refuses a name or alias that stands for two chips, whatever its case.
Result<std::vector<Chip>> parse_chip_file(std::string_view text);
// What stands under `chips`, here or in another file.
Result<std::vector<Chip>> read_chips(const YamlNode& node);

// Looks up names and aliases, whatever their case. `chips` must outlive what is returned.
ChipNames chip_names(const std::vector<Chip>& chips);

}  // namespace dayu::wire
