#include "journal/sqlite/conditions.h"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "wire/json_fields.h"

namespace dayu::journal::sqlite {
namespace {

template <class T>
std::vector<std::int64_t> numbers(const std::vector<T>& values) {
    std::vector<std::int64_t> found;
    for (const T value : values) found.push_back(static_cast<std::int64_t>(value));
    return found;
}

std::int64_t number(auto id) { return static_cast<std::int64_t>(id.value); }

template <class T>
std::string json_of(const std::vector<T>& values) {
    std::string json;
    wire::write_json(json, values);
    return json;
}

// Only a star at the end means anything.
std::string glob_of(std::string_view pattern) {
    std::string glob;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        const bool literal = c == '?' || c == '[' || (c == '*' && i + 1 < pattern.size());
        glob += literal ? std::string{'[', c, ']'} : std::string{c};
    }
    return glob;
}

bool is_of_live_jobs(const JobQuery& query) {
    if (query.states.empty()) return !query.ended_too;
    return std::ranges::none_of(query.states, [](JobState state) { return is_terminal(state); });
}

}  // namespace

void Conditions::add(std::string_view condition, std::vector<Value> values) {
    text_.append(text_.empty() ? " WHERE " : " AND ").append(condition);
    std::ranges::move(values, std::back_inserter(values_));
}

void Conditions::add_any(std::string_view column, const std::vector<std::string>& wanted) {
    if (wanted.empty()) return;
    add(fmt::format("{} IN (SELECT value FROM json_each(?))", column), {json_of(wanted)});
}

void Conditions::add_any_number(std::string_view column, const std::vector<std::int64_t>& wanted) {
    if (wanted.empty()) return;
    add(fmt::format("{} IN (SELECT value FROM json_each(?))", column), {json_of(wanted)});
}

void Conditions::add_any_name(const std::vector<std::string>& patterns) {
    if (patterns.empty()) return;
    std::vector<std::string> globs;
    for (const std::string& pattern : patterns) globs.push_back(glob_of(pattern));
    add("EXISTS (SELECT 1 FROM json_each(?) WHERE name GLOB value)", {json_of(globs)});
}

void Conditions::bind(Statement& to) const {
    for (const Value& value : values_) {
        if (const auto* whole = std::get_if<std::int64_t>(&value)) {
            to.bind(*whole);
        } else {
            to.bind(std::string_view(std::get<std::string>(value)));
        }
    }
}

// "ended = 0" as text, not as a parameter: that is how the partial index of live jobs is found; so is
// that of arrays.
Conditions conditions_of(const JobQuery& query) {
    Conditions all;
    if (query.before) all.add("id < ?", {number(query.before)});
    if (query.scope)
        all.add("project = ? AND tenant = ?", {query.scope->project, query.scope->tenant});
    if (query.array) all.add("array = ? AND array != 0", {number(query.array)});
    if (is_of_live_jobs(query)) all.add("ended = 0");
    if (query.since.ms != 0) all.add("submitted >= ?", {query.since.ms});
    if (!query.body.empty()) all.add("body = ?", {query.body});
    all.add_any_number("state", numbers(query.states));
    all.add_any_number("kind", numbers(query.kinds));
    all.add_any("center", query.centers);
    all.add_any("owner", query.owners);
    all.add_any("project", query.projects);
    all.add_any_name(query.names);
    return all;
}

Conditions conditions_of(const AttemptQuery& query) {
    Conditions all;
    if (query.job) all.add("job = ?", {number(query.job)});
    if (query.before)
        all.add("(job, number) < (?, ?)", {number(query.before->job), query.before->number});
    all.add_any_number("state", numbers(query.states));
    all.add_any("center", query.centers);
    return all;
}

}  // namespace dayu::journal::sqlite
