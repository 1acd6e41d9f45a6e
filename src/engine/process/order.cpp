#include "engine/process/order.h"

#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/process/attempt_store.h"
#include "engine/process/files.h"
#include "engine/process/steps.h"

namespace dayu::engine {
namespace {

constexpr std::string_view usual_path =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::int64_t most_ranks = 1024;

std::string count_of_chips(std::int64_t chips_milli) {
    std::string text = std::to_string(chips_milli / 1000);
    if (chips_milli % 1000 == 0) return text;
    std::string fraction = std::to_string(1000 + chips_milli % 1000).substr(1);
    while (fraction.back() == '0') fraction.pop_back();
    return text + "." + fraction;
}

// A port that is free now, where the ranks of a gang meet.
std::string free_port() {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (!socket || ::bind(socket.get(), any, size) != 0 ||
        ::getsockname(socket.get(), any, &size) != 0) {
        return "29500";
    }
    return std::to_string(ntohs(address.sin_port));
}

void add_gang(std::int64_t ranks, std::map<std::string, std::string>& env) {
    env["DAYU_WORLD_SIZE"] = std::to_string(ranks);
    if (ranks == 1) return;
    std::string hosts;
    for (std::int64_t i = 0; i < ranks; ++i) hosts += i == 0 ? "127.0.0.1" : ",127.0.0.1";
    env["DAYU_HOSTS"] = hosts;
    env["DAYU_MASTER_ADDR"] = "127.0.0.1";
    env["DAYU_MASTER_PORT"] = free_port();
    env["WORLD_SIZE"] = env["DAYU_WORLD_SIZE"];
    env["MASTER_ADDR"] = env["DAYU_MASTER_ADDR"];
    env["MASTER_PORT"] = env["DAYU_MASTER_PORT"];
}

std::map<std::string, std::string> make_environment(const StartOrder& order,
                                                    const JobSurroundings& around,
                                                    const std::string& run_directory,
                                                    bool continues) {
    std::map<std::string, std::string> env;
    for (const std::string& folder : around.path) env["PATH"] += folder + ":";
    env["PATH"] += usual_path;
    env["HOME"] = run_directory;
    env["USER"] = env["LOGNAME"] = around.user.name;
    env["LANG"] = "C.UTF-8";
    for (const auto& [name, value] : around.env) env[name] = value;
    for (const auto& [name, value] : order.body.env) env[name] = value;

    const Resources& each = order.spec.resources;
    env["DAYU_JOB_ID"] = std::to_string(order.attempt.job.value);
    env["DAYU_JOB_NAME"] = order.job_name;
    env["DAYU_ATTEMPT"] = std::to_string(order.attempt.number);
    env["DAYU_FENCING_TOKEN"] = order.token.text;
    env["DAYU_CENTER"] = order.center;
    env["DAYU_POOL"] = order.pool;
    env["DAYU_CHIP"] = each.chip;
    env["DAYU_CHIPS"] = count_of_chips(each.chips_milli);
    env["DAYU_CPUS"] = std::to_string(each.cpus);
    env["DAYU_MEMORY_MIB"] = std::to_string(each.memory_mib);
    if (!order.spec.checkpoint.path.empty()) {
        env["DAYU_CHECKPOINT_DIR"] = run_directory + "/" + order.spec.checkpoint.path;
    }
    if (continues) env["DAYU_RESUME"] = "1";
    if (order.spec.forecast) env["DAYU_STEPS"] = steps_file(run_directory, order.token);
    if (order.array.value != 0) {
        env["DAYU_ARRAY_ID"] = std::to_string(order.array.value);
        env["DAYU_ARRAY_INDEX"] = std::to_string(order.array_index);
        env["DAYU_ARRAY_TASKS"] = std::to_string(order.array_tasks);
    }
    add_gang(order.spec.nodes, env);
    return env;
}

bool stays_inside(std::string_view path) {
    return !path.starts_with('/') &&
           ("/" + std::string(path) + "/").find("/../") == std::string::npos;
}

}  // namespace

Result<void> check_order(const StartOrder& order) {
    TRY(check_token(order.token));
    if (order.spec.nodes < 1 || order.spec.nodes > most_ranks) {
        return invalid("nodes_out_of_range", "nodes: " + std::to_string(order.spec.nodes) +
                                                 " is not between 1 and " +
                                                 std::to_string(most_ranks) +
                                                 ", what the process engine starts on one machine");
    }
    if (!stays_inside(order.spec.checkpoint.path)) {
        return invalid("checkpoint_path_outside", "checkpoint.path: \"" +
                                                      order.spec.checkpoint.path +
                                                      "\" does not lie inside the run directory");
    }
    for (const std::string& name : order.spec.secrets) {
        if (order.secrets.contains(name)) continue;
        return invalid("secret_missing", "secrets: \"" + name +
                                             "\" was removed from its project; set it again with "
                                             "`dayu secret set " +
                                             name + "`");
    }
    return {};
}

Claim make_claim(const StartOrder& order, const JobSurroundings& surroundings,
                 const std::string& run_directory, bool continues) {
    Claim claim{.token = order.token, .boot = {}, .script = order.body.run, .env = {}};
    for (const auto& [name, value] :
         make_environment(order, surroundings, run_directory, continues)) {
        claim.env.push_back(name + "=" + value);
    }
    const JobSpec& spec = order.spec;
    claim.setup = order.body.setup.value_or("");
    claim.run_directory = run_directory;
    claim.checkpoint_path = spec.checkpoint.path;
    claim.outputs = order.body.outputs;
    claim.ranks = spec.nodes;
    claim.uid = surroundings.user.uid;
    claim.gid = surroundings.user.gid;
    claim.groups = surroundings.user.groups;
    claim.cpus = spec.resources.cpus * spec.nodes;
    claim.memory_mib = spec.resources.memory_mib * spec.nodes;
    claim.time_limit = spec.time_limit;
    claim.signal = signal_number(spec.checkpoint.signal);
    claim.grace = spec.checkpoint.grace;
    claim.move_after = spec.placement.move_after.value_or(Duration{});
    return claim;
}

std::vector<std::string> secret_variables(const StartOrder& order) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : order.secrets)
        variables.push_back(secret_variable(name) + "=" + value);
    return variables;
}

std::int64_t signal_number(std::string_view name) {
    if (name.starts_with("SIG")) name.remove_prefix(3);
    for (int number = 1; number < 32; ++number) {
        const char* known = ::sigabbrev_np(number);
        if (known != nullptr && name == known) return number;
    }
    return SIGTERM;
}

}  // namespace dayu::engine
