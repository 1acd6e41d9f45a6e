// dayu server: the control plane on a data folder.
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include <fmt/core.h>

#include "base/log.h"
#include "base/nearest.h"
#include "dayu/connection.h"
#include "dayu/first_start.h"
#include "dayu/job_planner.h"
#include "dayu/output.h"
#include "dayu/settings_file.h"
#include "dayu/small_file.h"
#include "dayu/stop_signal.h"
#include "dayu/traces.h"
#include "dayu/verbs.h"
#include "dayu/version.h"
#include "http/named_address.h"
#include "journal/backup.h"
#include "journal/journal.h"
#include "journal/retention.h"
#include "notices/desk.h"
#include "rest/service.h"
#include "runtime/content_store.h"
#include "runtime/content_sweeper.h"
#include "runtime/loop.h"
#include "runtime/optimiser.h"
#include "sched/policy.h"

namespace dayu::app {
namespace {

constexpr std::string_view default_listen = "127.0.0.1:8620";
constexpr Duration default_optimise_every = seconds(60);

struct ServerOptions {
    std::string config;
    std::string data;
    std::string listen;
    std::string tls_cert;
    std::string tls_key;
    std::string policy;
    std::string chips;
    std::string keep_entries;
    std::string keep_bodies;
    std::string keep_jobs;
    bool insecure_listen = false;
    bool new_tokens = false;
    bool hooks_allow_private = false;
    std::string exclude_after;
    std::string optimise_every;
};

// The options that are keys of --config too, besides `data`.
std::vector<Option> settings_of(ServerOptions& options) {
    return {{"--listen", &options.listen, "ADDRESS:PORT (127.0.0.1:8620); port 0 is any"},
            {"--tls-cert", &options.tls_cert,
             "PEM file with the certificate and its chain; renewed ones are taken as they come"},
            {"--tls-key", &options.tls_key, "PEM file with its key"},
            {"--policy", &options.policy, "how offers compete and jobs are ranked (least-cost)",
             false, words_of(sched::policy_names())},
            {"--chips", &options.chips, "registry of chip models, YAML"},
            {"--keep-entries", &options.keep_entries,
             "archive entries of the journal after this time, as in 90d (never)"},
            {"--keep-bodies", &options.keep_bodies,
             "erase scripts and environments so long after a job's end (never)"},
            {"--keep-jobs", &options.keep_jobs,
             "forget jobs so long after their end; entries stay (never)"},
            {"--insecure-listen", &options.insecure_listen,
             "allow an address that other machines reach, without TLS"},
            {"--hooks-allow-private", &options.hooks_allow_private,
             "hooks may lead to this machine and into private networks"},
            {"--exclude-after", &options.exclude_after,
             "failures in a row after which a node gets no new jobs (3), or never"},
            {"--optimise-every", &options.optimise_every,
             "how often the price index is sought, as in 5m (60s); 0 is never"}};
}

Result<void> complete(ServerOptions& options, const Globals& globals) {
    constexpr std::string_view paths[] = {"data", "tls_cert", "tls_key", "chips"};
    options.data = globals.data;
    if (!options.config.empty()) {
        std::vector<Option> settings = settings_of(options);
        settings.push_back({"--data", &options.data, ""});
        TRY(read_settings(options.config, settings, paths));
    }
    if (options.data.empty()) options.data = default_data_folder;
    if (options.listen.empty()) options.listen = default_listen;
    return {};
}

bool is_local(const ServerOptions& options) {
    return http::is_loopback(std::string_view(options.listen).substr(0, options.listen.rfind(':')));
}

Result<void> check_listen(const ServerOptions& options) {
    if (options.tls_cert.empty() != options.tls_key.empty()) {
        return invalid("bad_tls",
                       "--tls-cert and --tls-key go together, and " +
                           std::string(options.tls_cert.empty() ? "--tls-cert" : "--tls-key") +
                           " is missing");
    }
    if (!options.tls_cert.empty() || is_local(options) || options.insecure_listen) return {};
    return invalid(
        "listen_without_tls",
        "--listen " + options.listen +
            " can be reached from other machines, and without TLS everyone on the way "
            "could read the tokens. Give --tls-cert and --tls-key, or listen on 127.0.0.1 "
            "behind a proxy that speaks TLS, or accept the risk with --insecure-listen");
}

// Null: plain HTTP.
Result<std::shared_ptr<http::CertificateFiles>> open_certificate(const ServerOptions& options) {
    if (options.tls_cert.empty()) return std::shared_ptr<http::CertificateFiles>();
    return http::CertificateFiles::open({.certificate = options.tls_cert, .key = options.tls_key});
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

Result<std::optional<Duration>> kept(const std::string& option, const std::string& text) {
    if (text.empty()) return std::optional<Duration>();
    const Result<Duration> duration = parse_duration(text);
    if (duration) return std::optional(*duration);
    return invalid("usage", option + " \"" + text + "\": " + duration.error().message);
}

Result<journal::Retention> retention_of(const ServerOptions& options) {
    return journal::Retention{.entries = TRY(kept("--keep-entries", options.keep_entries)),
                              .bodies = TRY(kept("--keep-bodies", options.keep_bodies)),
                              .jobs = TRY(kept("--keep-jobs", options.keep_jobs))};
}

Result<std::int64_t> failures_borne(const std::string& text) {
    if (text.empty()) return control::NodeRule{}.failures;
    if (text == "never") return 0;
    std::int64_t failures = 0;
    const char* end = text.data() + text.size();
    const auto [read_to, error] = std::from_chars(text.data(), end, failures);
    const bool is_number = error == std::errc{} && read_to == end;
    if (is_number && failures >= 1 && failures <= control::max_node_failures) return failures;
    return invalid("exclude_after_malformed",
                   fmt::format("--exclude-after \"{}\": 1 to {} failures in a row, or never", text,
                               control::max_node_failures));
}

Result<Duration> optimise_every(const std::string& text) {
    if (text.empty()) return default_optimise_every;
    const Result<Duration> every = parse_duration(text);
    if (every) return *every;
    return invalid("usage", "--optimise-every \"" + text + "\": " + every.error().message);
}

void sweep_secrets(runtime::Loop& loop, const runtime::SecretVault& vault) {
    std::set<std::string> used;
    loop.read_and_wait([&](const runtime::Core& core) {
        for (const auto& [key, row] : core.state().secrets.rows()) used.insert(row.sealed);
        for (const auto& [key, row] : core.state().hooks.rows()) used.insert(row.sealed);
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

Result<int> serve(ServerOptions options, const Globals& globals) {
    TRY(complete(options, globals));
    TRY(check_listen(options));
    const sched::Policy* policy = TRY(find_policy(options.policy));
    const Duration optimised = TRY(optimise_every(options.optimise_every));
    const journal::Retention retention = TRY(retention_of(options));
    const std::shared_ptr<http::CertificateFiles> certificate = TRY(open_certificate(options));
    const std::string& folder = options.data;
    StopSignal stop_signal;
    stop_signal.hear_hangups();
    umask(0077);  // scripts and environments of jobs are nobody else's to read

    journal::Journal journal(TRY(
        journal::open_sqlite_store({.directory = folder, .read_only = false, .dayu = version})));
    const std::unique_ptr<runtime::SecretVault> secrets =
        TRY(runtime::SecretVault::open(folder + "/secrets"));
    const std::unique_ptr<runtime::ContentStore> contents =
        TRY(runtime::ContentStore::open(folder + "/contents"));
    runtime::Loop::Options loop_options;
    loop_options.secrets = secrets.get();
    loop_options.retention = retention;
    loop_options.restored = TRY(find_restore(folder));
    loop_options.core.node_rule.failures = TRY(failures_borne(options.exclude_after));
    const std::unique_ptr<runtime::Loop> loop =
        TRY(runtime::Loop::start(journal, *policy, loop_options, system_clock()));
    if (loop_options.restored) TRY(journal::forget_backup(folder));
    sweep_secrets(*loop, *secrets);
    const runtime::ContentSweeper sweeper(*loop, *contents);
    std::optional<runtime::Optimiser> optimiser;
    if (optimised.ms > 0) optimiser.emplace(*loop, optimised);
    TRY(found_cluster(*loop));
    TRY(provide_tokens(*loop, folder, options.new_tokens ? TokenFiles::renew : TokenFiles::keep));
    TRY(declare_chips(*loop, options.chips));

    const std::unique_ptr<notices::Desk> notices = TRY(notices::Desk::start(
        *loop, *secrets,
        {.folder = folder + "/notices",
         .destinations = options.hooks_allow_private ? http::Destinations::any
                                                     : http::Destinations::public_only,
         .user_agent = fmt::format("dayu/{}", version)}));

    rest::Options rest_options;
    rest_options.listen = options.listen;
    rest_options.version = version;
    rest_options.certificate = certificate;
    rest_options.notices = notices.get();
    rest_options.contents = contents.get();
    if (optimiser) rest_options.optimiser = &*optimiser;
    rest_options.planner = job_planner();
    const std::unique_ptr<rest::Service> service = TRY(rest::serve(*loop, rest_options));
    AddressFile address(folder + "/" + std::string(address_file));
    TRY(address.write(service->url()));
    if (!certificate && !is_local(options)) {
        log_warning("listening on {} without TLS: tokens travel readable", service->address());
    }
    remark(fmt::format("ready on {}; data in {}, token in {}/{}", service->url(), folder, folder,
                       token_file));
    while (stop_signal.wait() == StopSignal::Heard::hangup) {
        if (certificate) certificate->reload();
    }
    remark("stopping; jobs go on at their centres");
    return 0;
}

}  // namespace

Verb server_verb() {
    const auto options = std::make_shared<ServerOptions>();
    std::vector<Option> settings = settings_of(*options);
    settings.push_back(
        {"--config", &options->config,
         "YAML file of these settings and `data`; a key is its option, with _ for -"});
    settings.push_back({"--new-tokens", &options->new_tokens,
                        "replace the token files; those issued before stay valid"});
    return {
        .name = "server",
        .help = "Run the control plane; its data lie in --data (./var)",
        .options = std::move(settings),
        .run = [options](const Globals& globals) { return serve(*options, globals); },
        .detail =
            "Options go before the file of --config. SIGHUP reads the certificate anew at "
            "once; changed files are seen within seconds without it.",
        .examples = {"dayu server --config /etc/dayu/server.yaml",
                     "dayu server --listen 0.0.0.0:8620 --tls-cert chain.pem --tls-key key.pem"},
    };
}

}  // namespace dayu::app
