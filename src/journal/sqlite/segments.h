// Which entries lie in the archive, and their rows here: each keeps its place and its job, and has no bytes.
#pragma once

#include <vector>

#include "journal/sqlite/archive_folder.h"
#include "journal/sqlite/connection.h"
#include "journal/store.h"

namespace dayu::journal::sqlite {

inline constexpr std::uint64_t emptied_at_once =
    2'048;  // rows: commits wait no longer than for these

struct SegmentRow {
    Seq first;
    Seq last;
    std::string hash;  // of the last entry
};

Result<SegmentRow> newest_segment(Connection& from);  // first 0: there is none
Result<void> add_segment(Connection& to, const SegmentRow& segment);
Result<void> empty_rows(Connection& to, Seq first, Seq last);

// Puts the bytes of archived entries into rows that have none.
Result<void> fill_from_archive(Connection& from, const ArchiveFolder& archive,
                               std::vector<EntryRow>& rows);

}  // namespace dayu::journal::sqlite
