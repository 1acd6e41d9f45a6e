#include "plan/train/shard.h"

namespace dayu::plan {
namespace train {

double adapter_parameters(const TrainJob& job, const TrainPlan& plan) {
    const Transformer& model = job.model;
    const double widths = 2 * model.hidden + model.query_width + model.key_value_width;
    return stage_layers(model, plan) * job.lora_rank * widths / plan.tp;
}

Share layer_share(const TrainJob& job, const TrainPlan& plan) {
    const Transformer& model = job.model;
    const double layers = stage_layers(model, plan);
    if (model.sparse_layers <= 0) {
        const double each = attention_parameters(model) + dense_mlp_parameters(model);
        return {.dense = layers * each / plan.tp, .experts = 0};
    }
    const double sparse = layers * model.sparse_layers / model.layers;
    const double dense = layers - sparse;
    const double everywhere = layers * attention_parameters(model) +
                              dense * dense_mlp_parameters(model) +
                              sparse * shared_parameters(model);
    return {.dense = everywhere / plan.tp,
            .experts = sparse * expert_parameters(model) / expert_shards(plan)};
}

// The first stage has one table and the last another, or the same one once more; one stage alone has each once.
Share embedding_share(const TrainJob& job, const TrainPlan& plan) {
    const double table = embedding_parameters(job.model);
    const double positions = job.model.has_position_table ? job.sequence * job.model.hidden : 0;
    const double tables = plan.pp > 1 || job.model.ties_embeddings ? 1 : 2;
    return {.dense = tables * table / plan.tp + positions, .experts = 0};
}

}  // namespace train

double model_flops(const TrainJob& job, bool counts_all_scores) {
    const Transformer& model = job.model;
    const double tokens = job.global_batch * job.sequence;
    // Looking up an embedding is no product; the output layer is one.
    const double products =
        active_parameters_of(model) - (model.ties_embeddings ? 0 : 1) * embedding_parameters(model);
    const double scores = model.layers * job.sequence * (model.query_width + model.output_width) *
                          (counts_all_scores ? 1 : 0.5);
    return 6 * tokens * (products + scores);
}

}  // namespace dayu::plan
