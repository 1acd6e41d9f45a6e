#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "plan/serve.h"

namespace dayu::plan {
namespace {

constexpr double gibi = 1073741824.0;
constexpr double usable = 0.92;               // of the memory: the driver and fragments keep some
constexpr double runtime_bytes = 3.0 * gibi;  // context, graphs, communication buffers, activations
constexpr double element_bytes = 2;           // of activations
constexpr double latent_part = 0.6;           // of the rate of products, latent attention at decode
constexpr double network_exchange_s = 55e-6;  // each exchange, for each doubling of its nodes
constexpr double state_bytes = 4;             // of an element of linear attention's state

bool is_latent(const Transformer& model) { return model.key_value_rank > 0; }

// Elements that a token leaves in the cache of one layer.
double cache_width(const Transformer& model) {
    return is_latent(model) ? model.key_value_rank : model.key_value_width;
}

// Chips of one attention group that hold a token's part each; what they cannot divide further they hold alike. Keys and
// values of a latent layer are one for all heads.
double cache_parts(const Transformer& model, const ServePlan& plan) {
    if (is_latent(model)) return 1;
    const double head_width = model.output_width / model.heads;
    const double key_value_heads = model.key_value_width / (2 * head_width);
    return std::clamp(plan.tp, 1.0, std::max(1.0, key_value_heads));
}

// Parameters of a layer's attention on one of tp chips: into the ranks of latent attention each projects by itself.
double chip_attention_parameters(const Transformer& model, double tp) {
    const double on_each =
        is_latent(model) ? model.hidden * (model.query_rank + model.key_value_rank) : 0;
    return on_each + (attention_parameters(model) - on_each) / tp;
}

// What attention to one token of the context costs in one layer: of reading it, or, as many heads share what latent attention
// reads, of the operations.
double cached_token_s(const Transformer& model, const ServePlan& plan, double bytes,
                      const ServeMachine& machine) {
    const ServeConstants& constants = machine.constants;
    const double read_s = bytes / (machine.memory_bandwidth * constants.cache);
    if (!is_latent(model)) return read_s;
    const double flops = 4 * model.heads / plan.tp * model.key_value_rank;
    return std::max(read_s, flops / (machine.rate * latent_part));
}

// From one chip, for each token of an all-reduce, forth and back; over nodes, what crosses is divided among a node's chips.
double all_reduce_s_per_token(const Fabric& fabric, double ranks, double hidden, double links) {
    const double bytes = hidden * element_bytes;
    const double inside = std::min(ranks, fabric.node.chips);
    const double nodes = std::ceil(ranks / std::max(1.0, fabric.node.chips));
    double seconds = 0;
    if (inside > 1)
        seconds +=
            2 * (inside - 1) / inside * bytes / (links * node_bandwidth(fabric.node, inside));
    if (nodes > 1)
        seconds +=
            2 * (nodes - 1) / nodes * bytes / inside / (links * network_bandwidth(fabric.network));
    return seconds;
}

double moe_parts(const ServePlan& plan) { return std::max(1.0, plan.moe_tp * plan.moe_ep); }

}  // namespace

// With the scales that go with small formats: one byte for 16 elements of fp4, two for 32 of int4.
double bytes_of(NumberFormat format) {
    switch (format) {
        case NumberFormat::bf16: return 2;
        case NumberFormat::fp8: return 1;
        case NumberFormat::fp4: return 0.5 + 1.0 / 16;
        case NumberFormat::int4: return 0.5 + 2.0 / 32;
    }
    return 2;
}

double ServeMachine::rate_of(NumberFormat format) const {
    if (format == NumberFormat::fp4 && fp4_rate > 0) return fp4_rate;
    if (format == NumberFormat::fp8 && fp8_rate > 0) return fp8_rate;
    return rate;
}

ServeMachine serve_machine_of(const Chip& chip, const ServeConstants& constants) {
    return {.rate = chip.gemm().rate,
            .fp8_rate = chip.fp8_gemm_rate(),
            .fp4_rate = chip.fp4_gemm_rate(),
            .half_rows = chip.gemm().half_rows,
            .memory_bandwidth = chip.memory_bandwidth(),
            .memory_bytes = chip.specification.memory_bytes,
            .power_w = chip.specification.power_w,
            .fabric = chip.fabric,
            .constants = constants,
            .pool_constants = constants};
}

ServeMachine ServeMachine::of_pools() const {
    ServeMachine machine = *this;
    machine.constants = pool_constants;
    return machine;
}

double ReplicaCost::Products::seconds(double rows) const {
    if (rows <= 0) return 0;
    return std::max(flops_per_row * (rows + half_rows) / rate, weight_bytes / bandwidth);
}

ReplicaCost::ReplicaCost(const Transformer& model, const ServePlan& plan,
                         const ServeMachine& machine)
    : machine_(machine), plan_(plan) {
    set_products(model);
    set_attention(model);
    set_exchanges(model);
    set_memory(model);
    launch_s_ = model.layers * machine.constants.layer_launch_s;
    prompt_launch_s_ = model.layers * machine.constants.prompt_layer_s;
}

void ReplicaCost::set_products(const Transformer& model) {
    const ServeConstants& constants = machine_.constants;
    const auto products = [&](double parameters, NumberFormat format, double bandwidth_part) {
        return Products{.flops_per_row = 2 * parameters,
                        .weight_bytes = parameters * bytes_of(format),
                        .rate = machine_.rate_of(format) * constants.products,
                        .bandwidth = machine_.memory_bandwidth * bandwidth_part,
                        .half_rows = machine_.half_rows};
    };
    const double dense_layers = model.layers - model.sparse_layers;
    const double mlps =
        dense_layers * dense_mlp_parameters(model) + model.sparse_layers * shared_parameters(model);
    const double dense =
        model.layers * chip_attention_parameters(model, plan_.tp) + mlps / plan_.tp;
    dense_ = products(dense, plan_.products, constants.weights);
    head_ = products(embedding_parameters(model) / plan_.tp, NumberFormat::bf16, constants.weights);
    if (model.experts <= 0) return;
    experts_per_token_ = model.experts_per_token;
    expert_count_ = model.experts;
    const double experts = model.sparse_layers * expert_parameters(model) / moe_parts(plan_);
    experts_ = products(experts, plan_.experts, constants.experts);
}

void ReplicaCost::set_attention(const Transformer& model) {
    const double windowed = model.window > 0 ? model.windowed_layers : 0;
    const double whole = model.layers - model.linear_layers - windowed;
    window_ = windowed > 0 ? model.window : 0;
    // Attention groups weigh the pairs of their own prompts, side by side.
    const double score_s = 2 * (model.query_width + model.output_width) /
                           (plan_.tp * plan_.attention_dp) /
                           (machine_.rate * machine_.constants.attention);
    score_s_per_pair_ = whole * score_s;
    windowed_s_per_pair_ = windowed * score_s;

    const double bytes = cache_width(model) * bytes_of(plan_.cache) / cache_parts(model, plan_);
    const double cache_s = cached_token_s(model, plan_, bytes, machine_) / plan_.attention_dp;
    cache_s_per_token_ = whole * cache_s;
    windowed_s_per_token_ = windowed * cache_s;
    // Read and written.
    state_s_per_sequence_ = 2 * model.linear_layers * model.linear_state * state_bytes / plan_.tp /
                            (machine_.memory_bandwidth * machine_.constants.cache) /
                            plan_.attention_dp;
}

void ReplicaCost::set_exchanges(const Transformer& model) {
    const double ranks = std::max(plan_.tp, model.experts > 0 ? moe_parts(plan_) : 1.0);
    if (ranks <= 1) return;
    const ServeConstants& constants = machine_.constants;
    const double exchanges = 2 * model.layers;  // all-reduces of an iteration
    const double chips = std::max(1.0, machine_.fabric.node.chips);
    const double inside = std::min(ranks, chips);
    exchange_latency_s_ = exchanges * (constants.exchange_s * std::log2(inside) +
                                       network_exchange_s * std::log2(std::ceil(ranks / chips)));
    exchange_s_per_token_ =
        exchanges * all_reduce_s_per_token(machine_.fabric, ranks, model.hidden, constants.links);
}

void ReplicaCost::set_memory(const Transformer& model) {
    const double keeping = model.layers - model.linear_layers;
    const double bytes = cache_width(model) * bytes_of(plan_.cache);
    const double parts = cache_parts(model, plan_);
    cache_bytes_per_token_and_chip_ = keeping * bytes / parts / plan_.pp;
    cache_bytes_per_token_ = keeping * bytes * plan_.tp / parts;
    transfer_bytes_per_token_ = keeping * bytes;
    const double tables = (model.ties_embeddings ? 1 : 2) * head_.weight_bytes;
    weight_bytes_ = (dense_.weight_bytes + experts_.weight_bytes + tables) / plan_.pp;
    free_bytes_ = usable * machine_.memory_bytes - runtime_bytes - weight_bytes_;
}

// All wait for the chip whose experts have most visitors: of `part` of the experts in the mean, the largest of as many binomial
// draws as there are chips, about 0.45 standard deviations above it for each doubling of the chips (up to 64).
double ReplicaCost::busiest(double part) const {
    const double held = expert_count_ / plan_.moe_ep;
    const double spread = std::sqrt(part * (1 - part) / held);
    return std::min(1.0, part + 0.45 * std::log2(plan_.moe_ep) * spread);
}

// Experts that nobody visits are not read.
double ReplicaCost::experts_s(double tokens) const {
    if (expert_count_ <= 0 || tokens <= 0) return 0;
    const double visited = busiest(1 - std::pow(1 - experts_per_token_ / expert_count_, tokens));
    const double rows = tokens * experts_per_token_ / expert_count_;  // of an expert, in the mean
    return std::max(experts_.flops_per_row * (rows + experts_.half_rows * visited) / experts_.rate,
                    visited * experts_.weight_bytes / experts_.bandwidth);
}

double ReplicaCost::exchange_s(double tokens) const {
    return exchange_latency_s_ + exchange_s_per_token_ * tokens;
}

double ReplicaCost::iteration_s(const Iteration& iteration) const {
    const double tokens = iteration.decoding + iteration.prefill_tokens;
    const double rows = tokens / plan_.attention_dp;
    const double answers =
        iteration.decoding / plan_.attention_dp + (iteration.prefill_tokens > 0 ? 1 : 0);
    double seconds = launch_s_ + machine_.constants.sequence_s * iteration.decoding;
    seconds += dense_.seconds(rows) + head_.seconds(answers) + experts_s(tokens);
    seconds += exchange_s(rows);
    seconds += cache_s_per_token_ * iteration.decode_context;
    seconds += state_s_per_sequence_ * iteration.decoding;
    seconds += score_s_per_pair_ * iteration.prefill_pairs;
    if (window_ > 0) {
        seconds += windowed_s_per_token_ *
                   std::min(iteration.decode_context, window_ * iteration.decoding);
        seconds += windowed_s_per_pair_ *
                   std::min(iteration.prefill_pairs, window_ * iteration.prefill_tokens);
    }
    // The host starts the kernels of a prompt one by one; it is not faster than that.
    if (iteration.prefill_tokens > 0) seconds = std::max(seconds, prompt_launch_s_);
    return seconds;
}

double ReplicaCost::prefill_s(double tokens) const {
    return iteration_s({.prefill_tokens = tokens, .prefill_pairs = tokens * tokens / 2});
}

double ReplicaCost::decode_s(double sequences, double mean_context) const {
    return iteration_s({.decoding = sequences, .decode_context = sequences * mean_context});
}

double ReplicaCost::cache_tokens() const {
    if (free_bytes_ <= 0) return 0;
    return free_bytes_ / cache_bytes_per_token_and_chip_ * plan_.attention_dp;
}

std::string memory_obstacle(const ReplicaCost& replica, double tokens_of_a_request) {
    const ServePlan& plan = replica.plan();
    if (replica.free_bytes() <= 0) {
        const double room = replica.free_bytes() + replica.weight_bytes();
        return fmt::format(
            "memory: weights of {:.1f} GiB a chip leave no room on {:.0f} GiB; from {:.0f} chips a "
            "replica on, or with weights in fewer bits, they do",
            replica.weight_bytes() / gibi, replica.machine().memory_bytes / gibi,
            std::ceil(plan.chips() * replica.weight_bytes() / std::max(room, 0.1 * gibi)) + 1);
    }
    if (replica.cache_tokens() / plan.attention_dp < tokens_of_a_request) {
        return fmt::format(
            "memory: beside the weights {:.0f} tokens fit, and one request has {:.0f}; more chips "
            "a "
            "replica, or keys and values in 8 bits, would hold it",
            replica.cache_tokens() / plan.attention_dp, tokens_of_a_request);
    }
    return {};
}

}  // namespace dayu::plan
