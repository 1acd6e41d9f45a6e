// The streams of training jobs that the authors of Gavel (OSDI 2020) drew to compare policies: Poisson
// arrivals, 26 kinds of model, run times from half an hour to a week, gangs of 1, 2, 4 and 8 chips. Drawn as
// they did, number by number, so that a seed names the same jobs here as there.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sim/traces/python_random.h"
#include "sim/traces/throughputs.h"

namespace dayu::sim {

struct StreamOptions {
    double jobs_per_h = 1;
    bool has_gangs = false;  // else each job asks for one chip
    std::uint64_t seed = 0;
};

struct StreamJob {
    double arrival_s = 0;
    std::uint32_t shape = 0;  // in Throughputs::shapes
    double steps = 0;         // to do
};

class GavelStream {
   public:
    // invalid: the table lacks a model that is drawn. The throughputs outlive the stream.
    static Result<GavelStream> open(const Throughputs& throughputs, const StreamOptions& options);

    StreamJob next();  // without end

   private:
    static constexpr std::size_t scales = 4;                            // 1, 2, 4 and 8 chips
    using Template = std::array<std::optional<std::uint32_t>, scales>;  // shapes by scale

    GavelStream(const Throughputs& throughputs, const StreamOptions& options);
    std::size_t draw_scale();
    double draw_run_s();

    const Throughputs* throughputs_;
    StreamOptions options_;
    std::vector<Template> templates_;
    PythonRandom jobs_, arrivals_;
    double next_arrival_s_ = 0;
};

}  // namespace dayu::sim
