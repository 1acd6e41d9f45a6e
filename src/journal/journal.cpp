#include "journal/journal.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/log.h"
#include "control/handle.h"
#include "journal/chain.h"
#include "journal/entry.h"
#include "journal/projection.h"
#include "journal/snapshot.h"

namespace dayu::journal {
namespace {

constexpr std::size_t page_entries = 4'096;  // read at a time while walking

Error error_of(const Damage& found) {
    return internal("journal_damaged", fmt::format("{}. {}", found.problem, found.remedy));
}

// Reads what follows the chain up to `head`, and calls visit(parsed) for each entry that fits.
template <class Visit>
Result<std::optional<Damage>> walk(const Store& store, Chain& chain, const Head& head,
                                   const Visit& visit) {
    while (chain.seq() < head.seq) {
        const std::vector<EntryRow> page =
            TRY(store.entries({.after = chain.seq(), .limit = page_entries}));
        if (page.empty()) break;
        for (const EntryRow& row : page) {
            if (chain.seq() == head.seq) break;
            ParsedEntry parsed;
            if (std::optional<Damage> found = chain.follow(row, parsed)) return found;
            visit(parsed);
        }
    }
    return chain.end(head);
}

// An entry past the head was not written by us; unless, on a running server, the head has moved on.
Result<std::optional<Damage>> look_past(const Store& store, const Chain& chain) {
    const std::vector<EntryRow> more = TRY(store.entries({.after = chain.seq(), .limit = 1}));
    const Head head = TRY(store.head());
    if (more.empty() || head.seq > chain.seq()) return std::optional<Damage>();
    const Seq extra = more.front().seq;
    return std::optional(
        damage(extra, fmt::format("entry {} was not written by dayu: its newest one is {}",
                                  extra.value, head.seq.value)));
}

struct Folded {
    control::State state;
    Chain chain;
    Seq snapshot;
    std::uint64_t replayed = 0;
};

// The snapshot must be one of this very journal: the entry that it reached is there with its hash.
Result<std::optional<Damage>> check_origin(const Store& store, Seq seq, const std::string& hash) {
    const std::vector<EntryRow> found = TRY(store.entries({.after = {seq.value - 1}, .limit = 1}));
    if (!found.empty() && found.front().seq == seq && hash_of_entry(found.front().bytes) == hash) {
        return std::optional<Damage>();
    }
    Damage wrong =
        damage(seq, fmt::format("entry {} is missing or edited: a snapshot made from it knows "
                                "it by another hash",
                                seq.value));
    wrong.remedy +=
        " If journal.db was put back from a backup on purpose, remove the folder snapshots/.";
    return std::optional(std::move(wrong));
}

Result<Folded> load_newest_snapshot(Store& store) {
    while (const std::optional<Snapshot> snapshot = TRY(store.newest_snapshot())) {
        Result<LoadedSnapshot> loaded = decode_snapshot(snapshot->bytes);
        if (loaded) {
            const Seq seq = loaded->state.header.last_seq;
            if (const auto wrong = TRY(check_origin(store, seq, loaded->hash)))
                return error_of(*wrong);
            return Folded{.state = std::move(loaded->state),
                          .chain = Chain(seq, std::move(loaded->hash)),
                          .snapshot = seq};
        }
        log_warning("snapshot {}: {}", snapshot->seq.value, loaded.error().message);
        if (!store.drop_snapshot(snapshot->seq)) break;  // read-only: fold everything instead
    }
    return Folded{};
}

Result<Folded> fold_on(const Store& store, Folded folded, const Head& head) {
    const std::optional<Damage> found =
        TRY(walk(store, folded.chain, head, [&](const ParsedEntry& parsed) {
            control::apply(folded.state, parsed.recorded);
            ++folded.replayed;
        }));
    if (found) return error_of(*found);
    return folded;
}

Result<Folded> fold_to(Store& store, const Head& head) {
    return fold_on(store, TRY(load_newest_snapshot(store)), head);
}

// Copied to their own size: each was rendered into room for more, and tens of thousands are kept for watchers.
std::vector<RenderedEntry> shared(std::span<const control::RecordedEvent> events,
                                  const std::vector<EntryRow>& rows) {
    std::vector<RenderedEntry> entries;
    entries.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        entries.push_back(
            {.seq = rows[i].seq,
             .job = rows[i].job,
             .type = std::string(type_of(events[i].event)),
             .bytes = std::make_shared<const std::string>(std::string_view(rows[i].bytes)),
             .center = rows[i].center});
    }
    return entries;
}

}  // namespace

