#include "wire/center_file.h"

#include <gtest/gtest.h>

namespace dayu::wire {
namespace {

constexpr std::string_view whole_file = R"(server: http://127.0.0.1:8620
token_file: token
agent: zhongwei-1
work_root: run
run_as: nobody
path: /opt/tools/bin
env: {HF_ENDPOINT: "https://mirror.example"}
centers:
  - name: zhongwei
    title: 中卫枢纽
    tier: national
    region: cn/ningxia/zhongwei
    security_level: 3
    energy: {pue: 1.15, grid_kg_per_kwh: 0.6187, source: "2023 average of Ningxia"}
    link: {rtt_ms: 12.5, mbit_s: 10000, price_per_gib: "0.10"}
    engine: process
    pools:
      - {name: a100, chip: A100-80GB, nodes: 2, chips_per_node: 8, cpus_per_node: 64,
         memory_gib_per_node: 1024, price_per_chip_hour: 11.00, price_per_cpu_hour: "0.20", watts_per_cpu: 5}
      - {name: cpu, nodes: 4, cpus_per_node: 32, memory_gib_per_node: 128, price_per_cpu_hour: 0.1}
)";

// `from` replaced by `to` in a file that is otherwise right.
std::string refusal(std::string_view from, std::string_view to) {
    std::string text(whole_file);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const Result<AgentConfig> config = parse_agent_config(text);
    return config.ok() ? "" : config.error().code + " " + config.error().message;
}

TEST(CenterFile, EveryKeyIsReadAndDecimalsAreExact) {
    const Result<AgentConfig> config = parse_agent_config(whole_file);
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->agent, "zhongwei-1");
    EXPECT_EQ(config->run_as, "nobody");
    EXPECT_EQ(config->env.at("HF_ENDPOINT"), "https://mirror.example");
    ASSERT_EQ(config->centers.size(), 1U);
    const Center& center = config->centers[0];
    EXPECT_EQ(center.title, "中卫枢纽");
    EXPECT_EQ(center.tier, Tier::national);
    EXPECT_EQ(center.energy, (EnergyProfile{1150, 618'700, "2023 average of Ningxia"}));
    EXPECT_EQ(center.link, (Link{12'500, 10'000, {100'000}}));
    EXPECT_EQ(center.engine.kind, "process");
    ASSERT_EQ(center.pools.size(), 2U);
    EXPECT_EQ(center.pools[0].memory_mib_per_node, 1024 * 1024);
    EXPECT_EQ(center.pools[0].price_per_chip_hour, Money{11'000'000});
    EXPECT_EQ(center.pools[1].chip, "");
}

TEST(CenterFile, AnAuthorityMayBeNamed) {
    EXPECT_EQ(parse_agent_config(whole_file).value().ca, "");
    EXPECT_EQ(parse_agent_config(std::string(whole_file) + "ca: ca.pem\n").value().ca, "ca.pem");
}

TEST(CenterFile, MistakesNameLineAndKey) {
    EXPECT_EQ(refusal("pue: 1.15", "pue: 0.9"),
              "value_out_of_range line 14, centers[0].energy.pue: 900 is out of range; 1000 to "
              "5000 are taken");
    EXPECT_EQ(refusal("pue: 1.15", "pue: 1.1555").substr(0, 48),
              "value_malformed line 14, centers[0].energy.pue: ");
    EXPECT_EQ(refusal("tier: national", "tier: nation"),
              "value_unknown line 11, centers[0].tier: \"nation\" is none of national, regional, "
              "city, district, "
              "industry; did you mean \"national\"?");
    EXPECT_EQ(refusal("name: cpu,", "name: a100,"),
              "pool_duplicate line 20, centers[0].pools[1].name: the pool \"a100\" stands twice");
    EXPECT_EQ(refusal("nodes: 4", "node: 4").substr(0, 11), "key_unknown");
    EXPECT_EQ(refusal("nodes: 4", "nodes: 0").substr(0, 54),
              "value_out_of_range line 20, centers[0].pools[1].nodes:");
    EXPECT_EQ(refusal("engine: process", "engine: proces").substr(0, 13), "value_unknown");
    EXPECT_EQ(refusal("chips_per_node: 8", "chips_per_node: 0").substr(0, 18),
              "pool_chip_mismatch");
    EXPECT_EQ(refusal("{HF_ENDPOINT:", "{HF-ENDPOINT:"),
              "env_name_malformed line 7, env.HF-ENDPOINT: names are letters, digits and '_', and "
              "begin with no digit");
    EXPECT_EQ(refusal("agent: zhongwei-1", "").substr(0, 11), "key_missing");
    EXPECT_EQ(refusal("  - name: zhongwei\n    title", "  - title").substr(0, 15),
              "value_malformed");
}

TEST(CenterFile, ACentreStandsOnce) {
    std::string text(whole_file);
    text += std::string(whole_file.substr(whole_file.find("  - name: zhongwei")));
    EXPECT_EQ(parse_agent_config(text).error().code, "center_duplicate");
}

}  // namespace
}  // namespace dayu::wire
