#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "plan/launch.h"
#include "plan/launch/words.h"
#include "plan/train/shard.h"

namespace dayu::plan {
namespace {

using launch::Words;

Error refused(std::string why) { return invalid("plan_launch_impossible", std::move(why)); }

// One process a chip; torchrun's own meeting place is enough where all are on one node.
Result<void> add_torchrun(Words& words, const TrainPlan& plan, const TrainLaunch& setting) {
    const double nodes = launch::nodes_of(plan.chips(), setting.chips_per_node);
    if (std::fmod(plan.chips(), nodes) != 0)
        return refused(
            fmt::format("{} chips do not fill nodes of {}; torchrun starts as many "
                        "processes on each node",
                        plan.chips(), setting.chips_per_node));
    words.add("torchrun");
    words.add("--nproc-per-node", plan.chips() / nodes);
    if (nodes > 1) {
        words.add("--nnodes", nodes);
        words.add("--node-rank", "$DAYU_RANK");
        words.add("--master-addr", "$DAYU_MASTER_ADDR");
        words.add("--master-port", "$DAYU_MASTER_PORT");
    } else {
        words.add("--standalone");
    }
    return {};
}

std::vector<double> layers_of_stages(const Transformer& model, const TrainPlan& plan,
                                     const TrainLaunch& setting) {
    if (!setting.stage_layers.empty()) return setting.stage_layers;
    const double least = std::floor(model.layers / plan.pp);
    std::vector<double> stages(static_cast<std::size_t>(plan.pp), least);
    for (std::size_t more = 0; static_cast<double>(more) < model.layers - least * plan.pp; ++more)
        ++stages[more];
    return stages;
}

bool are_equal(const std::vector<double>& stages) {
    return std::ranges::all_of(stages, [&](double layers) { return layers == stages.front(); });
}

// "Et*11|t*10|t*9L": embedding, layers and loss, stage by stage.
std::string megatron_layout(const std::vector<double>& stages) {
    std::string layout = "E";
    for (const double layers : stages)
        layout += fmt::format("{}t*{}", layout.size() > 1 ? "|" : "", layers);
    return layout + "L";
}

std::string layer_list(const std::vector<double>& stages) {
    std::string list;
    for (const double layers : stages) list += fmt::format("{}{}", list.empty() ? "" : ",", layers);
    return list;
}

Result<void> add_pipeline(Words& words, const TrainJob& job, const TrainPlan& plan,
                          const TrainLaunch& setting) {
    if (plan.pp <= 1) return {};
    words.add("--pipeline-model-parallel-size", plan.pp);
    const std::vector<double> stages = layers_of_stages(job.model, plan, setting);
    if (!are_equal(stages)) {
        if (plan.vpp > 1)
            return refused("stages of unequal length are not interleaved; take a plan with vpp 1");
        if (setting.launcher == TrainLauncher::megatron_lm) {
            words.add("--pipeline-model-parallel-layout", megatron_layout(stages));
        } else {
            words.add("--num-layer-list", layer_list(stages));
        }
    } else if (plan.vpp > 1) {
        words.add("--num-layers-per-virtual-pipeline-stage", stages.front() / plan.vpp);
    }
    return {};
}

void add_sharding(Words& words, const TrainPlan& plan) {
    if (plan.zero >= 2) {
        words.add("--use-megatron-fsdp");
        words.add("--data-parallel-sharding-strategy",
                  plan.zero >= 3 ? "optim_grads_params" : "optim_grads");
    }
    if (plan.zero >= 1) words.add("--use-distributed-optimizer");
    if (plan.dp * plan.cp > 1) words.add("--overlap-grad-reduce");
    if (plan.zero >= 1) words.add("--overlap-param-gather");
}

void add_recomputation(Words& words, const TrainPlan& plan) {
    if (plan.recompute == Recompute::none) return;
    if (plan.recompute == Recompute::selective)
        return words.add("--recompute-granularity", "selective");
    words.add("--recompute-granularity", "full");
    words.add("--recompute-method", "uniform");
    words.add("--recompute-num-layers", 1);
}

void add_latent_attention(Words& words, const Transformer& model, TrainLauncher launcher) {
    const bool is_megatron = launcher == TrainLauncher::megatron_lm;
    const double value = model.output_width / model.heads;
    const double plain = model.key_value_width / model.heads - value;
    const double rotary = model.query_width / model.heads - plain;
    words.add(is_megatron ? "--multi-latent-attention" : "--multi-head-latent-attention");
    if (model.query_rank > 0) words.add("--q-lora-rank", model.query_rank);
    words.add("--kv-lora-rank", model.key_value_rank - rotary);
    words.add(is_megatron ? "--qk-head-dim" : "--qk-nope-head-dim", plain);
    words.add(is_megatron ? "--qk-pos-emb-head-dim" : "--qk-rope-head-dim", rotary);
    words.add("--v-head-dim", value);
}

void add_attention(Words& words, const Transformer& model, TrainLauncher launcher) {
    words.add("--num-attention-heads", model.heads);
    if (model.key_value_rank > 0) return add_latent_attention(words, model, launcher);
    const double width = model.query_width / model.heads;
    if (width * model.heads != model.hidden) words.add("--kv-channels", width);
    const double groups = model.key_value_width / 2 / width;
    if (groups == model.heads) return;
    words.add("--group-query-attention");
    words.add("--num-query-groups", groups);
}

// Dense layers come first, as in all models that have both.
void add_experts(Words& words, const TrainJob& job, const TrainPlan& plan, TrainLauncher launcher) {
    const Transformer& model = job.model;
    if (model.experts <= 0) return;
    const double dense = model.layers - model.sparse_layers;
    words.add("--num-experts", model.experts);
    words.add("--moe-router-topk", model.experts_per_token);
    words.add("--moe-ffn-hidden-size", model.expert_ffn);
    words.add("--moe-grouped-gemm");
    words.add("--moe-token-dispatcher-type", "alltoall");
    words.add_degree("--expert-model-parallel-size", plan.ep);
    const bool takes_tensor_ranks = plan.ep > plan.dp * plan.cp;
    if (launcher == TrainLauncher::megatron_lm) {
        if (takes_tensor_ranks) words.add("--expert-tensor-parallel-size", 1);
        if (model.shared_ffn > 0)
            words.add("--moe-shared-expert-intermediate-size", model.shared_ffn);
        if (dense > 0)
            words.add("--moe-layer-freq",
                      fmt::format("([0]*{}+[1]*{})", dense, model.sparse_layers));
        return;
    }
    words.add("--moe-intermediate-size", model.expert_ffn);
    if (takes_tensor_ranks) words.add("--moe-tp-extend-ep");
    if (model.shared_ffn > 0) words.add("--n-shared-experts", model.shared_ffn / model.expert_ffn);
    if (dense > 0) words.add("--first-k-dense-replace", dense);
}

void add_model(Words& words, const TrainJob& job, const TrainPlan& plan, TrainLauncher launcher) {
    const Transformer& model = job.model;
    words.add("--num-layers", model.layers);
    words.add("--hidden-size", model.hidden);
    words.add("--ffn-hidden-size", model.ffn);
    if (model.ffn_matrices > 2) words.add("--swiglu");
    if (!model.ties_embeddings) words.add("--untie-embeddings-and-output-weights");
    add_attention(words, model, launcher);
    add_experts(words, job, plan, launcher);
}

void add_batch(Words& words, const TrainJob& job, const TrainPlan& plan, double tokens) {
    words.add("--seq-length", job.sequence);
    words.add("--max-position-embeddings", job.sequence);
    words.add("--micro-batch-size", plan.micro_batch);
    words.add("--global-batch-size", job.global_batch);
    if (tokens > 0)
        words.add("--train-iters", std::ceil(tokens / (job.global_batch * job.sequence)));
    words.add("--bf16");
}

// Ascend's processors launch operators from a queue, and exchange through HCCL; allocation in growing segments wastes less.
void add_environment(Words& words, const TrainPlan& plan, TrainLauncher launcher) {
    if (plan.zero < 2) words.set("CUDA_DEVICE_MAX_CONNECTIONS", "1");
    if (launcher == TrainLauncher::megatron_lm) return;
    words.set("PYTORCH_NPU_ALLOC_CONF", "expandable_segments:True");
    words.set("TASK_QUEUE_ENABLE", "2");
    words.set("HCCL_CONNECT_TIMEOUT", "3600");
}

Result<void> add_task(Words& words, const TrainJob& job, TrainLauncher launcher) {
    const bool is_megatron = launcher == TrainLauncher::megatron_lm;
    if (job.precision == Precision::fp8) {
        if (!is_megatron) return refused("MindSpeed-LLM at 015ce048 has no 8-bit products");
        words.add("--fp8-format", "hybrid");
    }
    if (job.task == TrainTask::pretrain) return {};
    if (is_megatron)
        return job.task == TrainTask::finetune
                   ? Result<void>()
                   : refused("pretrain_gpt.py of Megatron-LM at 000c4ac2 has no LoRA");
    words.add("--finetune");
    words.add("--stage", "sft");
    words.add("--is-instruction-dataset");
    if (job.task != TrainTask::lora) return {};
    words.add("--lora-r", job.lora_rank);
    words.add("--lora-alpha", 2 * job.lora_rank);
    words.add("--lora-target-modules");
    for (const char* module : {"linear_qkv", "linear_proj"}) words.add(module);
    return {};
}

}  // namespace

Result<Launch> launch_training(const TrainJob& job, const TrainPlan& plan,
                               const TrainLaunch& setting) {
    const bool is_megatron = setting.launcher == TrainLauncher::megatron_lm;
    Launch launch;
    Words words(launch);
    add_environment(words, plan, setting.launcher);
    TRY(add_torchrun(words, plan, setting));
    words.add(is_megatron || job.task == TrainTask::pretrain ? "pretrain_gpt.py"
                                                             : "posttrain_gpt.py");
    if (!is_megatron) words.add("--use-mcore-models");
    words.add_degree("--tensor-model-parallel-size", plan.tp);
    if (plan.sequence_parallel) words.add("--sequence-parallel");
    TRY(add_pipeline(words, job, plan, setting));
    words.add_degree("--context-parallel-size", plan.cp);
    if (plan.cp > 1 && !is_megatron) words.add("--context-parallel-algo", "megatron_cp_algo");
    add_sharding(words, plan);
    add_recomputation(words, plan);
    add_model(words, job, plan, setting.launcher);
    add_batch(words, job, plan, setting.tokens);
    TRY(add_task(words, job, setting.launcher));
    words.add("$TRAIN_ARGS");
    return launch;
}

}  // namespace dayu::plan
