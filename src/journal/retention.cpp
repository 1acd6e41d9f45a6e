#include "journal/retention.h"

#include "journal/entry.h"

namespace dayu::journal {
namespace {

Result<Time> time_of(const Store& store, Seq seq) {
    const auto rows = TRY(store.entries({.after = {seq.value - 1}, .limit = 1}));
    if (rows.empty() || rows.front().seq != seq)
        return internal("journal_damaged", "entry " + std::to_string(seq.value) + " is missing");
    return TRY(parse_entry(rows.front().bytes)).recorded.meta.at;
}

// The last entry before that time; entries never go back in it.
Result<Seq> last_before(const Store& store, Time before) {
    std::uint64_t low = TRY(store.archived()).seq.value, high = TRY(store.head()).seq.value;
    while (low < high) {
        const std::uint64_t middle = low + (high - low + 1) / 2;
        if (TRY(time_of(store, {middle})) < before) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return Seq{low};
}

}  // namespace

Result<Tended> Caretaker::tend(Time now, const std::function<bool()>& is_ending) {
    Tended done;
    const auto before = [&](Duration kept) { return Time{now.ms - kept.ms}; };
    if (retention_.bodies) done.bodies = TRY(erase_bodies(before(*retention_.bodies), is_ending));
    if (retention_.jobs) done.jobs = TRY(drop_jobs(before(*retention_.jobs), is_ending));
    if (retention_.entries) done.archived = TRY(archive(before(*retention_.entries), is_ending));
    return done;
}

// A snapshot first, so that no start has to fold what is archived.
Result<std::uint64_t> Caretaker::archive(Time before, const std::function<bool()>& is_ending) {
    const Store& store = journal_.store();
    const Seq through = TRY(last_before(store, before));
    std::uint64_t left = through.value - TRY(store.archived()).seq.value, done = 0;
    if (left < archive_at_least_ || left == 0) return done;
    TRY(journal_.make_snapshot());
    while (left >= archive_at_least_ && left > 0 && !is_ending()) {
        const std::uint64_t moved = TRY(journal_.archive(through));
        if (moved == 0) break;
        left -= moved;
        done += moved;
    }
    return done;
}

Result<std::uint64_t> Caretaker::erase_bodies(Time before, const std::function<bool()>& is_ending) {
    std::uint64_t done = 0;
    while (!is_ending()) {
        const EndedPage page =
            TRY(journal_.store().ended_jobs({.before = before, .after = erased_to_}));
        std::vector<BodyRef> refs;
        for (const EndedJob& job : page.found) refs.push_back(job.body);
        if (!refs.empty()) TRY(journal_.store().erase_bodies(refs));
        erased_to_ = page.last;
        done += refs.size();
        if (page.is_last) break;
    }
    return done;
}

Result<std::uint64_t> Caretaker::drop_jobs(Time before, const std::function<bool()>& is_ending) {
    std::uint64_t done = 0;
    EndedJob after;
    while (!is_ending()) {
        const EndedPage page = TRY(journal_.store().ended_jobs({.before = before, .after = after}));
        std::vector<BodyRef> refs;
        for (const EndedJob& job : page.found) refs.push_back(job.body);
        // The bodies first: without the row nobody finds them again.
        if (!refs.empty()) TRY(journal_.store().erase_bodies(refs));
        if (!page.found.empty()) TRY(journal_.store().drop_jobs(page.found));
        after = page.last;
        done += page.found.size();
        if (page.is_last) break;
    }
    return done;
}

}  // namespace dayu::journal
