// dayu agent --config FILE: speaks for centres, and runs their jobs. It may be stopped at any time; what
// it started goes on, and the next start adopts it.
#include <memory>
#include <thread>

#include "agent/driver.h"
#include "agent/installation.h"
#include "agent/reach.h"
#include "agent/stager.h"
#include "base/log.h"
#include "dayu/connection.h"
#include "dayu/settings_file.h"
#include "dayu/small_file.h"
#include "dayu/stop_signal.h"
#include "dayu/verbs.h"
#include "dayu/version.h"
#include "engine/registry.h"
#include "wire/center_file.h"

namespace dayu::app {
namespace {

Result<std::string> token_of(const Globals& globals, const wire::AgentConfig& config) {
    if (!globals.token.empty()) return globals.token;
    const std::string text = TRY(read_small_file(config.token_file));
    std::string token = text.substr(0, text.find('\n'));
    if (token.empty()) return invalid("token_empty", config.token_file + " holds no token");
    return token;
}

Result<wire::AgentConfig> read_config(const std::string& file, const Globals& globals) {
    wire::AgentConfig config = TRY(wire::parse_agent_config(TRY(read_small_file(file))));
    config.token_file = beside(file, config.token_file);
    config.work_root = beside(file, config.work_root);
    config.ca = globals.ca.empty() ? beside(file, config.ca) : globals.ca;
    if (!globals.server.empty()) config.server = globals.server;
    TRY(check_ca(config.ca, config.server));
    if (!config.ca.empty()) TRY(read_small_file(config.ca));
    return config;
}

// Each centre has an engine and a folder of its own.
Result<std::unique_ptr<engine::Engine>> make_engine(const wire::AgentConfig& config,
                                                    const Center& center) {
    const engine::MakeEngine make = TRY(engine::find_engine(center.engine.kind));
    engine::Settings settings = {{"work_root", config.work_root + "/" + center.name}};
    if (!config.run_as.empty()) settings["run_as"] = config.run_as;
    if (!config.path.empty()) settings["path"] = config.path;
    for (const auto& [name, value] : config.env) settings["env." + name] = value;
    return make(settings);
}

Result<int> run_agent(const std::string& config_file, const Globals& globals) {
    wire::AgentConfig config = TRY(read_config(config_file, globals));
    const std::string token = TRY(token_of(globals, config));
    const agent::Installation installation = TRY(agent::Installation::open(config.work_root));
    const StopSignal stop_signal;

    std::vector<std::unique_ptr<engine::Engine>> engines;
    std::vector<agent::Site> sites;
    std::vector<std::string> folders{config.work_root};
    for (Center& center : config.centers) {
        engines.push_back(TRY(make_engine(config, center)));
        center.engine = engines.back()->facts();
        folders.push_back(config.work_root + "/" + center.name);
        sites.push_back({.center = center.name, .engine = engines.back().get()});
        for (const std::string& lack : center.engine.lacks) {
            log_warning("{}: {}", center.name, lack);
        }
    }
    log_info("agent {} speaks for {} centre(s), works in {}, dials {}", config.agent,
             config.centers.size(), config.work_root, config.server);
    const http::ClientOptions server = {.base_url = config.server,
                                        .bearer_token = token,
                                        .ca_file = config.ca,
                                        .user_agent = "dayu-agent/" + std::string(version),
                                        .compression = http::Compression::over_network};
    const agent::Reach reach(sites, server, installation.id());
    agent::Stager stager(sites, server, installation.id(),
                         TRY(agent::ContentCache::open(config.work_root + "/.contents",
                                                       config.workdir_cache_gib << 30)));
    agent::Driver driver({.agent = config.agent,
                          .installation = installation.id(),
                          .incarnation = installation.incarnation(),
                          .centers = config.centers},
                         std::move(sites), server, system_clock(), &stager,
                         agent::Probe(std::string(version), std::move(folders)));
    std::thread worker([&] { driver.run(); });
    stop_signal.wait();
    driver.stop();
    worker.join();
    log_info("stopped; what runs goes on without the agent");
    return 0;
}

}  // namespace

Verb agent_verb() {
    const auto config = std::make_shared<std::string>();
    return {
        .name = "agent",
        .help = "Run the agent of one or more centres",
        .options = {{"--config", config.get(), "configuration of the agent, YAML", true}},
        .run = [config](const Globals& globals) { return run_agent(*config, globals); },
    };
}

}  // namespace dayu::app
