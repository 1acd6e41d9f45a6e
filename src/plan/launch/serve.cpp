#include <fmt/core.h>

#include "plan/launch.h"
#include "plan/launch/words.h"

namespace dayu::plan {
namespace {

using launch::Words;

bool is_eight_bit(NumberFormat format) { return format == NumberFormat::fp8; }

// Weights in four bits are so in the checkpoint, which says how; of eight bits the engine makes them itself.
void add_formats(Words& words, const ServePlan& plan, std::string_view cache) {
    if (is_eight_bit(plan.products)) words.add("--quantization", "fp8");
    if (is_eight_bit(plan.cache)) words.add("--kv-cache-dtype", std::string(cache));
}

Launch vllm(const ServePlan& plan, const ServeLaunch& setting) {
    Launch launch;
    Words words(launch);
    words.add("vllm");
    words.add("serve", "$MODEL");
    words.add_degree("--tensor-parallel-size", plan.tp);
    words.add_degree("--pipeline-parallel-size", plan.pp);
    words.add_degree("--data-parallel-size", plan.attention_dp);
    if (plan.moe_ep > 1) words.add("--enable-expert-parallel");
    add_formats(words, plan, "fp8");
    if (setting.token_budget > 0) words.add("--max-num-batched-tokens", setting.token_budget);
    if (setting.most_sequences > 0) words.add("--max-num-seqs", setting.most_sequences);
    // Where one replica spans nodes, vLLM's workers meet through Ray.
    if (launch::nodes_of(plan.chips(), setting.chips_per_node) > 1)
        words.add("--distributed-executor-backend", "ray");
    words.add("$SERVE_ARGS");
    return launch;
}

Launch sglang(const ServePlan& plan, const ServeLaunch& setting) {
    Launch launch;
    Words words(launch);
    words.add("python3");
    words.add("-m", "sglang.launch_server");
    words.add("--model-path", "$MODEL");
    // Of SGLang, attention's replicas are a part of the tensor ranks.
    words.add_degree("--tp-size", plan.tp * plan.attention_dp);
    words.add_degree("--pp-size", plan.pp);
    if (plan.attention_dp > 1) {
        words.add("--dp-size", plan.attention_dp);
        words.add("--enable-dp-attention");
    }
    words.add_degree("--ep-size", plan.moe_ep);
    add_formats(words, plan, "fp8_e4m3");
    if (setting.token_budget > 0) words.add("--chunked-prefill-size", setting.token_budget);
    if (setting.most_sequences > 0) words.add("--max-running-requests", setting.most_sequences);
    if (const double nodes = launch::nodes_of(plan.chips(), setting.chips_per_node); nodes > 1) {
        words.add("--nnodes", nodes);
        words.add("--node-rank", "$DAYU_RANK");
        words.add("--dist-init-addr", "$DAYU_MASTER_ADDR:$DAYU_MASTER_PORT");
    }
    words.add("$SERVE_ARGS");
    return launch;
}

// MindIE takes no flags: the plan goes into its config.json, over the one that is installed with it.
Result<Launch> mindie(const ServePlan& plan, const ServeLaunch& setting) {
    if (plan.pp > 1)
        return invalid("plan_launch_impossible", "MindIE's config.json has no pipeline stages");
    const double nodes = launch::nodes_of(plan.chips(), setting.chips_per_node);
    Launch launch;
    Words words(launch);
    words.set("MIES_CONFIG_JSON_PATH", "$SERVE_CONFIG");
    if (nodes > 1) words.set("RANKTABLEFILE", "$RANK_TABLE");
    words.add("mindieservice_daemon");
    launch.configuration = fmt::format(
        R"({{"BackendConfig":{{"multiNodesInferEnabled":{},"ModelDeployConfig":{{"ModelConfig":[)"
        R"({{"worldSize":{},"tp":{},"dp":{},"moe_tp":{},"moe_ep":{}}}]}}}}}})",
        nodes > 1, plan.chips() / nodes, plan.tp, plan.attention_dp, plan.moe_tp, plan.moe_ep);
    return launch;
}

}  // namespace

Result<Launch> launch_serving(const ServePlan& plan, const ServeLaunch& setting) {
    switch (setting.launcher) {
        case ServeLauncher::vllm: return vllm(plan, setting);
        case ServeLauncher::sglang: return sglang(plan, setting);
        case ServeLauncher::mindie: break;
    }
    return mindie(plan, setting);
}

}  // namespace dayu::plan
