#include "journal/sqlite/ended_jobs.h"

#include <map>

namespace dayu::journal::sqlite {
namespace {

// "ended != 0" as text: that is how its index is found.
const std::string select_ended =
    "SELECT ended, id, body, array FROM jobs "
    "WHERE ended != 0 AND (ended, id) > (?, ?) AND ended < ? ORDER BY ended, id LIMIT ?";
const std::string select_end_of_array =
    "SELECT max(CASE WHEN ended = 0 THEN 9223372036854775807 ELSE ended END) "
    "FROM jobs WHERE array = ? AND array != 0";
const std::string drop_attempts = "DELETE FROM attempts WHERE job = ?";
const std::string drop_job = "DELETE FROM jobs WHERE id = ?";
const std::string drop_attempts_of_array =
    "DELETE FROM attempts WHERE job IN (SELECT id FROM jobs WHERE array = ? AND array != 0)";
const std::string drop_array = "DELETE FROM jobs WHERE array = ? AND array != 0";

std::int64_t number(JobId id) { return static_cast<std::int64_t>(id.value); }

Result<std::vector<EndedJob>> read_page(Connection& from, const EndedQuery& query) {
    Statement& rows = *TRY(from.statement(select_ended));
    const Reset reset(rows);
    rows.bind(query.after.ended.ms).bind(number(query.after.job)).bind(query.before.ms);
    rows.bind(static_cast<std::int64_t>(query.limit));
    std::vector<EndedJob> page;
    while (TRY(rows.step())) {
        EndedJob& job = page.emplace_back();
        job.ended.ms = rows.read_integer();
        job.job.value = static_cast<std::uint64_t>(rows.read_integer());
        job.body = rows.read_text();
        job.array.value = static_cast<std::uint64_t>(rows.read_integer());
    }
    return page;
}

}  // namespace

// An array is found at the task that ended last, once all of them have.
Result<EndedPage> read_ended_jobs(Connection& from, const EndedQuery& query) {
    const std::vector<EndedJob> rows = TRY(read_page(from, query));
    EndedPage page{.found = {}, .last = query.after, .is_last = rows.size() < query.limit};
    std::map<JobId, std::int64_t> ends;
    for (const EndedJob& row : rows) {
        page.last = row;
        if (row.array.value != 0) {
            auto end = ends.find(row.array);
            if (end == ends.end()) {
                Statement& of_array = *TRY(from.statement(select_end_of_array));
                const Reset reset(of_array);
                TRY(of_array.bind(number(row.array)).step());
                end = ends.emplace(row.array, of_array.read_integer()).first;
            }
            if (end->second != row.ended.ms) continue;
            end->second = 0;  // the others that ended in that moment are not found once more
        }
        page.found.push_back(row);
    }
    return page;
}

Result<void> drop_rows(Connection& to, const std::vector<EndedJob>& jobs) {
    for (const EndedJob& job : jobs) {
        const bool whole = job.array.value != 0;
        const std::int64_t id = number(whole ? job.array : job.job);
        TRY(TRY(to.statement(whole ? drop_attempts_of_array : drop_attempts))->bind(id).run());
        TRY(TRY(to.statement(whole ? drop_array : drop_job))->bind(id).run());
    }
    return {};
}

}  // namespace dayu::journal::sqlite
