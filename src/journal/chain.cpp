#include "journal/chain.h"

#include <fmt/core.h>

namespace dayu::journal {
namespace {

Seq next(Seq seq) { return {seq.value + 1}; }

Damage unreadable(Seq seq, const Error& error) {
    if (error.code == "entry_of_newer_version") {
        return {
            .seq = seq,
            .problem = fmt::format("entry {} is of a newer version of dayu", seq.value),
            .remedy = "Run the version of dayu that wrote it, or a newer one; nothing is damaged."};
    }
    if (error.code == "entry_of_unknown_type") {
        return {
            .seq = seq,
            .problem = fmt::format("entry {} tells of something that this dayu does not know: {}",
                                   seq.value, error.message),
            .remedy =
                "If a newer dayu ever ran on this directory, run that one. If none did, "
                "the entry was edited: restore a backup into a new directory."};
    }
    return damage(seq, fmt::format("entry {} is torn or edited: {}", seq.value, error.message));
}

}  // namespace

Damage damage(Seq seq, std::string problem) {
    const std::string whole =
        seq.value > 1 ? fmt::format("entries 1 to {} are whole; ", seq.value - 1) : std::string();
    return {.seq = seq,
            .problem = std::move(problem),
            .remedy = fmt::format(
                "Do not start a server on this directory. {0}entry {1} and what follows can not be "
                "trusted. Keep the directory as evidence, restore a backup into a new one, run "
                "`dayu journal check` there, and compare the two from entry {1} on.",
                whole, seq.value)};
}

std::optional<Damage> Chain::follow(const EntryRow& row, ParsedEntry& parsed) {
    const Seq expected = next(seq_);
    if (row.seq != expected) {
        const std::string gap =
            row.seq.value == expected.value + 1
                ? fmt::format("entry {} is missing", expected.value)
                : fmt::format("entries {} to {} are missing", expected.value, row.seq.value - 1);
        return damage(expected, gap);
    }
    Result<ParsedEntry> read = parse_entry(row.bytes);
    if (!read) return unreadable(expected, read.error());
    if (const Seq said = read->recorded.meta.seq; said != expected) {
        return damage(expected,
                      fmt::format("in the place of entry {} stands entry {}: they were reordered",
                                  expected.value, said.value));
    }
    if (read->previous_hash != hash_) {
        // The predecessor looked whole by itself, but it is not what was there when this one was written.
        if (!seq_) return damage(expected, "entry 1 is edited: it should have no predecessor");
        return damage(seq_, fmt::format("entry {} is edited: entry {} knows it by another hash",
                                        seq_.value, expected.value));
    }
    if (row.job != job_of(read->recorded.event)) {
        return damage(expected,
                      fmt::format("entry {} is filed under job {}, which it does not concern",
                                  expected.value, row.job.value));
    }
    parsed = std::move(*read);
    seq_ = expected;
    hash_ = hash_of_entry(row.bytes);
    return std::nullopt;
}

std::optional<Damage> Chain::end(const Head& head) const {
    CHECK(seq_ <= head.seq);
    if (head.seq > seq_) {
        return damage(next(seq_),
                      fmt::format("entries {} to {} are missing: the journal is cut off",
                                  seq_.value + 1, head.seq.value));
    }
    if (seq_ && head.hash != hash_) {
        return damage(seq_,
                      fmt::format("entry {}, the last one, is edited: the head knows it by another "
                                  "hash",
                                  seq_.value));
    }
    return std::nullopt;
}

}  // namespace dayu::journal
