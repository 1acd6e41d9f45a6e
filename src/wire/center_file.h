// The agent's configuration (YAML): which Dayu it dials, where it works, and the centres it speaks for.
//
//     server: http://127.0.0.1:8620
//     token_file: token
//     ca: ca.pem                     # the authority of a server that speaks TLS; left out: the system's
//     agent: zhongwei-1
//     work_root: run                 # run directories and claims
//     run_as: nobody                 # an unprivileged user for jobs; left out: the agent's own
//     path: /opt/tools/bin           # before PATH of every job
//     env: {HF_ENDPOINT: "https://..."}
//     workdir_cache_gib: 20          # of files that jobs take along, kept for the next job
//     centers:
//       - name: zhongwei
//         title: 中卫枢纽
//         tier: national
//         region: cn/ningxia/zhongwei
//         security_level: 3
//         energy: {pue: 1.15, grid_kg_per_kwh: 0.6187, source: "..."}
//         link: {rtt_ms: 12, mbit_s: 10000, price_per_gib: "0.10"}
//         engine: process
//         pools:
//           - {name: a100, chip: A100-80GB, nodes: 2, chips_per_node: 8, cpus_per_node: 64,
//              memory_gib_per_node: 1024, price_per_chip_hour: "11.00", price_per_cpu_hour: "0.20",
//              watts_per_cpu: 5}
//
// Decimals are read from their text, exactly.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/center.h"

namespace dayu::wire {

struct YamlNode;

struct AgentConfig {
    std::string server;
    std::string token_file;
    std::string ca;  // empty: those that the machine trusts
    std::string agent;
    std::string work_root;
    std::string run_as;  // empty: as the agent
    std::string path;    // empty: nothing is put before PATH
    std::map<std::string, std::string> env;
    std::int64_t workdir_cache_gib = 20;
    std::vector<Center> centers;

    bool operator==(const AgentConfig&) const = default;
};

// What stands under `centers`, here or in another file. Chips are left as the file names them: the server's registry
// knows what they stand for.
Result<std::vector<Center>> read_centers(const YamlNode& node);

Result<AgentConfig> parse_agent_config(std::string_view text);

}  // namespace dayu::wire
