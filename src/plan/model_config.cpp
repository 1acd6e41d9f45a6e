#include "plan/model_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

namespace dayu::plan {
namespace {

// Families whose MLP has two matrices; all others gate.
constexpr std::array<std::string_view, 6> plain_families{"gpt2",   "gpt_neox", "bloom",
                                                         "falcon", "opt",      "nemotron"};

constexpr std::string_view sliding_layer = "sliding_attention";
constexpr std::string_view linear_layer = "linear_attention";

// Reads counts, and remembers the first that cannot be one.
class Reader {
   public:
    using Keys = std::initializer_list<std::string_view>;
    explicit Reader(const ModelConfig& config) : config_(config) {}

    // Of the first of the keys that is there: families call one thing by several names.
    double count(Keys keys, double otherwise, double least = 1) {
        for (const std::string_view key : keys) {
            const auto at = config_.numbers.find(key);
            if (at == config_.numbers.end()) continue;
            if (at->second >= least && std::floor(at->second) == at->second) return at->second;
            refuse(fmt::format("{}: {}; expected a whole number from {}", key, at->second, least));
            return otherwise;
        }
        return otherwise;
    }
    double needed(Keys keys) {
        const double value = count(keys, 0);
        if (value == 0) {
            refuse(fmt::format(
                "{} is missing; a model's config.json names it at the top level, or in text_config",
                *keys.begin()));
        }
        return value;
    }
    bool is_set(std::string_view key, bool otherwise) const {
        const auto at = config_.numbers.find(key);
        return at == config_.numbers.end() ? otherwise : at->second != 0;
    }
    void refuse(std::string why) {
        if (!wrong_) wrong_ = invalid("model_config_invalid", "config.json: " + std::move(why));
    }
    const std::optional<Error>& wrong() const { return wrong_; }

