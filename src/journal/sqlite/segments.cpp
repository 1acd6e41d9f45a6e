#include "journal/sqlite/segments.h"

namespace dayu::journal::sqlite {
namespace {

const std::string select_newest =
    "SELECT first, last, hash FROM segments ORDER BY first DESC LIMIT 1";
const std::string select_of_entry =
    "SELECT first, last, hash FROM segments WHERE first <= ? ORDER BY first DESC LIMIT 1";
const std::string insert_segment = "INSERT INTO segments(first, last, hash) VALUES(?, ?, ?)";
const std::string empty_bytes =
    "UPDATE entries SET bytes = x'' WHERE seq BETWEEN ? AND ? AND length(bytes) > 0";

std::int64_t number(Seq seq) { return static_cast<std::int64_t>(seq.value); }

Result<SegmentRow> read_segment(Statement& rows) {
    const Reset reset(rows);
    SegmentRow segment;
    if (TRY(rows.step())) {
        segment.first.value = static_cast<std::uint64_t>(rows.read_integer());
        segment.last.value = static_cast<std::uint64_t>(rows.read_integer());
        segment.hash = rows.read_text();
    }
    return segment;
}

}  // namespace

Result<SegmentRow> newest_segment(Connection& from) {
    return read_segment(*TRY(from.statement(select_newest)));
}

Result<void> add_segment(Connection& to, const SegmentRow& segment) {
    Statement& row = *TRY(to.statement(insert_segment));
    return row.bind(number(segment.first)).bind(number(segment.last)).bind(segment.hash).run();
}

Result<void> empty_rows(Connection& to, Seq first, Seq last) {
    return TRY(to.statement(empty_bytes))->bind(number(first)).bind(number(last)).run();
}

// An empty row in no segment is left as it is: the chain will tell that it is torn.
Result<void> fill_from_archive(Connection& from, const ArchiveFolder& archive,
                               std::vector<EntryRow>& rows) {
    SegmentRow segment;
    for (EntryRow& row : rows) {
        if (!row.bytes.empty()) continue;
        if (row.seq < segment.first || row.seq > segment.last) {
            Statement& of_entry = *TRY(from.statement(select_of_entry));
            segment = TRY(read_segment(of_entry.bind(number(row.seq))));
            if (row.seq > segment.last) continue;
        }
        row.bytes = TRY(archive.read(segment.first, row.seq));
    }
    return {};
}

}  // namespace dayu::journal::sqlite
