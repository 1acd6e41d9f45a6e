// dayu server: the control plane on a data folder.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include <fmt/core.h>

#include "base/log.h"
#include "base/nearest.h"
#include "dayu/connection.h"
#include "dayu/first_start.h"
#include "dayu/output.h"
#include "dayu/small_file.h"
#include "dayu/stop_signal.h"
#include "dayu/verbs.h"
#include "dayu/version.h"
#include "journal/journal.h"
#include "rest/service.h"
#include "runtime/loop.h"
#include "sched/policy.h"

namespace dayu::app {
namespace {

struct ServerOptions {
    std::string listen = "127.0.0.1:8620";
    std::string policy;
    std::string chips;
    bool insecure_listen = false;
    bool new_tokens = false;
};

bool is_loopback(const std::string& listen) {
    const std::string host = listen.substr(0, listen.rfind(':'));
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

Result<void> check_listen(const ServerOptions& options) {
    if (is_loopback(options.listen) || options.insecure_listen) return {};
    return invalid("listen_without_tls",
                   "--listen " + options.listen +
                       " can be reached from other machines, and without TLS everyone on the way "
                       "could read the tokens. Listen on 127.0.0.1 behind a proxy that speaks TLS, "
                       "or accept the risk with --insecure-listen");
}

Result<const sched::Policy*> find_policy(const std::string& name) {
    const std::vector<std::string_view> known = sched::policy_names();
    const std::string wanted = name.empty() ? std::string(known.front()) : name;
    if (const sched::Policy* policy = sched::find_policy(wanted)) return policy;
    std::string words;
    for (const std::string_view word : known) words += " " + std::string(word);
    const std::string_view meant = nearest(wanted, known);
    return invalid("policy_unknown",
                   "--policy \"" + wanted + "\" is not one of" + words +
                       (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?"));
}

void sweep_secrets(runtime::Loop& loop, const runtime::SecretVault& vault) {
    std::set<std::string> used;
    loop.read_and_wait([&](const runtime::Core& core) {
        for (const auto& [key, row] : core.state().secrets.rows()) used.insert(row.sealed);
    });
    vault.sweep([&](const std::string& sealed) { return used.contains(sealed); });
}

// Where clients on this machine find the server; gone when it is gone.
class AddressFile {
   public:
    explicit AddressFile(std::string path) : path_(std::move(path)) {}
    ~AddressFile() { unlink(path_.c_str()); }
    AddressFile(const AddressFile&) = delete;
    AddressFile& operator=(const AddressFile&) = delete;
    Result<void> write(const std::string& url) { return replace_small_file(path_, url + "\n"); }

   private:
    std::string path_;
};

Result<int> serve(const ServerOptions& options, const Globals& globals) {
    TRY(check_listen(options));
    const sched::Policy* policy = TRY(find_policy(options.policy));
    const std::string folder =
        globals.data.empty() ? std::string(default_data_folder) : globals.data;
    const StopSignal stop_signal;
    umask(0077);  // scripts and environments of jobs are nobody else's to read

    journal::Journal journal(
        TRY(journal::open_sqlite_store({.directory = folder, .read_only = false})));
    const std::unique_ptr<runtime::SecretVault> secrets =
        TRY(runtime::SecretVault::open(folder + "/secrets"));
    runtime::Loop::Options loop_options;
    loop_options.secrets = secrets.get();
    const std::unique_ptr<runtime::Loop> loop =
        TRY(runtime::Loop::start(journal, *policy, loop_options, system_clock()));
    sweep_secrets(*loop, *secrets);
    TRY(found_cluster(*loop));
    TRY(provide_tokens(*loop, folder, options.new_tokens ? TokenFiles::renew : TokenFiles::keep));
    TRY(declare_chips(*loop, options.chips));

    rest::Options rest_options;
    rest_options.listen = options.listen;
    rest_options.version = version;
    const std::unique_ptr<rest::Service> service = TRY(rest::serve(*loop, rest_options));
    AddressFile address(folder + "/" + std::string(address_file));
    TRY(address.write(service->url()));
    if (!is_loopback(options.listen)) {
        log_warning("listening on {} without TLS: tokens travel readable", service->address());
    }
    remark(fmt::format("ready on {}; data in {}, token in {}/{}", service->url(), folder, folder,
                       token_file));
    stop_signal.wait();
    remark("stopping; jobs go on at their centres");
    return 0;
}

}  // namespace

Verb server_verb() {
    const auto options = std::make_shared<ServerOptions>();
    return {
        .name = "server",
        .help = "Run the control plane; its data lie in --data (./var)",
        .options = {{"--listen", &options->listen, "ADDRESS:PORT (127.0.0.1:8620); port 0 is any"},
                    {"--policy", &options->policy, "how offers compete (least-cost)"},
                    {"--chips", &options->chips, "registry of chip models, YAML"},
                    {"--insecure-listen", &options->insecure_listen,
                     "allow an address that other machines reach, without TLS"},
                    {"--new-tokens", &options->new_tokens,
                     "replace the token files; those issued before stay valid"}},
        .run = [options](const Globals& globals) { return serve(*options, globals); },
    };
}

}  // namespace dayu::app