   private:
    const ModelConfig& config_;
    std::optional<Error> wrong_;
};

void set_latent_attention(Transformer& model, Reader& read, double latent, double head_width) {
    const double rope = read.count({"qk_rope_head_dim"}, 0, 0);
    const double nope = read.count({"qk_nope_head_dim"}, head_width);
    const double value = read.count({"v_head_dim"}, head_width);
    model.query_rank = read.count({"q_lora_rank"}, 0, 0);
    model.key_value_rank = latent + rope;
    model.query_width = model.heads * (nope + rope);
    model.key_value_width = model.heads * (nope + value);
    model.output_width = model.heads * value;
}

void set_attention(Transformer& model, Reader& read) {
    const double head_width = read.count({"head_dim", "kv_channels"}, model.hidden / model.heads);
    const double latent = read.count({"kv_lora_rank"}, 0, 0);
    if (latent > 0) return set_latent_attention(model, read, latent, head_width);
    const double kv_heads = read.count(
        {"num_key_value_heads", "multi_query_group_num", "num_query_groups"}, model.heads);
    if (std::fmod(model.heads, kv_heads) != 0) {
        read.refuse(fmt::format("num_key_value_heads: {}; expected a divisor of the {} heads",
                                kv_heads, model.heads));
    }
    model.query_width = model.output_width = model.heads * head_width;
    model.key_value_width = 2 * kv_heads * head_width;
}

// Layers of the window where the config.json does not list them: all but every so many of Gemma and Cohere, the last ones of
// Qwen2.
double patterned_layers(const Transformer& model, const ModelConfig& config, Reader& read) {
    const double pattern = read.count({"sliding_window_pattern", "_sliding_window_pattern"},
                                      config.model_type == "gemma2" ? 2 : 0, 0);
    if (pattern > 0) return model.layers - std::floor(model.layers / pattern);
    if (!config.model_type.starts_with("qwen2")) return model.layers;
    return std::max(0.0, model.layers - read.count({"max_window_layers"}, 0, 0));
}

void set_window(Transformer& model, const ModelConfig& config, Reader& read) {
    if (!read.is_set("use_sliding_window", true)) return;
    model.window = read.count({"sliding_window"}, 0, 0);
    if (model.window <= 0) return;
    const auto listed = static_cast<double>(config.layer_types.size());
    if (listed > 0 && listed != model.layers)
        read.refuse(fmt::format("layer_types: {} of them; expected one for each of the {} layers",
                                listed, model.layers));
    model.windowed_layers =
        listed > 0 ? static_cast<double>(std::ranges::count(config.layer_types, sliding_layer))
                   : patterned_layers(model, config, read);
}

// Projections of a layer of the gated delta rule (Qwen3-Next): queries and keys, values, their gate and the output, and two scalars
// a head.
void set_linear_attention(Transformer& model, const ModelConfig& config, Reader& read) {
    const double heads = read.count({"linear_num_value_heads"}, 0, 0);
    if (heads <= 0) return;
    const double key_width = read.count({"linear_key_head_dim"}, 128);
    const double value_width = read.count({"linear_value_head_dim"}, key_width);
    const double keys = read.count({"linear_num_key_heads"}, heads) * key_width;
    const auto listed = static_cast<double>(std::ranges::count(config.layer_types, linear_layer));
    const double interval = read.count({"full_attention_interval"}, 0, 0);
    const double patterned = interval > 0 ? model.layers - std::floor(model.layers / interval) : 0;
    model.linear_layers = config.layer_types.empty() ? patterned : listed;
    model.linear_width = 2 * keys + 3 * heads * value_width + 2 * heads;
    model.linear_state = heads * key_width * value_width;
}

void set_experts(Transformer& model, Reader& read) {
    model.experts = read.count(
        {"n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts"}, 0, 0);
    if (model.experts <= 1) {
        model.experts = 0;
        return;
    }
    model.experts_per_token =
        read.count({"num_experts_per_tok", "experts_per_token", "moe_topk"}, 1);
    if (model.experts_per_token > model.experts) {
        read.refuse(fmt::format("num_experts_per_tok: {}; expected at most the {} experts",
                                model.experts_per_token, model.experts));
    }
    model.expert_ffn = read.count({"moe_intermediate_size"}, model.ffn);
    model.shared_ffn = read.count({"shared_expert_intermediate_size"},
                                  read.count({"n_shared_experts"}, 0, 0) * model.expert_ffn, 0);
    const double dense = read.count({"first_k_dense_replace"}, 0, 0);
    if (dense > model.layers) {
        read.refuse(fmt::format("first_k_dense_replace: {}; expected at most the {} layers", dense,
                                model.layers));
    }
    // Every so many layers are sparse.
    const double step = read.count({"decoder_sparse_step", "moe_layer_freq"}, 1);
    model.sparse_layers = std::floor((model.layers - dense) / step);
}

}  // namespace

Result<Transformer> transformer_of(const ModelConfig& config) {
    Reader read(config);
    Transformer model;
    model.layers = read.needed({"num_hidden_layers", "n_layer", "num_layers"});
    model.hidden = read.needed({"hidden_size", "n_embd", "d_model"});
    model.heads = read.needed({"num_attention_heads", "n_head", "n_heads"});
    model.vocabulary = read.needed({"vocab_size", "padded_vocab_size"});
    if (read.wrong()) return *read.wrong();
    const bool is_plain =
        std::ranges::find(plain_families, config.model_type) != plain_families.end();
    model.ffn = read.count({"intermediate_size", "ffn_hidden_size", "n_inner"}, 4 * model.hidden);
    model.ffn_matrices = is_plain ? 2 : 3;
    model.has_position_table = is_plain && read.count({"n_positions"}, 0, 0) > 0;
    model.ties_embeddings = read.is_set("tie_word_embeddings", is_plain);
    set_window(model, config, read);
    set_linear_attention(model, config, read);
    set_attention(model, read);
    set_experts(model, read);
    if (read.wrong()) return *read.wrong();
    return model;
}

}  // namespace dayu::plan
