#include "plan/launch.h"

#include <gtest/gtest.h>

#include "plan/testing/shipped.h"
#include "plan/testing/transformers.h"

namespace dayu::plan {
namespace {

using testing::deepseek_v3;
using testing::llama2_70b;

std::string line_of(const Transformer& model, const TrainPlan& plan, const TrainLaunch& setting,
                    TrainTask task = TrainTask::pretrain) {
    const TrainJob job{.model = model, .sequence = 4096, .global_batch = 1024, .task = task};
    const auto launch = launch_training(job, plan, setting);
    return launch ? shell_line(*launch) : launch.error().message;
}

bool has(const std::string& line, std::string_view words) {
    return (" " + line + " ").find(" " + std::string(words) + " ") != std::string::npos;
}

TEST(LaunchTraining, OfADensePlanOnManyNodesIsAWholeLine) {
    const TrainPlan plan{
        .tp = 2, .pp = 8, .vpp = 2, .cp = 2, .dp = 4, .zero = 1, .sequence_parallel = true};
    EXPECT_EQ(line_of(llama2_70b, plan, {.tokens = 1e12}),
              "CUDA_DEVICE_MAX_CONNECTIONS=1 torchrun --nproc-per-node 8 --nnodes 16 --node-rank "
              "$DAYU_RANK --master-addr $DAYU_MASTER_ADDR --master-port $DAYU_MASTER_PORT "
              "pretrain_gpt.py --tensor-model-parallel-size 2 --sequence-parallel "
              "--pipeline-model-parallel-size 8 --num-layers-per-virtual-pipeline-stage 5 "
              "--context-parallel-size 2 --use-distributed-optimizer --overlap-grad-reduce "
              "--overlap-param-gather --num-layers 80 --hidden-size 8192 --ffn-hidden-size 28672 "
              "--swiglu --untie-embeddings-and-output-weights --num-attention-heads 64 "
              "--group-query-attention --num-query-groups 8 --seq-length 4096 "
              "--max-position-embeddings 4096 --micro-batch-size 1 --global-batch-size 1024 "
              "--train-iters 238419 --bf16 $TRAIN_ARGS");
}

TEST(LaunchTraining, OnOneNodeNeedsNoMeetingPlace) {
    const std::string line =
        line_of(llama2_70b, {.tp = 8, .recompute = Recompute::full}, {.tokens = 1e9});
    EXPECT_TRUE(has(line, "torchrun --nproc-per-node 8 --standalone pretrain_gpt.py"));
    EXPECT_TRUE(has(line,
                    "--recompute-granularity full --recompute-method uniform "
                    "--recompute-num-layers 1"));
    EXPECT_FALSE(has(line, "--use-distributed-optimizer"));
}

TEST(LaunchTraining, OfExpertsAndLatentAttentionSpeaksEachFrameworksWords) {
    const TrainPlan plan{.tp = 4, .ep = 8, .dp = 32, .zero = 1};
    const std::string megatron = line_of(deepseek_v3, plan, {});
    EXPECT_TRUE(has(megatron,
                    "--multi-latent-attention --q-lora-rank 1536 --kv-lora-rank 512 "
                    "--qk-head-dim 128 --qk-pos-emb-head-dim 64 --v-head-dim 128"));
    EXPECT_TRUE(has(megatron, "--moe-layer-freq '([0]*3+[1]*58)'"));
    EXPECT_TRUE(has(megatron, "--expert-model-parallel-size 8"));
    const std::string mindspeed =
        line_of(deepseek_v3, plan, {.launcher = TrainLauncher::mindspeed_llm});
    EXPECT_TRUE(has(mindspeed, "--qk-nope-head-dim 128 --qk-rope-head-dim 64"));
    EXPECT_TRUE(has(mindspeed, "--n-shared-experts 1 --first-k-dense-replace 3"));
    EXPECT_TRUE(has(mindspeed, "--use-mcore-models"));
}

TEST(LaunchTraining, OfUnequalStagesListsTheirLayers) {
    const TrainPlan plan{.tp = 8, .pp = 3};
    Transformer model = llama2_70b;
    EXPECT_TRUE(
        has(line_of(model, plan, {}), "--pipeline-model-parallel-layout 'Et*27|t*27|t*26L'"));
    EXPECT_TRUE(
        has(line_of(model, plan,
                    {.launcher = TrainLauncher::mindspeed_llm, .stage_layers = {40, 25, 15}}),
            "--num-layer-list 40,25,15"));
    EXPECT_NE(line_of(model, {.tp = 8, .pp = 3, .vpp = 2}, {}).find("not interleaved"),
              std::string::npos);
}

TEST(LaunchTraining, SaysWhatAFrameworkCannotDo) {
    EXPECT_NE(line_of(llama2_70b, {.tp = 8}, {}, TrainTask::lora).find("no LoRA"),
              std::string::npos);
    const std::string lora =
        line_of(llama2_70b, {.tp = 8}, {.launcher = TrainLauncher::mindspeed_llm}, TrainTask::lora);
    EXPECT_TRUE(has(lora, "posttrain_gpt.py"));
    EXPECT_TRUE(has(lora, "--lora-r 16 --lora-alpha 32"));
}

TEST(LaunchServing, SpeaksEachEnginesWords) {
    const ServePlan plan{.tp = 2,
                         .attention_dp = 4,
                         .moe_ep = 8,
                         .products = NumberFormat::fp8,
                         .cache = NumberFormat::fp8};
    const auto line = [&](ServeLauncher launcher) {
        return shell_line(*launch_serving(plan, {.launcher = launcher, .token_budget = 8192}));
    };
    EXPECT_EQ(line(ServeLauncher::vllm),
              "vllm serve $MODEL --tensor-parallel-size 2 --data-parallel-size 4 "
              "--enable-expert-parallel --quantization fp8 --kv-cache-dtype fp8 "
              "--max-num-batched-tokens 8192 $SERVE_ARGS");
    EXPECT_EQ(line(ServeLauncher::sglang),
              "python3 -m sglang.launch_server --model-path $MODEL --tp-size 8 --dp-size 4 "
              "--enable-dp-attention --ep-size 8 --quantization fp8 --kv-cache-dtype fp8_e4m3 "
              "--chunked-prefill-size 8192 $SERVE_ARGS");
    const auto mindie = launch_serving(plan, {.launcher = ServeLauncher::mindie});
    EXPECT_EQ(shell_line(*mindie), "MIES_CONFIG_JSON_PATH=$SERVE_CONFIG mindieservice_daemon");
    EXPECT_NE(mindie->configuration.find(R"("worldSize":8,"tp":2,"dp":4,"moe_tp":1,"moe_ep":8)"),
              std::string::npos);
}

TEST(Replicas, LieOnAsFewEqualNodesAsCanBe) {
    const ReplicaLayout nine = *layout_of(9, 2, 8);
    EXPECT_EQ(nine.nodes, 3) << "three on each: with four on two of them the last would have one";
    EXPECT_EQ(nine.chips_per_node, 6);
    EXPECT_EQ(nine.replicas, 9);
    EXPECT_EQ(layout_of(7, 1, 8)->nodes, 1);
    EXPECT_EQ(layout_of(11, 1, 8)->nodes, 2);
    EXPECT_EQ(layout_of(11, 1, 8)->replicas, 12) << "one more than were wanted";
    const ReplicaLayout wide = *layout_of(3, 16, 8);
    EXPECT_EQ(wide.nodes, 6);
    EXPECT_EQ(wide.nodes_per_replica, 2);
    EXPECT_EQ(wide.chips_per_node, 8);
    EXPECT_FALSE(layout_of(1, 12, 8)) << "a node and a half";
}

TEST(Replicas, AreStartedByOneLineOnEachNode) {
    const auto line = [](const ServePlan& plan, ServeLauncher launcher, std::int64_t replicas) {
        const ReplicaLayout layout =
            *layout_of(replicas, static_cast<std::int64_t>(plan.chips()), 8);
        const auto made =
            launch_replicas(plan, {.launcher = launcher}, layout, "CUDA_VISIBLE_DEVICES");
        return made ? *made : made.error().code;
    };
    EXPECT_EQ(line({.tp = 8}, ServeLauncher::vllm, 3),
              "export DAYU_REPLICA=$DAYU_RANK; export SERVE_PORT=${SERVE_PORT:-8000}; vllm serve "
              "$MODEL --tensor-parallel-size 8 --port $SERVE_PORT $SERVE_ARGS");
    EXPECT_EQ(line({.tp = 2}, ServeLauncher::vllm, 4),
              "for n in $(seq 0 3); do ( export DAYU_REPLICA=$((DAYU_RANK * 4 + n)); export "
              "SERVE_PORT=$((${SERVE_PORT:-8000} + n)); export CUDA_VISIBLE_DEVICES=$(echo "
              "\"${CUDA_VISIBLE_DEVICES:-0,1,2,3,4,5,6,7}\" | cut -d, -f $((n * 2 + 1))-$((n * 2 + "
              "2))); vllm serve $MODEL --tensor-parallel-size 2 --port $SERVE_PORT $SERVE_ARGS; "
              "echo \"replica $DAYU_REPLICA ended with code $?\" >&2; kill $$ ) & done; wait");
    const std::string wide = line({.tp = 8, .pp = 2}, ServeLauncher::vllm, 2);
    EXPECT_TRUE(has(wide, "export DAYU_REPLICA=$((DAYU_RANK / 2));"));
    EXPECT_TRUE(has(wide, "ray start --head --port=6379; vllm serve"));
    EXPECT_TRUE(has(line({.tp = 16}, ServeLauncher::sglang, 2),
                    "--node-rank $DAYU_RANK --dist-init-addr $DAYU_MASTER_ADDR:$DAYU_MASTER_PORT"));
    EXPECT_EQ(line({.tp = 2}, ServeLauncher::mindie, 4), "plan_launch_impossible");
}

TEST(Launchers, OfTheShippedTableAreOfKnownChips) {
    const auto launchers =
        Launchers::parse("launchers.csv", testing::shipped_table("launchers.csv"));
    ASSERT_TRUE(launchers) << launchers.error().message;
    const auto chips = Chips::parse("chips.csv", testing::shipped_table("chips.csv"));
    ASSERT_TRUE(chips);
    for (const std::string& chip : launchers->chips()) EXPECT_TRUE(chips->find(chip)) << chip;
    EXPECT_EQ(*launchers->for_training("Ascend-910B"), TrainLauncher::mindspeed_llm);
}

TEST(Launchers, KnowWhichFrameworkAChipHas) {
    const auto launchers =
        Launchers::parse("launchers.csv",
                         "chip,training,serving,devices\nA,megatron-lm,vllm|sglang,A_DEVICES\n"
                         "B,mindspeed-llm,mindie,B_DEVICES\n");
    ASSERT_TRUE(launchers) << launchers.error().message;
    EXPECT_EQ(*launchers->for_training("b"), TrainLauncher::mindspeed_llm);
    EXPECT_EQ(*launchers->for_serving("A", ""), ServeLauncher::vllm);
    EXPECT_EQ(*launchers->for_serving("A", "sglang"), ServeLauncher::sglang);
    EXPECT_EQ(*launchers->for_serving("B", "sglang"), ServeLauncher::mindie);
    EXPECT_EQ(*launchers->devices_of("B"), "B_DEVICES");
    EXPECT_EQ(launchers->for_training("C").error().code, "plan_launcher_unknown");
}

}  // namespace
}  // namespace dayu::plan
