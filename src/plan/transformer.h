// The shape of a language model: layers, widths, heads and experts, and how many parameters they make. model_config.h reads it
// from a config.json.
#pragma once

namespace dayu::plan {

// A transformer as training and serving see it. Widths are in elements.
struct Transformer {
    double layers = 0;
    double sparse_layers = 0;  // of those, layers whose MLP is a mixture of experts
    double hidden = 0;
    double vocabulary = 0;
    bool ties_embeddings = false;
    bool has_position_table = false;  // learned positions, as GPT-2 and GPT-3 have them

    double heads = 0;
    double query_width = 0;      // of all heads
    double key_value_width = 0;  // of all keys and all values together
    double output_width = 0;     // of all heads' values
    double query_rank = 0;  // MLA: queries come from this many elements; 0: straight from hidden
    double key_value_rank = 0;  // MLA: keys and values come from this many; 0: straight from hidden

    // Sliding-window attention: keys that a token looks at (0: all before it), and in how many of the layers; in the others it
    // looks at all.
    double window = 0;
    double windowed_layers = 0;

    // Linear attention, as the gated delta rule of Qwen3-Next: a state of fixed size in place of keys and values. In how many of
    // the layers, the widths of all its projections together, and elements of one sequence's state in one layer.
    double linear_layers = 0;
    double linear_width = 0;
    double linear_state = 0;

    double ffn = 0;           // of a dense layer
    double ffn_matrices = 3;  // gated: gate, up and down; plain: 2
    double experts = 0;
    double experts_per_token = 0;
    double expert_ffn = 0;
    double shared_ffn = 0;  // of experts that every token visits, together
};

// Counts of parameters; `active` leaves out the experts that a token does not visit.
double parameters_of(const Transformer& model);
double active_parameters_of(const Transformer& model);

// Of one layer; of attention in the mean over its kinds.
double attention_parameters(const Transformer& model);
double dense_mlp_parameters(const Transformer& model);
double expert_parameters(const Transformer& model);  // of all its experts
double shared_parameters(
    const Transformer& model);  // of the experts that every token visits, and the router
double embedding_parameters(const Transformer& model);  // one table

}  // namespace dayu::plan
