// How a plan is started: as environment and command line of the framework that a chip's users have. Only what the plan and the
// model's shape decide is written; data, tokenizer, learning rate and checkpoints stay with the user, who puts them into
// $TRAIN_ARGS or $SERVE_ARGS. A gang's nodes find each other by the names that Dayu gives them (DAYU_RANK, DAYU_MASTER_ADDR).
//
// Names of flags were checked against
//   Megatron-LM    megatron/training/arguments.py at 000c4ac2 (after core 0.14)
//   MindSpeed-LLM  examples/mcore at 015ce048 (MindSpeed core_r0.8.0) and its guide of --lora-r and --num-layer-list
//   vLLM           engine arguments of 0.10.1 and later; SGLang: server arguments of 0.5
//   MindIE         config.json of MindIE LLM 2.1.RC1, MIES_CONFIG_JSON_PATH of MindIE Service 1.0.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "plan/serve.h"
#include "plan/train.h"

namespace dayu::plan {

enum class TrainLauncher : std::uint8_t { megatron_lm, mindspeed_llm };
enum class ServeLauncher : std::uint8_t { vllm, sglang, mindie };

// Which frameworks run on which chip (data/plan/launchers.csv).
class Launchers {
   public:
    static Result<Launchers> parse(std::string path, std::string text);

    // Of the chip of that name; one that the table does not have is plan_launcher_unknown.
    Result<TrainLauncher> for_training(std::string_view chip) const;
    // The framework asked for where the chip has it, else the first that the chip has.
    Result<ServeLauncher> for_serving(std::string_view chip, std::string_view framework) const;
    // The variable by which a process is told which chips of a node are its own.
    Result<std::string> devices_of(std::string_view chip) const;

    std::vector<std::string> chips() const;

   private:
    struct Row {
        std::string chip;
        TrainLauncher training = TrainLauncher::megatron_lm;
        std::vector<ServeLauncher> serving;
        std::string devices;
    };
    Result<const Row*> find(std::string_view chip) const;

    std::vector<Row> rows_;
};

struct Launch {
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<std::string> command;  // words; those that begin with $ are for the shell
    std::string configuration;         // JSON that the framework reads from a file; empty: nothing
};

// Environment and command as a line for a shell.
std::string shell_line(const Launch& launch);

struct TrainLaunch {
    TrainLauncher launcher = TrainLauncher::megatron_lm;
    double tokens = 0;  // 0: no end is named
    double chips_per_node = 8;
    std::vector<double> stage_layers{};  // of each stage; empty: as equal as they come
};
// What the framework cannot do is plan_launch_impossible, and says so.
Result<Launch> launch_training(const TrainJob& job, const TrainPlan& plan,
                               const TrainLaunch& setting);

struct ServeLaunch {
    ServeLauncher launcher = ServeLauncher::vllm;
    double chips_per_node = 8;
    double token_budget = 0;  // of an iteration; 0: the engine's own
    double most_sequences = 0;
};
// Of one replica.
Result<Launch> launch_serving(const ServePlan& plan, const ServeLaunch& setting);

// How equal replicas lie on equal nodes: several on each, or each on several.
struct ReplicaLayout {
    std::int64_t replicas = 0;
    std::int64_t replica_chips = 0;
    std::int64_t nodes = 0;
    std::int64_t chips_per_node = 0;
    std::int64_t replicas_per_node = 1;
    std::int64_t nodes_per_replica = 1;
};
// On the fewest nodes, and of those with the fewest chips; there may be more replicas than were wanted, less than one a node,
// that all nodes are equal. Nothing: a replica takes nodes and a part of one.
std::optional<ReplicaLayout> layout_of(std::int64_t replicas, std::int64_t replica_chips,
                                       std::int64_t node_chips);

// For /bin/sh on each node of the job: starts the replicas that this node has, or its part of one. Each finds its number in
// DAYU_REPLICA and listens on $SERVE_PORT, which counts up from the job's own (8000) on a node. `devices` is the chip's variable.
Result<std::string> launch_replicas(const ServePlan& plan, const ServeLaunch& setting,
                                    const ReplicaLayout& layout, const std::string& devices);

}  // namespace dayu::plan
