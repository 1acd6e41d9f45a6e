// What is fitted from step logs, for one chip with one framework: twelve constants at most, which say how much of the chip's
// kernels and links that framework turns into training steps. They are data (data/plan/calibrations.csv) with a version, a
// date, the rows they were fitted on and the residuals that were left, from which intervals come. `dayu plan calibrate` makes
// them anew. Nothing else of the planner is fitted.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/constant_space.h"

namespace dayu::plan {

struct Constants {
    double gemm = 1;                 // of the chip's measured rate of matrix products
    double gemm_half = 1;            // times the sizes at which products reach half their rate
    double attention = 0.5;          // of the rate of products, inside attention
    double memory = 1;               // times the bytes that elementwise kernels must move
    double layer_launch_s = 0;       // of the host, for the forward pass of a layer
    double collective_launch_s = 0;  // of the host, for each exchange inside a layer
    double node = 1;                 // of the bandwidth inside a node
    double network = 1;              // of the bandwidth between nodes
    double overlap = 0;              // part of data-parallel exchange that hides behind compute
    double optimizer = 1;            // times the bytes that the optimiser must move
    double micro_batch_s = 0;        // of the host, for each micro-batch of a stage
    double step_s = 0;               // once a step: data, logging, gradient norm
};

using ConstantField = FittedConstant<Constants>;
inline constexpr std::array<ConstantField, 12> constant_fields{{
    {"gemm", &Constants::gemm, 0.3, 1.05},
    {"gemm_half", &Constants::gemm_half, 0.05, 20},
    {"attention", &Constants::attention, 0.05, 1},
    {"memory", &Constants::memory, 0.3, 5},
    {"layer_launch_s", &Constants::layer_launch_s, 1e-6, 5e-3},
    {"collective_launch_s", &Constants::collective_launch_s, 1e-6, 2e-3},
    {"node", &Constants::node, 0.2, 1.5},
    {"network", &Constants::network, 0.05, 1.5},
    {"overlap", &Constants::overlap, 0.01, 0.99},
    {"optimizer", &Constants::optimizer, 0.3, 10},
    {"micro_batch_s", &Constants::micro_batch_s, 1e-6, 5e-2},
    {"step_s", &Constants::step_s, 1e-4, 0.2},
}};

// How a framework works, which is known and not fitted.
struct FrameworkTraits {
    bool fuses_attention = true;  // as FlashAttention does: scores never reach memory
    bool sequence_parallel = true;
    double gradient_bytes = 4;  // a parameter, in the exchange between replicas
};

struct Calibration {
    std::string chip;
    std::string framework;  // "megatron-lm", with its version
    std::string version;
    std::string date;
    std::vector<std::string> families;  // groups of measured rows that it speaks for
    Constants constants;
    FrameworkTraits traits;
    double rows = 0;  // that it was fitted on
    // Of |ln(predicted/measured)|, the quantile for 90 % coverage: of models that no constant was fitted on, and of other runs
    // of a layer class that was measured (measured_layers.h).
    double residual_90 = 0;
    double residual_90_network = 0;  // of runs on several nodes, measured class or not
    double residual_90_measured = 0;
    std::string source;
};

class Calibrations {
   public:
    static Result<Calibrations> parse(std::string path, std::string text);

    // The one for a family of rows, or else the first for the chip, or else none: specification only.
    const Calibration* find(std::string_view chip, std::string_view family) const;
    // The one for the chip with the framework, "" being any; null: there is none.
    const Calibration* of_framework(std::string_view chip, std::string_view framework) const;
    const std::vector<Calibration>& all() const { return calibrations_; }

   private:
    std::vector<Calibration> calibrations_;
};

// The table as it is read, of one line each.
std::string write_calibrations(const std::vector<Calibration>& calibrations);

}  // namespace dayu::plan
