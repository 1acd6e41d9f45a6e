// dayu doctor: looks at what an installation needs and says what to mend.
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"
#include "dayu/version.h"
#include "engine/shim.h"
#include "http/certificate_files.h"
#include "http/named_address.h"

namespace dayu::app {
namespace {

constexpr Duration tolerated_skew = seconds(5);
constexpr Duration patience = seconds(5);
constexpr std::int64_t day_ms = 24 * 3600 * 1000;
constexpr std::uint64_t too_little_disk_mib = 256;
constexpr std::uint64_t little_disk_mib = 2048;

enum class Verdict { ok, note, wrong };

struct Finding {
    std::string subject;
    Verdict verdict = Verdict::ok;
    std::string found;
    std::string remedy;
};
using Findings = std::vector<Finding>;

std::string_view word_of(Verdict verdict) {
    constexpr std::string_view words[] = {"ok", "note", "wrong"};
    return words[static_cast<std::size_t>(verdict)];
}

void check_programs(Findings& findings) {
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    findings.push_back(
        {"program", Verdict::ok, fmt::format("dayu {} at {}", version, program.string()), ""});
    const std::string shim = engine::find_shim();
    const bool runs = access(shim.c_str(), X_OK) == 0;
    findings.push_back({"shim", runs ? Verdict::ok : Verdict::wrong,
                        runs ? shim : "no dayu-shim at " + shim,
                        runs ? ""
                             : "an agent here cannot run processes: install dayu-shim beside dayu "
                               "or in ../libexec/dayu"});
}

void check_permissions(Findings& findings, const std::string& path, mode_t forbidden,
                       const std::string& mode) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0) return;
    const bool open = (status.st_mode & forbidden) != 0;
    findings.push_back({path, open ? Verdict::wrong : Verdict::ok,
                        fmt::format("mode {:04o}", status.st_mode & 07777),
                        open ? "others can get at it: chmod " + mode + " " + path : ""});
}

// The server needs to write there, and room: without it no job is accepted.
void check_disk(Findings& findings, const std::string& folder) {
    const bool writable = access(folder.c_str(), W_OK | X_OK) == 0;
    findings.push_back(
        {"data", writable ? Verdict::ok : Verdict::wrong,
         folder + (writable ? " is writable" : " is not writable for this user"),
         writable ? "" : "run this and the server as its owner, or chown " + folder});
    struct statvfs disk{};
    if (statvfs(folder.c_str(), &disk) != 0) return;
    const std::uint64_t left_mib = std::uint64_t{disk.f_bavail} * disk.f_frsize >> 20;
    const Verdict verdict = left_mib < too_little_disk_mib ? Verdict::wrong
                            : left_mib < little_disk_mib   ? Verdict::note
                                                           : Verdict::ok;
    findings.push_back(
        {"disk", verdict,
         gibibytes(static_cast<std::int64_t>(left_mib)) + " GiB left for " + folder,
         verdict == Verdict::ok ? "" : "make room: a server without it takes no jobs"});
    if (disk.f_favail == 0 && disk.f_files > 0) {
        findings.push_back({"disk", Verdict::wrong, "no inode left for " + folder,
                            "delete files there that nobody needs"});
    }
}

void check_data(Findings& findings, const Globals& globals) {
    const std::string folder =
        globals.data.empty() ? std::string(default_data_folder) : globals.data;
    if (!exists(folder)) {
        const Verdict verdict = globals.data.empty() ? Verdict::note : Verdict::wrong;
        findings.push_back({"data", verdict, "no data folder " + folder,
                            "`dayu server --data " + folder + "` makes one"});
        return;
    }
    check_disk(findings, folder);
    check_permissions(findings, folder, 0022, "go-w");
    for (const std::string_view file : {token_file, agent_token_file}) {
        check_permissions(findings, folder + "/" + std::string(file), 0077, "600");
    }
}

