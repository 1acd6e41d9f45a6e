// A transformer by the config.json that is published with it on Hugging Face: dense models with multi-head or grouped-query
// attention, multi-head latent attention (DeepSeek), and mixtures of experts, in the words of the Llama, Qwen, Mistral, Mixtral,
// DeepSeek, GPT-OSS, Gemma, GLM and GPT-2 families.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "plan/transformer.h"

namespace dayu::plan {

// The top level of a config.json, or of the text_config in it: numbers, and truth as 0 or 1. Texts, lists and objects decide
// nothing here but `model_type`.
struct ModelConfig {
    std::map<std::string, double, std::less<>> numbers;
    std::string model_type;
};

// What is missing or cannot be is an error that names the key and what is expected of it. The window of sliding attention is
// taken for all layers: where every second layer looks at all before it, this counts too little.
Result<Transformer> transformer_of(const ModelConfig& config);

}  // namespace dayu::plan
