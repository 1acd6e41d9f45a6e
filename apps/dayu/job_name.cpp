#include "dayu/job_name.h"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/output.h"

namespace dayu::app {
namespace {

constexpr std::int64_t tasks_a_page = 1000;

struct Name {
    std::int64_t id = 0;
    std::optional<std::int64_t> index;
};

Result<Name> parse(std::string_view text) {
    const std::size_t at = text.find('_');
    Name name{.id = TRY(parse_job_id(text.substr(0, at))), .index = {}};
    if (at == std::string_view::npos) return name;
    const std::string_view index = text.substr(at + 1);
    name.index = index == "0" ? 0 : TRY(parse_job_id(index));
    return name;
}

Result<wire::Json::Array> tasks_of(Connection& connection, std::int64_t array) {
    wire::Json::Array tasks;
    std::string before;
    while (true) {
        const wire::Json page =
            TRY(connection.get(with_query("/v1/jobs", {{"all", "true"},
                                                       {"array", std::to_string(array)},
                                                       {"before", before},
                                                       {"limit", std::to_string(tasks_a_page)}})));
        for (const wire::Json& task : list(page, "jobs")) tasks.push_back(task);
        if (is_null(page, "next")) break;
        before = std::to_string(number(page, "next"));
    }
    std::ranges::reverse(tasks);
    return tasks;
}

// Whether the id is that of the first task, which stands for all.
Result<bool> names_an_array(Connection& connection, std::int64_t id) {
    const wire::Json job = TRY(connection.get(job_path(id)));
    return !is_null(job, "array") && number(job, "array") == id;
}

}  // namespace

std::string job_name(const wire::Json& job) {
    if (is_null(job, "array")) return std::to_string(number(job, "id"));
    return fmt::format("{}_{}", number(job, "array"), number(job, "array_index"));
}

Result<std::int64_t> find_job(Connection& connection, std::string_view name) {
    const Name wanted = TRY(parse(name));
    if (!wanted.index) return wanted.id;
    for (const wire::Json& task : TRY(tasks_of(connection, wanted.id))) {
        if (number(task, "array_index") == *wanted.index) return number(task, "id");
    }
    return not_found("job_unknown",
                     fmt::format("there is no task {}; `dayu ps -a --array {}` lists "
                                 "those of the array",
                                 name, wanted.id));
}

Result<std::vector<std::int64_t>> find_jobs(Connection& connection, std::string_view name) {
    const Name wanted = TRY(parse(name));
    if (wanted.index || !TRY(names_an_array(connection, wanted.id)))
        return std::vector{TRY(find_job(connection, name))};
    std::vector<std::int64_t> ids;
    for (const wire::Json& task : TRY(tasks_of(connection, wanted.id)))
        ids.push_back(number(task, "id"));
    return ids;
}

Result<std::string> find_action_path(Connection& connection, std::string_view name) {
    const Name wanted = TRY(parse(name));
    if (!wanted.index && TRY(names_an_array(connection, wanted.id)))
        return fmt::format("/v1/arrays/{}", wanted.id);
    return job_path(TRY(find_job(connection, name)));
}

Result<int> act_on_jobs(const std::vector<std::string>& names, std::string_view action,
                        std::string_view done, const Globals& globals) {
    for (const std::string& name : names) TRY(parse(name));
    Connection connection = TRY(Connection::open(globals));
    const auto act = [&](const std::string& name) -> Result<wire::Json> {
        wire::Json answer = TRY(
            connection.post(fmt::format("{}/{}", TRY(find_action_path(connection, name)), action)));
        answer["job"] = name;
        return answer;
    };
    std::optional<Error> refused;
    wire::Json::Array answers;
    for (const std::string& name : names) {
        Result<wire::Json> answer = act(name);
        if (answer.ok()) {
            remark(fmt::format("job {} {}", name, done));
            answers.push_back(*std::move(answer));
        } else if (refused) {
            remark(fmt::format("dayu: job {}: {}", name, answer.error().message));
        } else {
            refused = answer.error();
        }
    }
    if (is_structured(globals)) print_structured(globals, std::move(answers));
    if (refused) return *refused;
    return 0;
}

}  // namespace dayu::app
