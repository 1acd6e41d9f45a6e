// Entries of the journal for whoever follows it from a place of his own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/loop.h"

namespace dayu::runtime {

// The text that an entry has itself under this key: its actor, project, tenant or type.
std::string_view text_in(const std::string& entry, std::string_view key);

// Up to `limit` entries after `seq`, of one job or of all (0): from the watch hub where it still has
// them, else from the store.
Result<std::vector<journal::RenderedEntry>> read_entries(Loop& loop,
                                                         const journal::EntryQuery& query);

}  // namespace dayu::runtime
