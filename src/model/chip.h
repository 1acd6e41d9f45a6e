// A chip model of the registry (data/chips.yaml). Names are looked up, never parsed by pattern: a
// centre's own name for a chip ("gres/npu:910b") is an alias.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"

namespace dayu {

struct Chip {
    std::string name;  // canonical, as users write it: "A100-80GB"
    std::string vendor;
    std::vector<std::string> aliases;
    std::int64_t memory_mib = 0;
    std::int64_t power_w = 0;      // board power under full load
    std::int64_t fp16_gflops = 0;  // dense, as published; a fact to show, never a unit of account
    std::string source;
    std::string confidence;  // A official, B press, C vendor claim, E estimate, M unchecked

    bool operator==(const Chip&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"name", &Chip::name}, Field{"vendor", &Chip::vendor},
                          Field{"aliases", &Chip::aliases}, Field{"memory_mib", &Chip::memory_mib},
                          Field{"power_w", &Chip::power_w},
                          Field{"fp16_gflops", &Chip::fp16_gflops}, Field{"source", &Chip::source},
                          Field{"confidence", &Chip::confidence});
    }
};

}  // namespace dayu
