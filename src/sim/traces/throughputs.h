// Measured rates of training jobs on unlike chips, alone and two on one chip, as the authors of Gavel
// published them: {"v100": {"('ResNet-18 (batch size 16)', 1)": {"null": 32.4, "('LM (batch size 5)', 1)":
// [20.1, 9.8], ...}}}. The number in a key is how many chips the job asks for; a pair gives the rate of
// the row and that of the column, in steps a second. Tables of chips spread over servers, whose names
// end in "_unconsolidated", are passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sched/matching.h"

namespace dayu::sim {

inline constexpr std::size_t max_throughput_shapes = 1000;

struct ThroughputShape {
    std::string type;  // "ResNet-18 (batch size 16)"
    std::uint32_t chips = 1;
    sched::Rates alone{};
};

struct Throughputs {
    std::vector<std::string> kinds;  // in the order asked for
    std::vector<ThroughputShape> shapes;
    sched::PairRates pairs;

    std::optional<std::uint32_t> find(std::string_view type, std::uint32_t chips) const;
};

// The tables of `kinds`, at most max_chip_kinds; each must be there. Errors name the table and the row.
Result<Throughputs> parse_throughputs(std::string_view json, const std::vector<std::string>& kinds);

}  // namespace dayu::sim
