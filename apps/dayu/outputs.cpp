// dayu outputs JOB: the files that an attempt has left among its job's outputs.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

struct OutputsOptions {
    std::string job;
    std::string attempt;
};

Result<int> show_outputs(const OutputsOptions& options, const Globals& globals) {
    const std::int64_t id = TRY(parse_job_id(options.job));
    Connection connection = TRY(Connection::open(globals));
    const wire::Json answer =
        TRY(connection.get(with_query(job_path(id, "/outputs"), {{"attempt", options.attempt}})));
    if (is_structured(globals)) {
        print_structured(globals, member(answer, "outputs"));
        return 0;
    }
    Table table({{"PATH"}, {"SIZE", Column::Kind::number}, {"SHA-256"}});
    for (const wire::Json& file : list(answer, "outputs"))
        table.add({text(file, "path"), bytes(number(file, "bytes")), text(file, "sha256")});
    print_table(globals, table);
    return 0;
}

}  // namespace

Verb outputs_verb() {
    const auto options = std::make_shared<OutputsOptions>();
    return {
        .name = "outputs",
        .help = "List what a job has left in its data.outputs",
        .options = {{"JOB", &options->job, "job id", true},
                    {"--attempt", &options->attempt, "of this attempt, not of the latest"}},
        .run = [options](const Globals& globals) { return show_outputs(*options, globals); },
    };
}

}  // namespace dayu::app
