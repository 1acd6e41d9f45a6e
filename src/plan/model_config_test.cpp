#include "plan/model_config.h"

#include <gtest/gtest.h>

namespace dayu::plan {
namespace {

ModelConfig llama3_70b() {
    return {.numbers = {{"num_hidden_layers", 80},
                        {"hidden_size", 8192},
                        {"num_attention_heads", 64},
                        {"num_key_value_heads", 8},
                        {"intermediate_size", 28672},
                        {"vocab_size", 128256}},
            .model_type = "llama"};
}

ModelConfig deepseek_v3() {
    return {.numbers = {{"num_hidden_layers", 61},
                        {"hidden_size", 7168},
                        {"num_attention_heads", 128},
                        {"num_key_value_heads", 128},
                        {"intermediate_size", 18432},
                        {"vocab_size", 129280},
                        {"kv_lora_rank", 512},
                        {"q_lora_rank", 1536},
                        {"qk_rope_head_dim", 64},
                        {"qk_nope_head_dim", 128},
                        {"v_head_dim", 128},
                        {"n_routed_experts", 256},
                        {"n_shared_experts", 1},
                        {"num_experts_per_tok", 8},
                        {"moe_intermediate_size", 2048},
                        {"first_k_dense_replace", 3},
                        {"moe_layer_freq", 1}},
            .model_type = "deepseek_v3"};
}

std::string refused(ModelConfig config, const std::string& key, double value) {
    config.numbers[key] = value;
    const auto model = transformer_of(config);
    return model.ok() ? "" : model.error().message;
}

// The counts that their authors publish.
TEST(ModelConfig, HasTheParametersOfThePublishedModel) {
    EXPECT_NEAR(parameters_of(*transformer_of(llama3_70b())) / 1e9, 70.6, 0.1);
    const Transformer deepseek = *transformer_of(deepseek_v3());
    EXPECT_EQ(deepseek.sparse_layers, 58);
    EXPECT_NEAR(parameters_of(deepseek) / 1e9, 671, 1);
    EXPECT_NEAR(active_parameters_of(deepseek) / 1e9, 37.5, 0.6);
}

// Of Qwen3.5-397B-A17B, three of four layers.
TEST(ModelConfig, TakesLinearAttentionInTheLayersThatHaveIt) {
    ModelConfig config = llama3_70b();
    config.numbers.insert({{"linear_num_value_heads", 64},
                           {"linear_num_key_heads", 16},
                           {"linear_key_head_dim", 128},
                           {"linear_value_head_dim", 128},
                           {"full_attention_interval", 4}});
    EXPECT_EQ(transformer_of(config)->linear_layers, 60);
    EXPECT_EQ(transformer_of(config)->linear_width, 28800);
    EXPECT_EQ(transformer_of(config)->linear_state, 64 * 128 * 128);
    for (int layer = 0; layer < 80; ++layer)
        config.layer_types.emplace_back(layer < 8 ? "linear_attention" : "full_attention");
    EXPECT_EQ(transformer_of(config)->linear_layers, 8);
}

// GPT-OSS and Gemma look at a window in some layers, and at all before a token in the others.
TEST(ModelConfig, TakesTheWindowInTheLayersThatHaveIt) {
    const auto windowed = [](ModelConfig config) {
        config.numbers["sliding_window"] = 128;
        return transformer_of(config)->windowed_layers;
    };
    ModelConfig config = llama3_70b();
    EXPECT_EQ(transformer_of(config)->windowed_layers, 0);
    EXPECT_EQ(windowed(config), 80);
    for (int layer = 0; layer < 80; ++layer)
        config.layer_types.push_back(layer % 4 == 3 ? "full_attention" : "sliding_attention");
    EXPECT_EQ(windowed(config), 60);
    config.layer_types.clear();
    config.numbers["sliding_window_pattern"] = 6;
    EXPECT_EQ(windowed(config), 67);
    config = llama3_70b();
    config.model_type = "gemma2";
    EXPECT_EQ(windowed(config), 40);
    config.model_type = "qwen2";
    config.numbers["max_window_layers"] = 70;
    EXPECT_EQ(windowed(config), 10);
    config.numbers["use_sliding_window"] = 0;
    EXPECT_EQ(windowed(config), 0);
}

TEST(ModelConfig, RefusesATypeForAnotherNumberOfLayers) {
    ModelConfig config = llama3_70b();
    config.layer_types = {"sliding_attention", "full_attention"};
    config.numbers["sliding_window"] = 128;
    const auto model = transformer_of(config);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().message,
              "config.json: layer_types: 2 of them; expected one for each of the 80 layers");
}

TEST(ModelConfig, RefusesWhatNoModelHas) {
    EXPECT_EQ(refused(llama3_70b(), "num_hidden_layers", 2.5),
              "config.json: num_hidden_layers: 2.5; expected a whole number from 1");
    EXPECT_EQ(refused(llama3_70b(), "num_key_value_heads", -8),
              "config.json: num_key_value_heads: -8; expected a whole number from 1");
    EXPECT_EQ(refused(llama3_70b(), "num_key_value_heads", 5),
              "config.json: num_key_value_heads: 5; expected a divisor of the 64 heads");
    EXPECT_EQ(refused(deepseek_v3(), "num_experts_per_tok", 300),
              "config.json: num_experts_per_tok: 300; expected at most the 256 experts");
    EXPECT_EQ(refused(deepseek_v3(), "first_k_dense_replace", 62),
              "config.json: first_k_dense_replace: 62; expected at most the 61 layers");
}

TEST(ModelConfig, NamesWhatIsMissing) {
    ModelConfig config = llama3_70b();
    config.numbers.erase("hidden_size");
    const auto model = transformer_of(config);
    ASSERT_FALSE(model.ok());
    EXPECT_EQ(model.error().message,
              "config.json: hidden_size is missing; a model's config.json names it at the top "
              "level, or in text_config");
}

}  // namespace
}  // namespace dayu::plan
