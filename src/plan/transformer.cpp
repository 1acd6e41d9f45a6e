#include "plan/transformer.h"

#include <algorithm>

namespace dayu::plan {

double attention_parameters(const Transformer& model) {
    const double norms = 2 * model.hidden;
    const double queries = model.query_rank > 0
                               ? model.query_rank * (model.hidden + model.query_width)
                               : model.hidden * model.query_width;
    const double keys_values = model.key_value_rank > 0
                                   ? model.key_value_rank * (model.hidden + model.key_value_width)
                                   : model.hidden * model.key_value_width;
    const double whole = queries + keys_values + model.output_width * model.hidden;
    if (model.linear_layers <= 0) return whole + norms;
    const double linear = model.linear_layers / std::max(1.0, model.layers);
    return (1 - linear) * whole + linear * model.hidden * model.linear_width + norms;
}

double dense_mlp_parameters(const Transformer& model) {
    return model.ffn_matrices * model.hidden * model.ffn;
}

double expert_parameters(const Transformer& model) {
    return model.experts * model.ffn_matrices * model.hidden * model.expert_ffn;
}

double shared_parameters(const Transformer& model) {
    return model.ffn_matrices * model.hidden * model.shared_ffn + model.hidden * model.experts;
}

double embedding_parameters(const Transformer& model) { return model.vocabulary * model.hidden; }

double parameters_of(const Transformer& model) {
    const double dense = model.layers - model.sparse_layers;
    return model.layers * attention_parameters(model) + dense * dense_mlp_parameters(model) +
           model.sparse_layers * (expert_parameters(model) + shared_parameters(model)) +
           (model.ties_embeddings ? 1 : 2) * embedding_parameters(model);
}

double active_parameters_of(const Transformer& model) {
    if (model.experts <= 0) return parameters_of(model);
    const double idle = 1 - model.experts_per_token / model.experts;
    return parameters_of(model) - idle * model.sparse_layers * expert_parameters(model);
}

}  // namespace dayu::plan
