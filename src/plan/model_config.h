// A transformer by the config.json that is published with it on Hugging Face: dense models with multi-head or grouped-query
// attention, multi-head latent attention (DeepSeek), and mixtures of experts, in the words of the Llama, Qwen, Mistral, Mixtral,
// DeepSeek, GPT-OSS, Gemma, GLM and GPT-2 families.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plan/transformer.h"

namespace dayu::plan {

// The top level of a config.json, or of the text_config in it: numbers, and truth as 0 or 1. Texts, lists and objects decide
// nothing here but `model_type` and `layer_types`.
struct ModelConfig {
    std::map<std::string, double, std::less<>> numbers;
    std::string model_type;
    std::vector<std::string> layer_types;  // one a layer: "sliding_attention", "full_attention"
};

// What is missing or cannot be is an error that names the key and what is expected of it. Which layers have the window of
// sliding attention is said by `layer_types`, or else by the pattern of the family, or else all have it.
Result<Transformer> transformer_of(const ModelConfig& config);

}  // namespace dayu::plan
