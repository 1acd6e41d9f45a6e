// The traces of Alibaba's GPU cluster of 2023 ("openb"): a list of nodes and lists of pods, CSV each.
//
// Nodes: sn, cpu_milli, memory_mib, gpu, model. Pods: name, cpu_milli, memory_mib, num_gpu, gpu_milli (of each GPU) and,
// where the list has them, gpu_spec (the models it may run on, with '|' between them; empty: any) and creation_time and
// deletion_time in seconds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sched/packing.h"

namespace dayu::sim {

struct OpenbNode {
    std::string name;
    std::int64_t cpu_milli = 0;
    std::int64_t memory_mib = 0;
    std::int32_t gpus = 0;
    std::int32_t model = 0;  // in the order in which the list names them first
};

struct OpenbNodes {
    std::vector<OpenbNode> nodes;     // with GPUs, in the order of the file
    std::vector<std::string> models;  // their names

    std::int64_t gpus() const;  // of all
};

struct OpenbPod {
    std::string name;
    std::string models{};  // the wording of gpu_spec, of a pod with GPUs
    sched::PackRequest request;
    std::int64_t created_s = 0;  // both 0 where the list does not say
    std::int64_t deleted_s = 0;
};

// Nodes without GPUs are left out, as all that was published leaves them out.
Result<OpenbNodes> read_openb_nodes(const std::string& path);

// In the order of their names. A model that no node has is passed over.
Result<std::vector<OpenbPod>> read_openb_pods(const std::string& path,
                                              const std::vector<std::string>& models);

}  // namespace dayu::sim
