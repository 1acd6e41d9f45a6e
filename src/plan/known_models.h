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
    // By a path of Hugging Face, whoever published it and whatever stands behind the name: "nvidia/Llama-3.1-8B-Instruct-FP8".
    const Transformer* find_path(std::string_view path) const;

   private:
    struct Named {
        std::vector<std::string> names;
        Transformer model;
    };
    std::vector<Named> models_;
};

}  // namespace dayu::plan
