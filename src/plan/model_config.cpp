#include "plan/model_config.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include <fmt/core.h>

namespace dayu::plan {
namespace {

// Families whose MLP has two matrices; all others gate.
constexpr std::array<std::string_view, 6> plain_families{"gpt2",   "gpt_neox", "bloom",
                                                         "falcon", "opt",      "nemotron"};

class Reader {
   public:
    explicit Reader(const ModelConfig& config) : config_(config) {}

    // The first of the keys that is there: families call one thing by several names.
    double number(std::initializer_list<std::string_view> keys, double otherwise) const {
        for (const std::string_view key : keys)
            if (const auto at = config_.numbers.find(key); at != config_.numbers.end())
                return at->second;
        return otherwise;
    }

    Result<double> needed(std::initializer_list<std::string_view> keys) const {
        const double value = number(keys, 0);
        if (value > 0) return value;
        return invalid("model_config_invalid",
                       fmt::format("the model's config.json has no {} above 0", *keys.begin()));
    }

   private:
    const ModelConfig& config_;
};

void set_attention(TrainModel& model, const Reader& read) {
    const double kv_heads = read.number(
        {"num_key_value_heads", "multi_query_group_num", "num_query_groups"}, model.heads);
    const double head_width = read.number({"head_dim", "kv_channels"}, model.hidden / model.heads);
    model.query_width = model.output_width = model.heads * head_width;
    model.key_value_width = 2 * kv_heads * head_width;
    const double latent = read.number({"kv_lora_rank"}, 0);
    if (latent <= 0) return;
    const double rope = read.number({"qk_rope_head_dim"}, 0);
    const double nope = read.number({"qk_nope_head_dim"}, head_width);
    const double value = read.number({"v_head_dim"}, head_width);
    model.query_rank = read.number({"q_lora_rank"}, 0);
    model.key_value_rank = latent + rope;
    model.query_width = model.heads * (nope + rope);
    model.key_value_width = model.heads * (nope + value);
    model.output_width = model.heads * value;
}

void set_experts(TrainModel& model, const Reader& read) {
    model.experts =
        read.number({"n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts"}, 0);
    if (model.experts <= 1) {
        model.experts = 0;
        return;
    }
    model.experts_per_token =
        read.number({"num_experts_per_tok", "experts_per_token", "moe_topk"}, 1);
    model.expert_ffn = read.number({"moe_intermediate_size"}, model.ffn);
    model.shared_ffn = read.number({"shared_expert_intermediate_size"},
                                   read.number({"n_shared_experts"}, 0) * model.expert_ffn);
    model.sparse_layers = model.layers - read.number({"first_k_dense_replace"}, 0);
}

}  // namespace

Result<TrainModel> train_model_of(const ModelConfig& config) {
    const Reader read(config);
    TrainModel model;
    model.layers = TRY(read.needed({"num_hidden_layers", "n_layer", "num_layers"}));
    model.hidden = TRY(read.needed({"hidden_size", "n_embd", "d_model"}));
    model.heads = TRY(read.needed({"num_attention_heads", "n_head", "n_heads"}));
    model.vocabulary = TRY(read.needed({"vocab_size", "padded_vocab_size"}));
    const bool is_plain =
        std::ranges::find(plain_families, config.model_type) != plain_families.end();
    model.ffn = read.number({"intermediate_size", "ffn_hidden_size", "n_inner"}, 4 * model.hidden);
    model.ffn_matrices = is_plain ? 2 : 3;
    model.has_position_table = is_plain && read.number({"n_positions"}, 0) > 0;
    model.ties_embeddings = read.number({"tie_word_embeddings"}, is_plain ? 1 : 0) > 0;
    if (read.number({"use_sliding_window"}, 1) > 0)
        model.window = read.number({"sliding_window"}, 0);
    set_attention(model, read);
    set_experts(model, read);
    if (model.sparse_layers < 0 || model.experts_per_token > model.experts) {
        return invalid("model_config_invalid",
                       "the model's config.json has more dense layers than layers, or a token "
                       "visits more experts than there are");
    }
    return model;
}

}  // namespace dayu::plan
