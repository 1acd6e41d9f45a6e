// Shapes of published models by name (data/plan/models.csv), for tables of measurements that name a model and leave part of
// its shape out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/train.h"

namespace dayu::plan {

class KnownModels {
   public:
    static Result<KnownModels> parse(std::string path, std::string text);

    // Whatever its case; null: not known.
    const TrainModel* find(std::string_view name) const;

   private:
    struct Named {
        std::string name;
        TrainModel model;
    };
    std::vector<Named> models_;
};

}  // namespace dayu::plan
