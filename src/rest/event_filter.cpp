#include "rest/event_filter.h"

#include <algorithm>
#include <utility>

#include "control/event.h"
#include "rest/answer.h"
#include "rest/pump.h"

namespace dayu::rest {
namespace {

template <class Value>
bool is_asked_for(const std::vector<Value>& wanted, const Value& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool is_asked_for(const std::vector<std::string>& wanted, std::string_view value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

template <std::size_t... index>
std::vector<std::string_view> types_of(std::index_sequence<index...>) {
    return {std::variant_alternative_t<index, control::AnyEvent>::type...};
}
const std::vector<std::string_view>& event_types() {
    static const auto types =
        types_of(std::make_index_sequence<std::variant_size_v<control::AnyEvent>>());
    return types;
}

Result<std::vector<std::string>> types_asked(const http::Request& request) {
    std::vector<std::string> types = TRY(query_list(request, "type"));
    for (const std::string& type : types) {
        if (std::ranges::find(event_types(), type) == event_types().end())
            return no_such_value("type", type, "type of an entry", event_types());
    }
    return types;
}

Result<std::vector<JobId>> jobs_asked(const http::Request& request) {
    std::vector<JobId> jobs;
    for (const std::string& word : TRY(query_list(request, "job"))) {
        const std::int64_t number = TRY(parse_number("job", word, {.least = 1}));
        jobs.push_back({static_cast<std::uint64_t>(number)});
    }
    if (jobs.size() <= max_jobs_filtered) return jobs;
    return invalid("parameter_invalid", "job: at most " + std::to_string(max_jobs_filtered) +
                                            " jobs, these are " + std::to_string(jobs.size()));
}

// Of several jobs: each by the index, then in one order. Complete up to the last entry of the job whose
// read was cut short.
Result<FoundEntries> find_of_jobs(runtime::Loop& loop, const EventFilter& filter, Seq after,
                                  std::size_t limit) {
    FoundEntries found{.entries = {}, .reached = loop.watch().newest(), .at_end = true};
    for (const JobId job : filter.jobs) {
        auto some = TRY(read_entries(loop, {.after = after, .job = job, .limit = limit}));
        if (some.size() == limit && some.back().seq < found.reached) {
            found.reached = some.back().seq;
            found.at_end = false;
        }
        std::ranges::move(some, std::back_inserter(found.entries));
    }
    std::ranges::sort(found.entries, {}, &journal::RenderedEntry::seq);
    const auto twice = std::ranges::unique(found.entries, {}, &journal::RenderedEntry::seq);
    found.entries.erase(twice.begin(), twice.end());
    std::erase_if(found.entries, [&](const auto& entry) { return entry.seq > found.reached; });
    found.reached = std::max(found.reached, after);
    return found;
}

}  // namespace

bool EventFilter::wants(const journal::RenderedEntry& entry) const {
    return is_asked_for(types, entry.type) && is_asked_for(jobs, entry.job) &&
           is_asked_for(centers, entry.center) &&
           (projects.empty() ||
            is_asked_for(projects, runtime::text_in(*entry.bytes, "project"))) &&
           (users.empty() || is_asked_for(users, runtime::text_in(*entry.bytes, "actor")));
}

std::string EventFilter::key() const {
    std::string key;
    const auto add = [&](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) key += std::to_string(text.size()) + ':' + text;
        key += '\n';
    };
    const auto add_ids = [&](const auto& ids) {
        for (const auto id : ids) key += std::to_string(id.value) + ',';
        key += '\n';
    };
    add(types);
    add_ids(jobs);
    add_ids(centers);
    add(projects);
    add(users);
    return key;
}

Result<EventFilter> event_filter(const Known& known, const http::Request& request) {
    EventFilter filter;
    filter.types = TRY(types_asked(request));
    filter.jobs = TRY(jobs_asked(request));
    filter.centers = TRY(centers_asked(known, request));
    filter.projects = TRY(query_list(request, "project"));
    filter.users = TRY(users_asked(request));
    return filter;
}

Result<FoundEntries> find_entries(runtime::Loop& loop, const EventFilter& filter, Seq after,
                                  std::size_t limit) {
    FoundEntries found;
    if (!filter.jobs.empty()) {
        found = TRY(find_of_jobs(loop, filter, after, limit));
    } else {
        found.entries = TRY(read_entries(loop, {.after = after, .job = {}, .limit = limit}));
        found.at_end = found.entries.size() < limit;
        found.reached = found.entries.empty() ? after : found.entries.back().seq;
    }
    if (!filter.takes_all())
        std::erase_if(found.entries, [&](const auto& entry) { return !filter.wants(entry); });
    return found;
}

}  // namespace dayu::rest
