#include "wire/center_file.h"

#include <algorithm>

#include "model/check_fields.h"
#include "wire/yaml_into.h"

namespace dayu::wire {
namespace {

constexpr std::int64_t mib_per_gib = 1024;
constexpr std::int64_t largest_gib = 1 << 30;  // what validate() refuses anyway
constexpr Range cache_gib{1, 1'000'000, " GiB"};
constexpr std::string_view engine_kinds[] = {"process"};

// --- pools

Result<void> read_memory(const YamlNode& node, Pool& pool) {
    const std::int64_t gib = TRY(read_whole(node));
    pool.memory_mib_per_node = std::clamp(gib, std::int64_t{0}, largest_gib) * mib_per_gib;
    return {};
}

constexpr YamlKey<Pool> pool_keys[] = {
    {"name", text_into<Pool, &Pool::name>},
    {"chip", text_into<Pool, &Pool::chip>},
    {"nodes", whole_into<Pool, &Pool::nodes>},
    {"chips_per_node", whole_into<Pool, &Pool::chips_per_node>},
    {"cpus_per_node", whole_into<Pool, &Pool::cpus_per_node>},
    {"memory_gib_per_node", read_memory},
    {"price_per_chip_hour", money_into<Pool, &Pool::price_per_chip_hour>},
    {"price_per_cpu_hour", money_into<Pool, &Pool::price_per_cpu_hour>},
    {"watts_per_cpu", whole_into<Pool, &Pool::watts_per_cpu>},
};

Result<void> read_pools(const YamlNode& node, Center& center) {
    TRY(expect_list(node));
    for (const YamlNode& item : node.children)
        TRY(read_map(item, pool_keys, center.pools.emplace_back()));
    return {};
}

// --- a centre

constexpr YamlKey<EnergyProfile> energy_keys[] = {
    {"pue", decimal_into<EnergyProfile, &EnergyProfile::pue_milli, 3>},
    {"grid_kg_per_kwh", decimal_into<EnergyProfile, &EnergyProfile::grid_mg_per_kwh, 6>},
    {"source", text_into<EnergyProfile, &EnergyProfile::source>},
};

Result<void> read_energy(const YamlNode& node, Center& center) {
    return read_map(node, energy_keys, center.energy);
}

constexpr YamlKey<Link> link_keys[] = {
    {"rtt_ms", decimal_into<Link, &Link::rtt_us, 3>},
    {"mbit_s", whole_into<Link, &Link::mbit_per_s>},
    {"price_per_gib", money_into<Link, &Link::price_per_gib>},
};

Result<void> read_link(const YamlNode& node, Center& center) {
    return read_map(node, link_keys, center.link);
}

Result<void> read_tier(const YamlNode& node, Center& center) {
    center.tier = TRY(read_enum<Tier>(node));
    return {};
}

Result<void> read_engine(const YamlNode& node, Center& center) {
    center.engine.kind = TRY(read_text(node));
    const auto at = std::ranges::find(engine_kinds, center.engine.kind);
    if (at == std::end(engine_kinds)) return word_unknown(node, engine_kinds);
    return {};
}

constexpr YamlKey<Center> center_keys[] = {
    {"name", text_into<Center, &Center::name>},
    {"title", text_into<Center, &Center::title>},
    {"tier", read_tier},
    {"region", text_into<Center, &Center::region>},
    {"security_level", whole_into<Center, &Center::security_level>},
    {"energy", read_energy},
    {"link", read_link},
    {"engine", read_engine},
    {"pools", read_pools},
};

// The paths of validate() are those of the model; people look for the keys that they wrote.
Error in_words_of_the_file(Error error) {
    constexpr std::pair<std::string_view, std::string_view> words[] = {
        {"pue_milli", "pue"},     {"grid_mg_per_kwh", "grid_kg_per_kwh"},
        {"rtt_us", "rtt_ms"},     {"memory_mib_per_node", "memory_gib_per_node"},
        {"mbit_per_s", "mbit_s"}, {"engine.kind", "engine"},
    };
    for (const auto& [model, file] : words) {
        const std::size_t at = error.message.find(model);
        if (at != std::string::npos) error.message.replace(at, model.size(), file);
    }
    return error;
}

Result<Center> read_center(const YamlNode& node) {
    Center center;
    center.engine.kind = engine_kinds[0];
    TRY(read_map(node, center_keys, center));
    return center;
}

// --- the agent

Result<void> read_env(const YamlNode& node, AgentConfig& config) {
    TRY(expect_map(node));
    for (const YamlNode& entry : node.children) {
        if (const Result<void> named = check_env_name(entry.path, entry.key); !named.ok()) {
            return with_line(node, named.error());
        }
        config.env[entry.key] = TRY(read_text(entry));
    }
    return {};
}

Result<void> read_cache(const YamlNode& node, AgentConfig& config) {
    config.workdir_cache_gib = TRY(read_whole(node));
    if (const Result<void> sound = check_range(node.path, config.workdir_cache_gib, cache_gib);
        !sound.ok())
        return with_line(node, sound.error());
    return {};
}

Result<void> read_all_centers(const YamlNode& node, AgentConfig& config) {
    config.centers = TRY(read_centers(node));
    return {};
}

constexpr YamlKey<AgentConfig> agent_keys[] = {
    {"server", text_into<AgentConfig, &AgentConfig::server>},
    {"token_file", text_into<AgentConfig, &AgentConfig::token_file>},
    {"ca", text_into<AgentConfig, &AgentConfig::ca>},
    {"agent", text_into<AgentConfig, &AgentConfig::agent>},
    {"work_root", text_into<AgentConfig, &AgentConfig::work_root>},
    {"run_as", text_into<AgentConfig, &AgentConfig::run_as>},
    {"path", text_into<AgentConfig, &AgentConfig::path>},
    {"env", read_env},
    {"workdir_cache_gib", read_cache},
    {"centers", read_all_centers},
};

}  // namespace

Result<std::vector<Center>> read_centers(const YamlNode& node) {
    TRY(expect_list(node));
    std::vector<Center> centers;
    for (const YamlNode& item : node.children) {
        Center center = TRY(read_center(item));
        if (Result<void> sound = validate(center); !sound.ok()) {
            Error error = in_words_of_the_file(sound.error());
            error.message.insert(0, item.path + ".");
            return with_line(node, std::move(error));
        }
        if (std::ranges::find(centers, center.name, &Center::name) != centers.end()) {
            return yaml_error(item, "center_duplicate",
                              "the centre \"" + center.name + "\" stands twice");
        }
        centers.push_back(std::move(center));
    }
    return centers;
}

Result<AgentConfig> parse_agent_config(std::string_view text) {
    const YamlNode root = TRY(parse_yaml(text));
    AgentConfig config;
    TRY(read_map(root, agent_keys, config));
    for (const auto& [key, value] : {std::pair{"server", &config.server},
                                     {"token_file", &config.token_file},
                                     {"agent", &config.agent},
                                     {"work_root", &config.work_root}}) {
        if (value->empty())
            return yaml_error(root, "key_missing",
                              "the key \"" + std::string(key) + "\" is missing");
    }
    if (config.centers.empty()) {
        return yaml_error(root, "key_missing", "`centers` must declare at least one centre");
    }
    return config;
}

}  // namespace dayu::wire
