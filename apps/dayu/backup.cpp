// dayu backup and dayu restore: the data folder of a server as a folder that can be put away, and back.
#include "journal/backup.h"

#include <sys/stat.h>

#include <memory>
#include <optional>

#include <fmt/core.h>

#include "base/time.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/progress.h"
#include "dayu/verbs.h"
#include "dayu/version.h"

namespace dayu::app {
namespace {

std::int64_t bytes_of(const journal::BackupFacts& facts) {
    std::int64_t sum = 0;
    for (const journal::BackupFile& file : facts.files) sum += file.bytes;
    return sum;
}

wire::Json to_json(const journal::BackupFacts& facts) {
    wire::Json json;
    json["seq"] = facts.seq.value;
    json["hash"] = facts.hash;
    json["state"] = facts.state;
    json["made"] = to_string(facts.made);
    json["dayu"] = facts.dayu;
    json["files"] = facts.files.size();
    json["bytes"] = bytes_of(facts);
    return json;
}

Result<int> back_up(const std::string& target, const Globals& globals) {
    umask(0077);  // a backup holds scripts, environments and tokens
    std::optional<Progress> progress("copying to " + target);
    const journal::BackupFacts facts = TRY(journal::back_up(
        {.data = globals.data.empty() ? std::string(default_data_folder) : globals.data,
         .target = target,
         .dayu = version,
         .now = system_clock().now()}));
    progress.reset();
    if (is_structured(globals)) {
        print_structured(globals, to_json(facts));
    } else {
        print_line(fmt::format("{}: up to entry {}; {} files, {} bytes; state {}", target,
                               facts.seq.value, facts.files.size(), bytes_of(facts),
                               facts.state.substr(0, 16)));
    }
    return 0;
}

struct RestoreOptions {
    std::string backup;
    bool replace = false;
};

Result<int> restore(const RestoreOptions& options, const Globals& globals) {
    if (globals.data.empty()) {
        return invalid("usage", "dayu restore: --data is missing; name the folder to restore into");
    }
    umask(0077);
    std::optional<Progress> progress("restoring " + options.backup);
    const journal::Restored restored = TRY(journal::restore({.backup = options.backup,
                                                             .data = globals.data,
                                                             .dayu = version,
                                                             .replace = options.replace,
                                                             .now = system_clock().now()}));
    progress.reset();
    const journal::BackupFacts& facts = restored.facts;
    if (is_structured(globals)) {
        wire::Json json = to_json(facts);
        json["state"] = restored.state;
        json["put_aside"] = restored.aside;
        print_structured(globals, json);
        return 0;
    }
    print_line(fmt::format(
        "{}: restored up to entry {}, as of {}; each entry follows from the one before, "
        "and together they lead to state {}",
        globals.data, facts.seq.value, to_string(facts.made), restored.state.substr(0, 16)));
    if (!restored.aside.empty()) remark("what was there before lies in " + restored.aside);
    return 0;
}

}  // namespace

Verb backup_verb() {
    const auto target = std::make_shared<std::string>();
    return {.name = "backup",
            .help = "Copy the data folder of a server, which may go on running",
            .options = {{"TARGET", target.get(), "folder to make; there when it is whole", true}},
            .run = [target](const Globals& globals) { return back_up(*target, globals); }};
}

Verb restore_verb() {
    const auto options = std::make_shared<RestoreOptions>();
    return {.name = "restore",
            .help = "Put a backup into --data, checked from its first entry to its last",
            .options = {{"BACKUP", &options->backup, "folder that `dayu backup` made", true},
                        {"--replace", &options->replace,
                         "put a data folder that is not empty aside, under another name"}},
            .run = [options](const Globals& globals) { return restore(*options, globals); }};
}

}  // namespace dayu::app
