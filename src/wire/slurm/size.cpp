// Nodes, tasks, CPUs, chips and memory: Slurm asks by node, task, CPU or chip, Dayu by node.
#include <algorithm>
#include <optional>

#include "base/nearest.h"
#include "wire/slurm/draft.h"
#include "wire/slurm/values.h"

namespace dayu::wire::slurm {
namespace {

// What bounds every product below: validate() refuses far less.
constexpr std::int64_t largest = std::int64_t{1} << 40;

std::int64_t times(std::int64_t a, std::int64_t b) {
    return a > largest / std::max<std::int64_t>(b, 1) ? largest : a * b;
}

std::int64_t over(std::int64_t amount, std::int64_t nodes) { return (amount + nodes - 1) / nodes; }

Result<std::optional<std::int64_t>> count_of(const Draft& draft, std::string_view name) {
    const Option* option = draft.find(name);
    if (option == nullptr) return std::optional<std::int64_t>();
    return std::optional(TRY(read_count(*option)));
}

// "2", or "2-4": at least 2, which is what the job gets.
Result<std::int64_t> read_nodes(Draft& draft) {
    const Option* option = draft.find("nodes");
    if (option == nullptr) return 1;
    Option least = *option;
    least.value = option->value.substr(0, option->value.find('-'));
    const std::int64_t nodes = TRY(read_count(least));
    draft.came_from("nodes", *option);
    if (least.value != option->value) {
        draft.unmapped(Weight::note, *option, "the job gets the least of this range of nodes");
    }
    if (nodes > 1) {
        draft.unmapped(Weight::error, *option,
                       "Slurm runs the script on the first of its nodes and srun starts the rest; "
                       "Dayu would run it on every node",
                       "write a job file with `nodes: " + std::to_string(nodes) +
                           "` whose `run` is what srun starts; the job finds DAYU_RANK, "
                           "DAYU_WORLD_SIZE and DAYU_MASTER_ADDR");
    }
    return nodes;
}

// --- chips

struct Asked {
    const Option* option = nullptr;
    std::string name = "gpu";
    std::string type;
    std::int64_t per_node = 0;
};

Error chip_unknown(const Draft& draft, const Asked& asked) {
    const std::vector<std::string> all = draft.chips.all();
    const std::vector<std::string_view> known(all.begin(), all.end());
    const std::string_view near = nearest(asked.type, known);
    std::string text = "unknown chip \"" + asked.type.substr(0, 80) + "\"";
    text += near.empty() ? "; `dayu chips` lists the known ones"
                         : "; did you mean \"" + std::string(near) + "\"?";
    return option_error(*asked.option, "chip_unknown", text);
}

// What --constraint says of the chip, where it says that and nothing else.
const Chip* constrained_chip(const Draft& draft) {
    const Option* option = draft.find("constraint");
    if (option == nullptr) return nullptr;
    const Chip* chip = draft.chips.find("gres/gpu:" + option->value);
    return chip != nullptr ? chip : draft.chips.find(option->value);
}

Result<void> take_chip(Draft& draft, const Asked& asked) {
    Resources& resources = draft.job.file.spec.resources;
    const Chip* chip = nullptr;
    if (asked.type.empty()) {
        chip = draft.chips.find("gres/" + asked.name);
        if (chip == nullptr) chip = constrained_chip(draft);
    } else {
        chip = draft.chips.find("gres/" + asked.name + ":" + asked.type);
        if (chip == nullptr) chip = draft.chips.find(asked.type);
    }
    if (chip == nullptr && !asked.type.empty()) return chip_unknown(draft, asked);
    if (chip == nullptr && asked.name == "gpu") {
        draft.unmapped(Weight::error, *asked.option,
                       "it does not say which chip, and the chips of many centres differ",
                       "name it, as --gres=gpu:a100:" + std::to_string(asked.per_node) +
                           "; `dayu chips` lists the names");
        return {};
    }
    if (chip == nullptr) {
        draft.unmapped(Weight::error, *asked.option,
                       "no chip and no other resource is known as \"" + asked.name + "\"",
                       "leave it out if the job does without");
        return {};
    }
    if (!resources.chip.empty() && resources.chip != chip->name) {
        draft.unmapped(Weight::error, *asked.option, "a job has chips of one kind alone",
                       "make two jobs of it");
        return {};
    }
    const std::int64_t chips_milli = times(asked.per_node, 1000);
    if (!resources.chip.empty() && resources.chips_milli != chips_milli) {
        draft.unmapped(Weight::error, *asked.option,
                       "another option asks for another number of the same chips",
                       "leave one of the two");
    }
    resources.chip = chip->name;
    resources.chips_milli = std::max(resources.chips_milli, chips_milli);
    draft.came_from("resources.accelerators", *asked.option);
    return {};
}

Result<void> resolve_chips(Draft& draft, std::int64_t nodes, std::int64_t tasks) {
    std::vector<Asked> all;
    if (const Option* option = draft.find("gres")) {
        for (Counted& counted : TRY(read_gres(*option))) {
            all.push_back(
                {option, std::move(counted.name), std::move(counted.type), counted.count});
        }
    }
    const auto add = [&](std::string_view name, auto per_node) -> Result<void> {
        const Option* option = draft.find(name);
        if (option == nullptr) return {};
        Counted counted = TRY(read_gpus(*option));
        all.push_back({option, "gpu", std::move(counted.type), per_node(counted.count)});
        return {};
    };
    TRY(add("gpus", [&](std::int64_t count) { return over(count, nodes); }));
    TRY(add("gpus-per-node", [&](std::int64_t count) { return count; }));
    TRY(add("gpus-per-task", [&](std::int64_t count) { return over(times(count, tasks), nodes); }));
    for (const Asked& asked : all) TRY(take_chip(draft, asked));

    const Option* constraint = draft.find("constraint");
    if (constraint != nullptr && constrained_chip(draft) == nullptr) {
        draft.unmapped(Weight::error, *constraint,
                       "the features of nodes are words of the old site",
                       "name the chip by --gres=gpu:TYPE:N, or leave it out");
    } else if (constraint != nullptr && all.empty()) {
        draft.unmapped(Weight::note, *constraint, "it names a chip, and the job asks for none");
    } else if (constraint != nullptr &&
               constrained_chip(draft)->name != draft.job.file.spec.resources.chip) {
        draft.unmapped(Weight::error, *constraint, "it names another chip than the job asks for",
                       "leave one of the two");
    }
    return {};
}

// --- memory

Result<void> resolve_memory(Draft& draft) {
    Resources& resources = draft.job.file.spec.resources;
    const std::int64_t chips = resources.chips_milli / 1000;
    const auto take = [&](std::string_view name, std::int64_t factor) -> Result<bool> {
        const Option* option = draft.find(name);
        if (option == nullptr) return false;
        const std::int64_t mib = TRY(read_memory_mib(*option));
        if (mib == 0) {
            draft.unmapped(Weight::error, *option,
                           "0 stands for all memory of a node, and nodes of many centres differ",
                           "say how much the job needs, as --mem=64G");
            return true;
        }
        resources.memory_mib = times(mib, factor);
        draft.came_from("resources.memory", *option);
        return true;
    };
    if (TRY(take("mem", 1)) || TRY(take("mem-per-cpu", resources.cpus))) return {};
    if (TRY(take("mem-per-gpu", chips))) return {};
    add_unmapped(draft.job,
                 {.weight = Weight::note,
                  .key = "--mem",
                  .line = 1,
                  .value = "",
                  .why = "the script does not say how much memory it needs, and gets 1 GiB a node",
                  .advice = "say it, as --mem=64G"});
    return {};
}

}  // namespace

Result<void> resolve_size(Draft& draft) {
    JobSpec& spec = draft.job.file.spec;
    const std::int64_t nodes = TRY(read_nodes(draft));
    const auto per_task = TRY(count_of(draft, "cpus-per-task"));
    const auto tasks_per_node = TRY(count_of(draft, "ntasks-per-node"));
    const std::int64_t tasks =
        TRY(count_of(draft, "ntasks")).value_or(times(tasks_per_node.value_or(1), nodes));
    TRY(resolve_chips(draft, nodes, tasks));

    const std::int64_t chips = (spec.resources.chips_milli + 999) / 1000;
    const auto per_chip = TRY(count_of(draft, "cpus-per-gpu"));
    const auto at_least = TRY(count_of(draft, "mincpus"));
    spec.nodes = nodes;
    spec.resources.cpus = std::max({times(over(tasks, nodes), per_task.value_or(1)),
                                    times(per_chip.value_or(0), chips), at_least.value_or(0)});
    for (const std::string_view name : {"ntasks-per-node", "ntasks", "cpus-per-task"}) {
        if (const Option* option = draft.find(name)) draft.came_from("resources.cpus", *option);
    }
    TRY(resolve_memory(draft));

    const auto text = [](std::int64_t number) { return std::to_string(number); };
    auto& env = draft.env;
    env["SLURM_NNODES"] = env["SLURM_JOB_NUM_NODES"] = text(nodes);
    env["SLURM_NTASKS"] = env["SLURM_NPROCS"] = text(tasks);
    env["SLURM_TASKS_PER_NODE"] = text(over(tasks, nodes));
    if (tasks_per_node) env["SLURM_NTASKS_PER_NODE"] = text(*tasks_per_node);
    if (per_task) env["SLURM_CPUS_PER_TASK"] = text(*per_task);
    env["SLURM_CPUS_ON_NODE"] = env["SLURM_JOB_CPUS_PER_NODE"] = text(spec.resources.cpus);
    env["SLURM_MEM_PER_NODE"] = text(spec.resources.memory_mib);
    if (chips > 0) {
        env["SLURM_GPUS_ON_NODE"] = env["SLURM_GPUS_PER_NODE"] = text(chips);
        env["SLURM_GPUS"] = text(times(chips, nodes));
    }
    return {};
}

}  // namespace dayu::wire::slurm
