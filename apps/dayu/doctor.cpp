// dayu doctor: looks at what an installation needs and says what to mend.
#include <sys/stat.h>
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

namespace dayu::app {
namespace {

constexpr Duration tolerated_skew = seconds(5);
constexpr Duration patience = seconds(5);

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

void check_data(Findings& findings, const Globals& globals) {
    const std::string folder =
        globals.data.empty() ? std::string(default_data_folder) : globals.data;
    if (!exists(folder)) {
        const Verdict verdict = globals.data.empty() ? Verdict::note : Verdict::wrong;
        findings.push_back({"data", verdict, "no data folder " + folder,
                            "`dayu server --data " + folder + "` makes one"});
        return;
    }
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
        findings.push_back({"server", Verdict::wrong, answer.error().message,
                            "start it with `dayu server`, or name it with --server (now from " +
                                target.url_source + ")"});
        return;
    }
    const Result<wire::Json> json = wire::parse_json(answer->body);
    const std::string release = json.ok() ? text(*json, "version") : "unknown";
    findings.push_back({"server", Verdict::ok, fmt::format("{} runs {}", target.url, release), ""});
    check_clock(findings, *answer);
    const Result<http::Response> ready =
        connection->fetch({.path = "/readyz", .timeout = patience});
    findings.push_back({"journal", ready.ok() ? Verdict::ok : Verdict::wrong,
                        ready.ok() ? "jobs are accepted" : ready.error().message,
                        ready.ok() ? "" : "look for room on the server's disk"});

    const Result<wire::Json> centers = connection->get("/v1/centers", patience);
    const std::string source =
        target.token.empty() ? "no token" : "token of " + target.token_source;
    findings.push_back({"token", centers.ok() ? Verdict::ok : Verdict::wrong,
                        centers.ok() ? source : source + ": " + centers.error().message,
                        centers.ok() ? "" : "give --token, DAYU_TOKEN or --data"});
    if (!centers.ok()) return;
    const std::size_t count = list(*centers, "centers").size();
    findings.push_back({"centers", count > 0 ? Verdict::ok : Verdict::note,
                        fmt::format("{} joined", count),
                        count > 0 ? "" : "start an agent: `dayu agent --config FILE`"});
    for (const wire::Json& center : list(*centers, "centers")) {
        if (text(center, "contact") == "ok") continue;
        findings.push_back({"center " + text(center, "name"), Verdict::wrong,
                            "contact: " + text(center, "contact"),
                            "see whether its agent runs and reaches the server"});
    }
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
            .run = examine};
}

}  // namespace dayu::app
