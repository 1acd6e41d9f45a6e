// What the planner knows of accelerators: the specification beside what was measured, how good the evidence is, and how the
// chips are joined. All of it is data (data/plan/chips.csv) with its source, to be edited and added to; nothing about one
// chip stands in code. A published peak is never taken as what a chip does: without a measured matrix product the planner
// takes a fixed part of the peak, and says "specification only".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/kernel.h"
#include "plan/topology.h"

namespace dayu::plan {

// How good the evidence behind a figure is.
enum class Grade : std::uint8_t { end_to_end, kernels, specification };  // A, B, C

std::string_view letter_of(Grade grade);       // "A"
std::string_view description_of(Grade grade);  // "measured end to end"

// As published. FLOP/s dense, bytes/s, bytes, W.
struct ChipSpecification {
    double bf16_rate = 0;
    double fp8_rate = 0;  // 0: has none
    double fp4_rate = 0;  // 0: has none
    double memory_bytes = 0;
    double memory_bandwidth = 0;
    double power_w = 0;
};

// Of large kernels; 0 where nobody measured. `gemm.rate` is of 16-bit products.
struct ChipMeasurement {
    GemmCurve gemm;
    double fp8_gemm_rate = 0;
    double memory_bandwidth = 0;
};

struct Chip {
    std::string name;
    std::vector<std::string> aliases;
    ChipSpecification specification;
    ChipMeasurement measured;
    Fabric fabric;
    Grade grade =
        Grade::specification;  // of the kernels; calibrations (calibration.h) raise it to A
    std::string framework;     // with which it was measured, with its version
    std::string date;
    std::string source;
    std::string confidence;  // of the specification: A to E and M, as in data/README.md

    // What the planner reckons with: measured, or a part of what was published.
    GemmCurve gemm() const;
    double fp8_gemm_rate() const;  // 0: has none
    double fp4_gemm_rate() const;  // 0: has none
    double memory_bandwidth() const;
};

class Chips {
   public:
    // `path` is what errors call the text.
    static Result<Chips> parse(std::string path, std::string text);

    // By name or alias, whatever its case; an unknown one is not_found, with the name that may be meant.
    Result<const Chip*> find(std::string_view name) const;
    const std::vector<Chip>& all() const { return chips_; }

   private:
    std::vector<Chip> chips_;
};

}  // namespace dayu::plan
