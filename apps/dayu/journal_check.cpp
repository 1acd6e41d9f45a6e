// dayu journal check: walks the chain of a data folder, and says what to do where it is broken. It only
// reads, so a server may be running.
#include <memory>

#include <fmt/core.h>

#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/progress.h"
#include "dayu/small_file.h"
#include "dayu/verbs.h"
#include "dayu/version.h"
#include "journal/journal.h"

namespace dayu::app {
namespace {

Result<journal::CheckReport> check(journal::Journal& journal) {
    const Progress progress("checking the journal");
    return journal.check();
}

Result<int> check_journal(const Globals& globals) {
    const std::string folder =
        globals.data.empty() ? std::string(default_data_folder) : globals.data;
    if (!exists(folder + "/journal.db")) {
        return not_found("no_journal", "no journal in " + folder + "; name the server's --data");
    }
    journal::Journal journal(
        TRY(journal::open_sqlite_store({.directory = folder, .read_only = true, .dayu = version})));
    const journal::CheckReport report = TRY(check(journal));
    const bool whole = report.problem.empty();
    if (is_structured(globals)) {
        wire::Json json;
        json["entries"] = report.entries;
        json["archived"] = report.archived;
        json["whole"] = whole;
        json["bad"] = whole ? wire::Json() : wire::Json(report.bad.value);
        json["problem"] = report.problem;
        json["remedy"] = report.remedy;
        print_structured(globals, json);
    } else if (whole) {
        const std::string archived =
            report.archived == 0 ? "" : fmt::format(" ({} of them archived)", report.archived);
        print_line(fmt::format("{}: {} entries{}, each follows from the one before", folder,
                               report.entries, archived));
    } else {
        print_line(
            fmt::format("{}: broken at entry {}: {}", folder, report.bad.value, report.problem));
        print_line("What to do: " + report.remedy);
    }
    return whole ? 0 : 1;
}

}  // namespace

Verb journal_check_verb() {
    return {.name = "journal check",
            .help = "Check that no entry of the journal in --data is torn, edited or missing",
            .options = {},
            .run = check_journal};
}

}  // namespace dayu::app
