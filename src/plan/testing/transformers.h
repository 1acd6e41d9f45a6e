// Shapes of published models, one of each kind, for tests.
#pragma once

#include "plan/transformer.h"

namespace dayu::plan::testing {

inline const Transformer llama2_70b{.layers = 80,
                                    .hidden = 8192,
                                    .vocabulary = 32000,
                                    .heads = 64,
                                    .query_width = 8192,
                                    .key_value_width = 2048,
                                    .output_width = 8192,
                                    .ffn = 28672};

inline const Transformer mixtral_8x7b{.layers = 32,
                                      .sparse_layers = 32,
                                      .hidden = 4096,
                                      .vocabulary = 32000,
                                      .heads = 32,
                                      .query_width = 4096,
                                      .key_value_width = 2048,
                                      .output_width = 4096,
                                      .experts = 8,
                                      .experts_per_token = 2,
                                      .expert_ffn = 14336};

inline const Transformer deepseek_v3{.layers = 61,
                                     .sparse_layers = 58,
                                     .hidden = 7168,
                                     .vocabulary = 129280,
                                     .heads = 128,
                                     .query_width = 128 * 192,
                                     .key_value_width = 128 * 256,
                                     .output_width = 128 * 128,
                                     .query_rank = 1536,
                                     .key_value_rank = 576,
                                     .ffn = 18432,
                                     .experts = 256,
                                     .experts_per_token = 8,
                                     .expert_ffn = 2048,
                                     .shared_ffn = 2048};

}  // namespace dayu::plan::testing
