// `dayu sim pack`: experiment A on files. Nodes and pods are those of the openb traces (traces/openb.h), or of the same form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace dayu::sim {

struct PackQuestion {
    std::string nodes;   // the file
    std::string pods;    // the file
    std::string policy;  // empty: the default
    std::string popularity =
        "list";  // of the pods' own list; "learned" from what arrives; or that of another file
    bool departures = false;  // pods leave after their lifetime
    bool bound = false;       // tell it, too
    std::uint64_t seed = 0;
    double load = 1.3;  // asked for at the end, of the fleet
};

// Curves are indexed by the demand in whole percent of the fleet (replay/pack.h).
struct PackAnswer {
    std::string policy;
    std::vector<double> allocation_pct;
    std::vector<double> frag_ratio_pct;
    std::optional<double> lp_bound_pct;  // of the allocation at 100
    std::int64_t packed = 0;
    std::int64_t lost = 0;
    double wall_s = 0;  // reading the files included
};

Result<PackAnswer> pack(const PackQuestion& question);

}  // namespace dayu::sim
