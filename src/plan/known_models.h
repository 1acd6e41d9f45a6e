// Shapes of published models by name (data/plan/models.csv), for tables of measurements that name a model and leave part of
// its shape out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/transformer.h"

namespace dayu::plan {

class KnownModels {
   public:
    static Result<KnownModels> parse(std::string path, std::string text);

    // By name or alias, as published on Hugging Face, whatever its case; null: not known.
    const Transformer* find(std::string_view name) const;

   private:
    struct Named {
        std::vector<std::string> names;
        Transformer model;
    };
    std::vector<Named> models_;
};

}  // namespace dayu::plan
