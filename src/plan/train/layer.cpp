#include "plan/train/layer.h"

#include <algorithm>
#include <cmath>

#include "plan/collectives.h"

namespace dayu::plan::train {
namespace {

constexpr double element_bytes = 2;
constexpr double backward_products = 2;  // gradients of inputs and of weights
constexpr double flash_backward = 2.5;   // scores are computed once more
constexpr double score_bytes =
    14;  // a score that goes to memory: product, mask and softmax, dropout, product
constexpr double expert_launches = 1;         // kernels of one expert, over those of a dense layer
constexpr double lora_backward_products = 1;  // the base's weights want no gradients

// One pass over the layer, in seconds on the chip.
struct Pass {
    double products = 0;
    double attention = 0;
    double elementwise = 0;
    double exchange = 0;

    double chip_s() const { return products + attention + elementwise + exchange; }
};

// Both run side by side; at equal lengths neither hides the other wholly.
double slower_of(double chip_s, double host_s) {
    const double chip = chip_s * chip_s, host = host_s * host_s;
    return std::sqrt(std::sqrt(chip * chip + host * host));
}

struct Shape {
    double tokens;  // of this rank
    double keys;  // that a token looks at in the mean of layers, if attention skips what is masked
    double scores;  // that are computed for a token if it does not
};

Shape shape_of(const TrainJob& job, const TrainPlan& plan) {
    const double s = job.sequence;
    const double tokens = plan.micro_batch * s / plan.cp;
    if (job.model.window <= 0) return {.tokens = tokens, .keys = s / 2, .scores = s};
    const double window = std::min(job.model.window, s);
    const double windowed = job.model.windowed_layers / job.model.layers;
    return {.tokens = tokens,
            .keys = windowed * (window - window * window / (2 * s)) + (1 - windowed) * s / 2,
            .scores = s};
}

GemmCurve products_of(const TrainJob& job, const Machine& machine) {
    GemmCurve curve = machine.gemm;
    if (job.precision == Precision::fp8) curve.rate *= machine.fp8_speedup;
    return curve;
}

double attention_products_s(const GemmCurve& gemm, const Transformer& model, double tokens,
                            double tp) {
    const double h = model.hidden;
    double time_s = gemm_s(gemm, tokens, h, model.output_width / tp);
    if (model.query_rank > 0) {
        time_s += gemm_s(gemm, tokens, model.query_rank, h) +
                  gemm_s(gemm, tokens, model.query_width / tp, model.query_rank);
    }
    if (model.key_value_rank > 0) {
        time_s += gemm_s(gemm, tokens, model.key_value_rank, h) +
                  gemm_s(gemm, tokens, model.key_value_width / tp, model.key_value_rank);
    }
    const double straight = (model.query_rank > 0 ? 0 : model.query_width) +
                            (model.key_value_rank > 0 ? 0 : model.key_value_width);
    if (straight > 0) time_s += gemm_s(gemm, tokens, straight / tp, h);
    return time_s;
}

double mlp_products_s(const GemmCurve& gemm, const Transformer& model, double tokens, double ffn) {
    if (ffn <= 0) return 0;
    return gemm_s(gemm, tokens, (model.ffn_matrices - 1) * ffn, model.hidden) +
           gemm_s(gemm, tokens, model.hidden, ffn);
}

// All experts of a rank, which see `experts_per_token` copies of each token, evenly spread.
double expert_products_s(const GemmCurve& gemm, const Transformer& model, const TrainPlan& plan,
                         double tokens) {
    const double here = model.experts / plan.ep;
    const double copies = tokens * model.experts_per_token;
    return here * mlp_products_s(gemm, model, copies / here, model.expert_ffn / plan.tp);
}

double scores_s(const Transformer& model, const TrainPlan& plan, const Machine& machine,
                const Shape& shape) {
    const double width = (model.query_width + model.output_width) / plan.tp;
    const double rate = machine.gemm.rate * machine.constants.attention;
    if (machine.traits.fuses_attention) return 2 * shape.tokens * shape.keys * width / rate;
    const double scores = shape.tokens * shape.scores;
    return 2 * scores * width / rate +
           model.heads / plan.tp * scores * score_bytes / machine.memory_bandwidth;
}

// Bytes that norms, activations and residuals move: each activation (arXiv 2205.05198) is written once and read once.
double elementwise_s(const Transformer& model, const TrainPlan& plan, const Machine& machine,
                     double tokens, double ffn) {
    const double split = plan.sequence_parallel ? plan.tp : 1;
    const double widths = 2 * (model.query_width + model.key_value_width + model.output_width) +
                          2 * model.ffn_matrices * ffn;
    const double bytes = 2 * tokens * (10 * model.hidden / split + widths / plan.tp);
    return bytes * machine.constants.memory / machine.memory_bandwidth;
}

// Each copy of a token is sorted by its expert, and back: read and written twice each way.
double dispatch_s(const Transformer& model, const Machine& machine, double tokens) {
    const double copies = tokens * model.experts_per_token * model.hidden * element_bytes;
    return 8 * copies * machine.constants.memory / machine.memory_bandwidth;
}

// Attention and MLP sum over the tensor ranks. Where these divide each expert, every copy of a token travels.
double tensor_exchange_s(const Transformer& model, const TrainPlan& plan, const Machine& machine,
                         double tokens, bool is_sparse) {
    if (plan.tp <= 1) return 0;
    const Group group = group_of(machine.fabric, plan.tp, 1);
    const double bytes = element_bytes * tokens * model.hidden;
    const double attention_s = all_reduce_s(machine.fabric, group, bytes);
    const bool divides_experts = is_sparse && plan.ep <= plan.dp * plan.cp;
    if (!divides_experts) return 2 * attention_s;
    return attention_s + all_reduce_s(machine.fabric, group, model.experts_per_token * bytes);
}

// Keys and values go round the ring; what is longer than the attention that they feed shows.
double context_exchange_s(const Transformer& model, const TrainPlan& plan, const Machine& machine,
                          double tokens, double attention_s) {
    if (plan.cp <= 1) return 0;
    const double bytes = element_bytes * tokens * model.key_value_width / plan.tp;
    const bool leaves_node = plan.tp * plan.cp > machine.fabric.node.chips;
    const double hop_s = leaves_node ? send_between_nodes_s(machine.fabric, bytes)
                                     : send_in_node_s(machine.fabric, bytes);
    return std::max(0.0, (plan.cp - 1) * hop_s - attention_s);
}

double expert_exchange_s(const Transformer& model, const TrainPlan& plan, const Machine& machine,
                         double tokens) {
    if (plan.ep <= 1) return 0;
    const Group group = group_of(machine.fabric, plan.ep, plan.tp);
    const double bytes = element_bytes * tokens / plan.tp * model.experts_per_token * model.hidden;
    return 2 * all_to_all_s(machine.fabric, group, bytes);
}

Pass forward_pass(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                  bool is_sparse) {
    const Transformer& model = job.model;
    const Shape shape = shape_of(job, plan);
    const GemmCurve gemm = products_of(job, machine);
    const double ffn =
        is_sparse ? model.experts_per_token * model.expert_ffn + model.shared_ffn : model.ffn;
    Pass pass;
    pass.products = attention_products_s(gemm, model, shape.tokens, plan.tp);
    if (is_sparse) {
        pass.products += expert_products_s(gemm, model, plan, shape.tokens) +
                         mlp_products_s(gemm, model, shape.tokens, model.shared_ffn / plan.tp);
    } else {
        pass.products += mlp_products_s(gemm, model, shape.tokens, model.ffn / plan.tp);
    }
    pass.attention = scores_s(model, plan, machine, shape);
    pass.elementwise = elementwise_s(model, plan, machine, shape.tokens, ffn);
    if (is_sparse) pass.elementwise += dispatch_s(model, machine, shape.tokens);
    pass.exchange = tensor_exchange_s(model, plan, machine, shape.tokens, is_sparse) +
                    context_exchange_s(model, plan, machine, shape.tokens, pass.attention);
    if (is_sparse) pass.exchange += expert_exchange_s(model, plan, machine, shape.tokens);
    return pass;
}

Pass backward_pass(const TrainJob& job, const Machine& machine, const Pass& forward) {
    Pass pass = forward;
    pass.products *= job.task == TrainTask::lora ? lora_backward_products : backward_products;
    pass.attention *= machine.traits.fuses_attention ? flash_backward : backward_products;
    pass.elementwise *= backward_products;
    return pass;
}

LayerTime time_of(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                  bool is_sparse) {
    const Pass forward = forward_pass(job, plan, machine, is_sparse);
    const Pass backward = backward_pass(job, machine, forward);
    const double exchanges = (plan.tp > 1 ? 2 : 0) + (is_sparse && plan.ep > 1 ? 2 : 0);
    const double experts = is_sparse ? job.model.experts / plan.ep : 0;
    const double host_s = machine.constants.layer_launch_s * (1 + experts * expert_launches) +
                          exchanges * machine.constants.collective_launch_s;
    LayerTime time;
    time.forward_s = slower_of(forward.chip_s(), host_s);
    time.backward_s = slower_of(backward.chip_s(), host_s);
    time.exchange_s = forward.exchange + backward.exchange;
    if (plan.recompute == Recompute::full) {
        time.backward_s += time.forward_s;
        time.exchange_s += forward.exchange;
    } else if (plan.recompute == Recompute::selective && !machine.traits.fuses_attention) {
        time.backward_s += forward.attention;
    }
    return time;
}

}  // namespace

LayerTime layer_time(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                     const LayerFactors& factors) {
    const double sparse = job.model.sparse_layers / job.model.layers;
    const LayerTime experts = sparse > 0 ? time_of(job, plan, machine, true) : LayerTime{};
    const LayerTime dense = sparse < 1 ? time_of(job, plan, machine, false) : LayerTime{};
    const auto mean = [&](double of_dense, double of_sparse) {
        return factors.layer * ((1 - sparse) * of_dense + sparse * of_sparse);
    };
    return {.forward_s = mean(dense.forward_s, experts.forward_s),
            .backward_s = mean(dense.backward_s, experts.backward_s),
            .exchange_s = mean(dense.exchange_s, experts.exchange_s)};
}

double logits_s(const TrainJob& job, const TrainPlan& plan, const Machine& machine,
                const LayerFactors& factors) {
    const double tokens = plan.micro_batch * job.sequence / plan.cp;
    const double columns = job.model.vocabulary / plan.tp;
    const double products = gemm_s(machine.gemm, tokens, columns, job.model.hidden);
    const double passes =
        1 + (job.task == TrainTask::lora ? lora_backward_products : backward_products);
    // The loss in 32 bits: written, read for its maximum, its sum and its gradient.
    constexpr double loss_bytes = 4 * 4;
    const double loss_s =
        tokens * columns * loss_bytes * machine.constants.memory / machine.memory_bandwidth;
    return factors.head * (passes * products + loss_s);
}

}  // namespace dayu::plan::train
