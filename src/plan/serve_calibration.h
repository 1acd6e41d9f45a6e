// What is fitted from measurements of serving, for one chip with one framework: how much of the chip's rates that engine
// reaches, and what its host adds to each layer, iteration and request. As with training these are data
// (data/plan/serve_calibrations.csv) with a version, a date and the residuals that were left, from which intervals come.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/constant_space.h"

namespace dayu::plan {

struct ServeConstants {
    double products = 0.8;   // of the chip's rate of matrix products
    double attention = 0.4;  // of the same, inside attention over prompts
    double weights = 0.8;    // of the memory's bandwidth, reading weights of dense products
    double experts = 0.6;    // of the same, reading weights of experts, whose loads are unequal
    double cache = 0.6;      // of the same, reading keys and values
    double layer_launch_s =
        2e-5;  // each layer of an iteration: what its kernels do not overlap, and the host
    double prompt_layer_s =
        5e-4;  // of the host, each layer of an iteration with prompts: no graph of kernels holds
    double sequence_s = 5e-6;  // each decoding sequence of an iteration
    double exchange_s = 8e-6;  // each exchange between chips, for each doubling of their number
    double links = 0.8;        // of the bandwidth between chips
    double request_s = 20e-3;  // each request: its text, its way through the front end
    double waiting = 0.5;      // prompts that stand before one, of those that may
};

using ServeConstantField = FittedConstant<ServeConstants>;
inline constexpr std::array<ServeConstantField, 12> serve_constant_fields{{
    {"products", &ServeConstants::products, 0.1, 1},
    {"attention", &ServeConstants::attention, 0.02, 1},
    {"weights", &ServeConstants::weights, 0.2, 1},
    {"experts", &ServeConstants::experts, 0.05, 1},
    {"cache", &ServeConstants::cache, 0.05, 1},
    {"layer_launch_s", &ServeConstants::layer_launch_s, 1e-7, 1e-3},
    {"prompt_layer_s", &ServeConstants::prompt_layer_s, 1e-6, 5e-3},
    {"sequence_s", &ServeConstants::sequence_s, 1e-8, 3e-4},
    {"exchange_s", &ServeConstants::exchange_s, 5e-7, 1e-4},
    {"links", &ServeConstants::links, 0.05, 1},
    {"request_s", &ServeConstants::request_s, 1e-4, 0.5},
    {"waiting", &ServeConstants::waiting, 0.01, 1},
}};

struct ServeCalibration {
    std::string chip;            // "any": of chips that nobody measured with the engine
    std::string engine;          // "vllm", "any"; of workers of split pools "vllm split"
    std::string engine_version;  // as rows say it, "none" where they do not; empty: of all
    std::string version;
    std::string date;
    ServeConstants constants;
    double rows = 0;  // that it was fitted on
    // Of |ln(predicted/measured)|, the quantile for 90 % coverage, of configurations that no constant was fitted on.
    double tpot_residual_90 = 0;
    double ttft_residual_90 = 0;
    std::string source;
};

// What the constants of an engine's workers in split pools are called by: a router stands before them, and prompts do not hold
// answers up.
std::string pools_of(std::string_view engine);

class ServeCalibrations {
   public:
    static Result<ServeCalibrations> parse(std::string path, std::string text);

    // The one of the chip with that version of the engine, or with all; else of any chip with the engine, or of the chip with
    // any, or of any with any; null: the table has none.
    const ServeCalibration* find(std::string_view chip, std::string_view engine,
                                 std::string_view version = {}) const;
    // Of workers of split pools: of the chip with the engine, or of any chip with it; else as `find`.
    const ServeCalibration* find_pools(std::string_view chip, std::string_view engine,
                                       std::string_view version = {}) const;
    const std::vector<ServeCalibration>& all() const { return calibrations_; }
    // These in place of others of the same chip and engine.
    ServeCalibrations with(const std::vector<ServeCalibration>& made) const;

   private:
    const ServeCalibration* exactly(std::string_view chip, std::string_view engine,
                                    std::string_view version = {}) const;
    // Of the chip with that version, or with all; else of any chip.
    const ServeCalibration* of_engine(std::string_view chip, std::string_view engine,
                                      std::string_view version) const;

    std::vector<ServeCalibration> calibrations_;
};

// The table as it is read, of one line each.
std::string write_serve_calibrations(const std::vector<ServeCalibration>& calibrations);

}  // namespace dayu::plan
