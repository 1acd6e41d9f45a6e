#include "dayu/job_table.h"

#include "dayu/answers.h"
#include "dayu/job_name.h"

namespace dayu::app {

Table job_table(const wire::Json::Array& jobs, OutputFormat format) {
    using Kind = Column::Kind;
    const bool wide = format == OutputFormat::wide;
    std::vector<Column> columns = {{"JOBID", Kind::number},
                                   {"NAME", Kind::prose},
                                   {wide ? "STATE" : "ST"},
                                   {"CENTER"},
                                   {"CHIP×N"},
                                   {"TIME", Kind::number},
                                   {"EXIT", Kind::number},
                                   {"COST¥", Kind::number},
                                   {"NOTE", Kind::prose}};
    if (wide) {
        for (const char* title :
             {"KIND", "PROJECT", "PRIORITY", "OWNER", "SUBMITTED", "STARTED", "ENDED"}) {
            columns.push_back({title});
        }
    }
    Table table(std::move(columns));
    for (const wire::Json& job : jobs) {
        const StateWord state = state_word(job);
        std::vector<Cell> row = {
            job_name(job),
            text(job, "name"),
            {wide ? state.word : state.letters, state.color},
            text(job, "center"),
            chips(text(job, "chip"), number(job, "chips_milli")),
            ran_for(job),
            exit_word(job),
            is_null(job, "started") ? "" : yuan(job, "cost"),
            job_note(job),
        };
        if (wide) {
            row.emplace_back(text(job, "kind"));
            row.emplace_back(text(job, "project"));
            row.emplace_back(text(job, "priority"));
            row.emplace_back(text(job, "owner"));
            for (const char* key : {"submitted", "started", "ended"}) {
                row.emplace_back(local_time(text(job, key)));
            }
        }
        table.add(std::move(row));
    }
    return table;
}

}  // namespace dayu::app