// The server's Date header tells seconds: enough to see a clock that is wrong.
void check_clock(Findings& findings, const http::Response& response) {
    std::tm parts{};
    const std::string date(response.header("Date").value_or(""));
    if (strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return;
    const std::int64_t skew_ms = system_clock().now().ms - std::int64_t{timegm(&parts)} * 1000;
    const bool wrong = std::abs(skew_ms) > tolerated_skew.ms;
    findings.push_back({"clock", wrong ? Verdict::wrong : Verdict::ok,
                        fmt::format("{} s from the server's", skew_ms / 1000),
                        wrong ? "set the clocks of both machines by NTP" : ""});
}

void check_token(Findings& findings, const Target& target, const Result<wire::Json>& centers) {
    const std::string source =
        target.token.empty() ? "no token" : "token of " + target.token_source;
    if (centers.ok()) {
        findings.push_back({"token", Verdict::ok, source + ", an operator's", ""});
        return;
    }
    const bool is_other_role = centers.error().code != "token_unknown" && !target.token.empty() &&
                               centers.error().kind == ErrorKind::denied;
    findings.push_back({"token", Verdict::wrong, source + ": " + centers.error().message,
                        is_other_role
                            ? "this one has another role; the operator's is `token` of the "
                              "server's data folder"
                            : "give --token, DAYU_TOKEN or --data; `dayu server --new-tokens` "
                              "makes new ones"});
}

// What its agent tells of itself and its machine; the server put it in words.
void check_health(Findings& findings, const wire::Json& center) {
    const std::string name = text(center, "name");
    for (const std::string& warning : texts(member(center, "health"), "warnings")) {
        findings.push_back({"center " + name, Verdict::note, warning,
                            "`dayu centers --health` shows more; docs/operate/centers.md tells "
                            "what to do"});
    }
}

void check_centers(Findings& findings, const wire::Json& answer) {
    const wire::Json::Array& centers = list(answer, "centers");
    const bool any = !centers.empty();
    findings.push_back({"centers", any ? Verdict::ok : Verdict::note,
                        fmt::format("{} joined", centers.size()),
                        any ? "" : "start an agent: `dayu agent --config FILE`"});
    for (const wire::Json& center : centers) {
        const std::string contact = text(center, "contact");
        if (contact == "ok") {
            check_health(findings, center);
            continue;
        }
        findings.push_back({"center " + text(center, "name"), Verdict::wrong,
                            fmt::format("contact: {} since {}", contact,
                                        local_time(text(center, "contact_changed"))),
                            fmt::format("see whether its agent {} runs and reaches the server",
                                        text(center, "agent"))});
    }
}

// Over plain HTTP from machine to machine, tokens could be read on the way; a proxy may speak TLS for it.
void check_plain_http(Findings& findings, const Target& target) {
    const std::string_view url = target.url;
    const std::string_view host = url.substr(url.find("://") + 3);
    if (url.starts_with("https://") || http::is_loopback(host.substr(0, host.rfind(':')))) return;
    findings.push_back({"tls", Verdict::note, "plain HTTP: tokens travel readable",
                        "give the server --tls-cert and --tls-key"});
}

void check_certificate(Findings& findings, const wire::Json& certificate) {
    const Result<Time> ends = parse_time(text(certificate, "ends"));
    const Result<Time> begins = parse_time(text(certificate, "begins"));
    if (!begins.ok() || !ends.ok()) return;
    const Time now = system_clock().now();
    const Duration left = *ends - now;
    const Verdict verdict = left.ms <= 0                           ? Verdict::wrong
                            : http::ends_soon(*begins, *ends, now) ? Verdict::note
                                                                   : Verdict::ok;
    findings.push_back(
        {"certificate", verdict,
         fmt::format("{} ends {}, {} days from now", text(certificate, "serial"),
                     local_time(text(certificate, "ends")), left.ms / day_ms),
         verdict == Verdict::ok ? "" : "renew it; the server takes the new files by itself"});
    const std::string refused = text(certificate, "refused");
    if (refused.empty()) return;
    findings.push_back({"certificate", Verdict::wrong, "its files cannot serve: " + refused,
                        "put a whole pair there; the server looks again by itself"});
}

void check_tls(Findings& findings, Connection& connection) {
    const Result<wire::Json> server = connection.get("/v1/server", patience);
    if (!server.ok()) return;  // no operator's token, or an older server
    const wire::Json* certificate = server->find("certificate");
    if (certificate == nullptr || certificate->is_null()) {
        return check_plain_http(findings, connection.target());
    }
    check_certificate(findings, *certificate);
}

// A hook that nobody looks after is how an outage goes unseen.
void check_hooks(Findings& findings, const wire::Json& answer) {
    for (const wire::Json& hook : list(answer, "hooks")) {
        const std::string name = text(hook, "name");
        const wire::Json& delivery = member(hook, "delivery");
        if (!is_null(hook, "suspended")) {
            findings.push_back(
                {"hook " + name, Verdict::wrong,
                 fmt::format("suspended since {}: {}", local_time(text(hook, "changed")),
                             text(hook, "suspended")),
                 "mend its receiver, then `dayu hook resume " + name + "`"});
        } else if (!is_null(delivery, "failing_since")) {
            findings.push_back({"hook " + name, Verdict::wrong,
                                fmt::format("nothing delivered since {}: {}",
                                            local_time(text(delivery, "failing_since")),
                                            text(delivery, "last_error")),
                                "see what `dayu hook test " + name + "` says"});
        }
    }
}

void check_server(Findings& findings, const Globals& globals) {
    Result<Connection> connection = Connection::open(globals);
    if (!connection.ok()) {
        findings.push_back({"server", Verdict::wrong, connection.error().message, ""});
        return;
    }
    const Target& target = connection->target();
    const Result<http::Response> answer =
        connection->fetch({.path = "/v1/version", .timeout = patience});
    if (!answer.ok()) {
        const bool silent = answer.error().code == "server_unreachable";
        findings.push_back({"server", Verdict::wrong, answer.error().message,
                            silent ? "start it with `dayu server`, or name it with --server (now "
                                     "from " +
                                         target.url_source + ")"
                                   : ""});
        return;
    }
    const Result<wire::Json> json = wire::parse_json(answer->body);
    const std::string release = json.ok() ? text(*json, "version") : "unknown";
    const bool same = release == version;
    findings.push_back({"server", same ? Verdict::ok : Verdict::note,
                        fmt::format("{} runs {}", target.url, release),
                        same ? "" : fmt::format("this is {}: install the same on both", version)});
    check_clock(findings, *answer);
    const Result<http::Response> ready =
        connection->fetch({.path = "/readyz", .timeout = patience});
    findings.push_back({"journal", ready.ok() ? Verdict::ok : Verdict::wrong,
                        ready.ok() ? "jobs are accepted" : ready.error().message,
                        ready.ok() ? "" : "look for room on the server's disk"});
    const Result<wire::Json> centers = connection->get("/v1/centers", patience);
    check_token(findings, target, centers);
    check_tls(findings, *connection);
    if (centers.ok()) check_centers(findings, *centers);
    const Result<wire::Json> hooks = connection->get("/v1/hooks", patience);
    if (hooks.ok()) check_hooks(findings, *hooks);
}

void check_host(Findings& findings) {
    const bool v2 = exists("/sys/fs/cgroup/cgroup.controllers");
    const bool v1 = exists("/sys/fs/cgroup/memory");
    const bool root = geteuid() == 0;
    const bool writable =
        access(v2 ? "/sys/fs/cgroup/cgroup.subtree_control" : "/sys/fs/cgroup/memory", W_OK) == 0;
    if ((v1 || v2) && writable) {
        findings.push_back({"cgroups", Verdict::ok, v2 ? "v2, writable" : "v1, writable", ""});
    } else {
        findings.push_back({"cgroups", Verdict::note,
                            v1 || v2 ? "not writable for this user" : "none",
                            "an agent here bounds jobs by rlimits alone; delegate a cgroup to it"});
    }
    findings.push_back({"user", root ? Verdict::ok : Verdict::note,
                        root ? "an agent here can run jobs as another user"
                             : "an agent here runs jobs as its own user",
                        root ? "" : "start the agent as root to part jobs from it"});
}

void print_findings(const Globals& globals, const Findings& findings) {
    if (is_structured(globals)) {
        wire::Json::Array rows;
        for (const Finding& finding : findings) {
            wire::Json row;
            row["subject"] = finding.subject;
            row["verdict"] = word_of(finding.verdict);
            row["found"] = finding.found;
            row["remedy"] = finding.remedy;
            rows.push_back(std::move(row));
        }
        return print_structured(globals, std::move(rows));
    }
    constexpr Color colors[] = {Color::green, Color::yellow, Color::red};
    for (const Finding& finding : findings) {
        const Color color = colors[static_cast<std::size_t>(finding.verdict)];
        const std::string word = fmt::format("{:<5}", word_of(finding.verdict));
        print_line(fmt::format("{}  {}: {}", uses_color(globals) ? colored(word, color) : word,
                               finding.subject, finding.found));
        if (!finding.remedy.empty()) print_line("       " + finding.remedy);
    }
}

Result<int> examine(const Globals& globals) {
    Findings findings;
    check_programs(findings);
    check_data(findings, globals);
    check_server(findings, globals);
    check_host(findings);
    print_findings(globals, findings);
    for (const Finding& finding : findings) {
        if (finding.verdict == Verdict::wrong) return 1;
    }
    return 0;
}

}  // namespace

Verb doctor_verb() {
    return {.name = "doctor",
            .help = "Check the installation and say what to mend",
            .options = {},
            .run = examine,
            .can_watch = true,
            .detail =
                "Looks at the programs, the data folder and its disk, the server and its "
                "version, the clocks, the journal, the token and its role, TLS and its "
                "certificate, the centres, the hooks, and what this host gives to jobs. `wrong` "
                "must be "
                "mended, and exits with 1; a "
                "`note` is worth knowing."};
}

}  // namespace dayu::app
