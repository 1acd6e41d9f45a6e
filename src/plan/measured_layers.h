// What step logs say of layers themselves. Constants describe a chip with a framework as a whole; a layer of one shape, under
// one tensor parallelism and micro-batch, is a workload class of its own, whose kernels may be luckier or not. Where several
// runs share a class, the time of its layers over what the constants say is kept as a factor, and so is that of the output
// layer; a prediction of the same class uses both, and any other the constants alone. Data: data/plan/measured_layers.csv.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/fit.h"
#include "plan/train.h"

namespace dayu::plan {

// What decides the time of a layer on a rank.
struct LayerClass {
    double hidden = 0, ffn = 0, heads = 0, sequence = 0;
    double tp = 1, cp = 1, micro_batch = 1, recompute = 0, fp8 = 0;

    auto operator<=>(const LayerClass&) const = default;
};
LayerClass layer_class_of(const TrainJob& job, const TrainPlan& plan);

struct MeasuredLayer {
    std::string chip;
    std::string framework;
    LayerClass layer;
    LayerFactors factors;
    double rows = 0;
};

class MeasuredLayers {
   public:
    static Result<MeasuredLayers> parse(std::string path, std::string text);
    explicit MeasuredLayers(std::vector<MeasuredLayer> layers = {});

    // Null: nobody measured that class.
    const LayerFactors* find(std::string_view chip, std::string_view framework,
                             const LayerClass& layer) const;

    // These in place of those of the chip with that framework.
    MeasuredLayers with(std::string_view chip, std::string_view framework,
                        const std::vector<MeasuredLayer>& layers) const;
    const std::vector<MeasuredLayer>& all() const { return layers_; }

   private:
    std::vector<MeasuredLayer> layers_;  // sorted
};

// Of all classes in rows of one chip and framework. A class with few or contradicting rows stays near one.
std::vector<MeasuredLayer> fit_layers(std::span<const MeasuredStep> rows, const Machine& machine,
                                      std::string_view chip, std::string_view framework);

std::string write_measured_layers(const std::vector<MeasuredLayer>& layers);

}  // namespace dayu::plan
