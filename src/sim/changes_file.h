// The sections of a world file (sim/world_file.h) about what changes by itself:
//
//     series:
//       - {center: suzhou, of: price, every: 8h, values: [0.5, 1, 1.5]}    # times the declared prices
//       - {center: suzhou, of: carbon, file: zones-2022.csv, zone: AU-SA, from_hour: 7000}
//     lending:
//       - {center: suzhou, pool: cpu, nodes: 4, from: 20h, for: 12h}       # every day
//     faults:
//       - {center: suzhou, at: 36h, for: 2h}
//       - {center: suzhou, pool: cpu, mean_between: 30d, for: 4h}          # of each node
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "model/center.h"
#include "sim/changes.h"

namespace dayu::wire {
struct YamlNode;
}

namespace dayu::sim {

// Each of the section's node; the centres, pools and nodes that they name are among `centers`.
Result<std::vector<Series>> read_series(const wire::YamlNode& section,
                                        const std::vector<Center>& centers);
Result<std::vector<Lending>> read_lending(const wire::YamlNode& section,
                                          const std::vector<Center>& centers);
Result<std::vector<Fault>> read_faults(const wire::YamlNode& section,
                                       const std::vector<Center>& centers);

// Fills in the values of those that name a file; `find` says where such a file lies.
Result<void> load_series(std::vector<Series>& all, std::string (*find)(const std::string& file));

}  // namespace dayu::sim
