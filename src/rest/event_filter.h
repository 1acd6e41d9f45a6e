// Which entries of the journal a reader wants. An empty list asks for nothing in particular; of several
// values in one any will do, and what several lists ask for must all hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "rest/registry.h"

namespace dayu::rest {

inline constexpr std::size_t max_jobs_filtered = 64;  // each costs a read of its own

struct EventFilter {
    std::vector<std::string> types;
    std::vector<JobId> jobs;
    std::vector<CenterId> centers;
    std::vector<std::string> projects;
    std::vector<std::string> users;  // actors, whole: "token:admin"

    bool operator==(const EventFilter&) const = default;
    bool takes_all() const { return *this == EventFilter{}; }
    std::string key() const;  // equal for equal filters and only for them
    bool wants(const journal::RenderedEntry& entry) const;
};

// From the parameters type, job, center, project and user. What is no event type, no job's number or no
// centre is refused by its name.
Result<EventFilter> event_filter(const Known& known, const http::Request& request);

// Entries as far as they were looked through: `reached` is the last that was, wanted or not.
struct FoundEntries {
    std::vector<journal::RenderedEntry> entries;
    Seq reached;
    bool at_end = false;  // nothing follows `reached` by now
};
// Looks through up to `limit` entries after `after`.
Result<FoundEntries> find_entries(runtime::Loop& loop, const EventFilter& filter, Seq after,
                                  std::size_t limit);

}  // namespace dayu::rest