Journal::Journal(std::unique_ptr<Store> store)
    : store_(std::move(store)), last_hash_(hash_before_first()) {}

Result<Recovered> Journal::recover() {
    Folded folded = TRY(fold_to(*store_, TRY(store_->head())));
    if (const auto found = TRY(look_past(*store_, folded.chain))) return error_of(*found);
    last_seq_ = folded.chain.seq();
    last_hash_ = folded.chain.hash();
    return Recovered{
        .state = std::move(folded.state), .snapshot = folded.snapshot, .replayed = folded.replayed};
}

Result<Recovered> Journal::replay() const {
    Folded folded = TRY(fold_on(*store_, {}, TRY(store_->head())));
    return Recovered{.state = std::move(folded.state), .snapshot = {}, .replayed = folded.replayed};
}

Result<std::vector<RenderedEntry>> Journal::append(std::span<const control::RecordedEvent> events,
                                                   std::vector<Body> bodies,
                                                   const control::State& after) {
    Transaction transaction;
    transaction.entries.reserve(events.size());
    transaction.head = {.seq = last_seq_, .hash = last_hash_};
    Projection projection(*store_, after);
    for (const control::RecordedEvent& event : events) {
        CHECK(event.meta.seq.value == transaction.head.seq.value + 1);
        std::string bytes = render_entry(event, transaction.head.hash);
        transaction.head = {.seq = event.meta.seq, .hash = hash_of_entry(bytes)};
        TRY(projection.fold(event));
        transaction.entries.push_back({.seq = event.meta.seq,
                                       .job = job_of(event.event),
                                       .bytes = std::move(bytes),
                                       .center = TRY(projection.center_of(event.event))});
    }
    transaction.bodies = std::move(bodies);
    transaction.jobs = projection.take_jobs();
    transaction.attempts = projection.take_attempts();
    TRY(store_->write(transaction));
    last_seq_ = transaction.head.seq;
    last_hash_ = std::move(transaction.head.hash);
    return shared(events, transaction.entries);
}

Result<Seq> Journal::make_snapshot() {
    const Folded folded = TRY(fold_to(*store_, TRY(store_->head())));
    if (folded.replayed == 0) return folded.chain.seq();
    TRY(store_->write_snapshot(
        {.seq = folded.chain.seq(), .bytes = encode_snapshot(folded.state, folded.chain.hash())}));
    return folded.chain.seq();
}

Result<std::uint64_t> Journal::archive(Seq through) {
    const Head begin = TRY(store_->archived());
    if (through <= begin.seq) return std::uint64_t{0};
    const std::uint64_t left = through.value - begin.seq.value;
    Segment segment{
        .entries = TRY(store_->entries(
            {.after = begin.seq, .limit = std::min<std::uint64_t>(left, max_segment_entries)})),
        .hash = {}};
    Chain chain = begin.seq ? Chain(begin.seq, begin.hash) : Chain();
    ParsedEntry parsed;
    for (const EntryRow& row : segment.entries) {
        if (const auto found = chain.follow(row, parsed)) return error_of(*found);
    }
    segment.hash = chain.hash();
    if (!segment.entries.empty()) TRY(store_->archive(segment));
    return std::uint64_t{segment.entries.size()};
}

Result<CheckReport> Journal::check() const {
    Chain chain;
    std::optional<Damage> found =
        TRY(walk(*store_, chain, TRY(store_->head()), [](const ParsedEntry&) {}));
    if (!found) found = TRY(look_past(*store_, chain));
    CheckReport report;
    report.entries = chain.seq().value;
    report.archived = TRY(store_->archived()).seq.value;
    if (found) {
        report.bad = found->seq;
        report.problem = std::move(found->problem);
        report.remedy = std::move(found->remedy);
    }
    return report;
}

}  // namespace dayu::journal
