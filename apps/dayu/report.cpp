// dayu report JOB...: what ran where, why, for how long and at what price, energy and carbon. One line an
// attempt, from the journal.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/job_name.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

Table make_table() {
    using Kind = Column::Kind;
    return Table({{"JOBID", Kind::number},
                  {"NAME", Kind::prose},
                  {"STATE"},
                  {"CENTER"},
                  {"CHIP×N"},
                  {"RAN", Kind::number},
                  {"COST¥", Kind::number},
                  {"kWh", Kind::number},
                  {"gCO2e", Kind::number},
                  {"WHY THERE", Kind::prose}});
}

void add_attempts(Table& table, const wire::Json& job, const wire::Json& explanation) {
    for (const wire::Json& attempt : list(explanation, "attempts")) {
        table.add({
            std::to_string(number(job, "id")),
            text(job, "name"),
            {state_word(job).word, state_word(job).color},
            text(attempt, "center") + "/" + text(attempt, "pool"),
            chips(text(job, "chip"), number(job, "chips_milli")),
            ran_for(attempt),
            yuan(attempt, "cost"),
            kwh(attempt),
            grams(attempt),
            text(explanation, "why_there"),
        });
    }
}

Result<int> report(const std::vector<std::string>& jobs, const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    Table table = make_table();
    wire::Json::Array all;
    std::vector<std::int64_t> ids;
    for (const std::string& word : jobs) {
        for (const std::int64_t id : TRY(find_jobs(connection, word))) ids.push_back(id);
    }
    for (const std::int64_t id : ids) {
        const wire::Json job = TRY(connection.get(job_path(id)));
        const wire::Json explanation = TRY(connection.get(job_path(id, "/explain")));
        add_attempts(table, job, explanation);
        all.push_back(explanation);
    }
    if (is_structured(globals)) {
        print_structured(globals, std::move(all));
    } else {
        print_table(globals, table);
    }
    return 0;
}

}  // namespace

Verb report_verb() {
    const auto jobs = std::make_shared<std::vector<std::string>>();
    return {
        .name = "report",
        .help = "Say what ran where, why, how long, at what price, energy and carbon",
        .options = {{"JOB", jobs.get(), "job ids", true}},
        .run = [jobs](const Globals& globals) { return report(*jobs, globals); },
    };
}

}  // namespace dayu::app
