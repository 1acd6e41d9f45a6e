#include "runtime/read_entries.h"

#include <memory>
#include <utility>

namespace dayu::runtime {

// Keys of an entry are sorted. The actor stands before its data, the others behind it, and inside a string
// the quotes would be escaped: so the first one is its own, or the last one.
std::string_view text_in(const std::string& entry, std::string_view key) {
    const std::string before = '"' + std::string(key) + "\":\"";
    const std::size_t at = key == "actor" ? entry.find(before) : entry.rfind(before);
    if (at == std::string::npos) return {};
    const std::size_t from = at + before.size();
    return std::string_view(entry).substr(from, entry.find('"', from) - from);
}

Result<std::vector<journal::RenderedEntry>> read_entries(Loop& loop,
                                                         const journal::EntryQuery& query) {
    if (query.job.value == 0) {
        bool missed = false;
        auto entries = loop.watch().after(query.after, query.limit, missed);
        if (!missed) return entries;
    }
    std::vector<journal::RenderedEntry> entries;
    for (journal::EntryRow& row : TRY(loop.journal().store().entries(query))) {
        std::string type(text_in(row.bytes, "type"));
        entries.push_back({.seq = row.seq,
                           .job = row.job,
                           .type = std::move(type),
                           .bytes = std::make_shared<const std::string>(std::move(row.bytes)),
                           .center = row.center});
    }
    return entries;
}

}  // namespace dayu::runtime
