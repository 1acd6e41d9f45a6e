// dayu cp JOB:PATH LOCAL, dayu cp LOCAL JOB:PATH: files out of a job's run directory and into it, while it
// runs and after it has ended, as long as its centre keeps them. Folders are copied with all below them.
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <utility>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/file_copy.h"
#include "dayu/output.h"
#include "dayu/remote_listing.h"
#include "dayu/remote_path.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct CpOptions {
    std::string from;
    std::string to;
    std::int64_t node = -1;
    std::int64_t attempt = 0;
    bool list = false;
};

std::string last_name(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path.substr(path.rfind('/') + 1);
}

bool is_folder_here(const std::string& path) {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::string name_of(const RemotePath& place) { return fmt::format("job {}", place.job); }

void report(const FileCopy& copy) {
    remark(fmt::format("{} file{}, {}", copy.files(), copy.files() == 1 ? "" : "s",
                       bytes(copy.bytes())));
}

Result<int> download(const RemotePath& from, std::string to, const Globals& globals) {
    RemoteFiles remote(globals, from);
    const std::string name = last_name(from.path);
    const bool is_named = !name.empty() && name != "." && !from.path.ends_with('/');
    if (is_folder_here(to) && is_named) to += (to.ends_with('/') ? "" : "/") + name;
    FileCopy copy(remote, name_of(from));
    TRY(copy.download(from.path, to));
    report(copy);
    return 0;
}

Result<int> upload(std::string from, RemotePath to, const Globals& globals) {
    RemoteFiles remote(globals, to);
    const bool takes_contents = from.ends_with('/');
    bool is_folder = to.path.empty() || to.path.ends_with('/');
    if (!is_folder) {
        const Result<FileStatus> there = remote.stat(to.path);
        if (!there.ok() && there.error().code != "file_not_found") {
            return Error{there.error().kind, there.error().code,
                         name_of(to) + ": " + there.error().message};
        }
        is_folder = there.ok() && there->kind == 'd';
    }
    const std::string name = last_name(std::filesystem::absolute(from).lexically_normal());
    if (is_folder && !takes_contents) {
        if (!to.path.empty() && !to.path.ends_with('/')) to.path += "/";
        to.path += name;
    }
    FileCopy copy(remote, name_of(to));
    TRY(copy.upload(from, to.path));
    report(copy);
    return 0;
}

Result<int> cp(const CpOptions& options, const Globals& globals) {
    auto from = parse_remote_path(options.from);
    auto to = parse_remote_path(options.to);
    for (auto* place : {&from, &to}) {
        if (!*place) continue;
        if (options.node >= 0) (*place)->node = options.node;
        (*place)->attempt = options.attempt;
    }
    if (options.list) {
        if (!from) return invalid("usage", "--list wants JOB:PATH, as 12:model/");
        return list_remote(*from, globals);
    }
    if (options.to.empty())
        return invalid("usage", "cp wants two places: JOB:PATH LOCAL, or LOCAL JOB:PATH");
    if (static_cast<bool>(from) == static_cast<bool>(to)) {
        return invalid("usage",
                       from ? "cp copies between here and a job; copy to a file here first"
                            : "neither \"" + options.from + "\" nor \"" + options.to +
                                  "\" is a place in a job; write JOB:PATH, as 12:model/out.bin");
    }
    return from ? download(*from, options.to, globals)
                : upload(options.from, *std::move(to), globals);
}

}  // namespace

Verb cp_verb() {
    const auto options = std::make_shared<CpOptions>();
    return {
        .name = "cp",
        .help = "Copy files out of a job's run directory, or into it",
        .options = {{"FROM", &options->from, "JOB:PATH, JOB[NODE]:PATH, or a file here", true},
                    {"TO", &options->to, "the other of the two"},
                    {"--node", &options->node, "node of a gang (0)"},
                    {"--attempt", &options->attempt, "number of the attempt (the latest)"},
                    {"--list", &options->list, "list what is there instead"}},
        .run = [options](const Globals& globals) { return cp(*options, globals); },
    };
}

}  // namespace dayu::app
