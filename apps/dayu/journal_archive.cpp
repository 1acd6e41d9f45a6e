// dayu journal archive: moves old entries of a data folder into its archive, and gives the space back. No server may be
// running: one that does archives by itself (--keep-entries).
#include <memory>

#include <fmt/core.h>

#include "base/time.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/progress.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"
#include "dayu/version.h"
#include "journal/retention.h"

namespace dayu::app {
namespace {

Result<std::uint64_t> archive(journal::Journal& journal, Duration kept) {
    const Progress progress("archiving entries");
    journal::Caretaker caretaker(journal, {.entries = kept, .bodies = {}, .jobs = {}}, 1);
    const journal::Tended done = TRY(caretaker.tend(system_clock().now(), [] { return false; }));
    TRY(journal.store().give_back_space());
    return done.archived;
}

Result<int> archive_journal(const std::string& older_than, const Globals& globals) {
    const std::string folder =
        globals.data.empty() ? std::string(default_data_folder) : globals.data;
    if (!exists(folder + "/journal.db")) {
        return not_found("no_journal", "no journal in " + folder + "; name the server's --data");
    }
    Duration kept;
    if (!older_than.empty()) kept = TRY(parse_duration(older_than));
    journal::Journal journal(
        TRY(journal::open_sqlite_store({.directory = folder, .dayu = version})));
    const std::uint64_t moved = TRY(archive(journal, kept));
    const Seq through = TRY(journal.store().archived()).seq;
    if (is_structured(globals)) {
        wire::Json json;
        json["archived"] = moved;
        json["through"] = through.value;
        print_structured(globals, json);
    } else {
        print_line(fmt::format("{}: {} entries were moved; the archive holds entries 1 to {}",
                               folder, moved, through.value));
    }
    return 0;
}

}  // namespace

Verb journal_archive_verb() {
    const auto older_than = std::make_shared<std::string>();
    return {.name = "journal archive",
            .help = "Move entries of the journal in --data into its archive, and free the space",
            .options = {{"--older-than", older_than.get(),
                         "only those, as in 30d (all that a snapshot covers)"}},
            .run = [older_than](const Globals& globals) {
                return archive_journal(*older_than, globals);
            }};
}

}  // namespace dayu::app
