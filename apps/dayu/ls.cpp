// dayu ls JOB[:PATH]: what lies in a job's run directory.
#include <algorithm>
#include <memory>

#include <fmt/core.h>

#include "base/time.h"
#include "dayu/answers.h"
#include "dayu/output.h"
#include "dayu/remote_listing.h"
#include "dayu/remote_path.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct LsOptions {
    std::string place;
    std::int64_t node = -1;
    std::int64_t attempt = 0;
};

std::string kind_word(char kind) {
    switch (kind) {
        case 'f': return "file";
        case 'd': return "folder";
        case 'l': return "link";
        default: return "other";
    }
}

std::string modified(const FileStatus& entry) { return to_string(Time{entry.modified * 1000}); }

Result<std::vector<FileStatus>> entries_of(const RemotePath& place, const Globals& globals) {
    RemoteFiles remote(globals, place);
    FileStatus status = TRY(remote.stat(place.path));
    if (status.kind != 'd') {
        status.name = place.path;
        return std::vector{status};
    }
    std::vector<FileStatus> entries = TRY(remote.list(place.path));
    std::ranges::sort(entries, {}, &FileStatus::name);
    return entries;
}

Result<int> ls(const LsOptions& options, const Globals& globals) {
    const bool is_whole = options.place.find(':') == std::string::npos;
    auto place = parse_remote_path(options.place + (is_whole ? ":" : ""));
    if (!place) {
        return invalid("usage", "\"" + options.place +
                                    "\" is no place in a job; write JOB or JOB:PATH, as 12:model/");
    }
    if (options.node >= 0) place->node = options.node;
    place->attempt = options.attempt;
    return list_remote(*place, globals);
}

}  // namespace

Result<int> list_remote(const RemotePath& place, const Globals& globals) {
    const Result<std::vector<FileStatus>> entries = entries_of(place, globals);
    if (!entries.ok()) {
        const Error& error = entries.error();
        return Error{error.kind, error.code, fmt::format("job {}: {}", place.job, error.message)};
    }
    if (is_structured(globals)) {
        wire::Json::Array list;
        for (const FileStatus& entry : *entries) {
            list.push_back(wire::Json::Object{{"name", entry.name},
                                              {"kind", kind_word(entry.kind)},
                                              {"mode", fmt::format("{:04o}", entry.mode)},
                                              {"bytes", entry.bytes},
                                              {"modified", modified(entry)}});
        }
        print_structured(globals, list);
        return 0;
    }
    using Kind = Column::Kind;
    Table table({{"MODE"}, {"SIZE", Kind::number}, {"MODIFIED"}, {"NAME"}});
    for (const FileStatus& entry : *entries) {
        table.add({fmt::format("{}{:03o}", entry.kind == 'f' ? '-' : entry.kind, entry.mode),
                   bytes(entry.bytes), local_time(modified(entry)),
                   entry.name + (entry.kind == 'd' ? "/" : "")});
    }
    print_table(globals, table);
    return 0;
}

Verb ls_verb() {
    const auto options = std::make_shared<LsOptions>();
    return {
        .name = "ls",
        .help = "List the files in a job's run directory",
        .options = {{"PLACE", &options->place, "JOB, JOB:PATH or JOB[NODE]:PATH", true},
                    {"--node", &options->node, "node of a gang (0)"},
                    {"--attempt", &options->attempt, "number of the attempt (the latest)"}},
        .run = [options](const Globals& globals) { return ls(*options, globals); },
    };
}

}  // namespace dayu::app
