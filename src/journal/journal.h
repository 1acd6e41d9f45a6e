// The journal: events in, durable chained entries out, and State back from them. It owns the order of
// things on disk and nothing else; where the bytes lie is a Store.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/event.h"
#include "control/state.h"
#include "journal/body.h"
#include "journal/store.h"

namespace dayu::journal {

struct Recovered {
    control::State state;
    Seq snapshot;                // what it was loaded from; 0: none
    std::uint64_t replayed = 0;  // entries folded after it
};

// What `dayu journal check` found. `problem` is empty when the chain is whole.
struct CheckReport {
    std::uint64_t entries = 0;
    std::uint64_t archived = 0;  // of them
    Seq bad;
    std::string problem;
    std::string remedy;
};

inline constexpr std::size_t max_segment_entries = 16'384;  // some 8 MB, and 1 MB compressed

// An entry as it stands in the journal and as watchers get it: rendered once, shared by all.
struct RenderedEntry {
    Seq seq;
    JobId job;
    std::string type;
    std::shared_ptr<const std::string> bytes;
    CenterId center = {};
};

class Journal {
   public:
    explicit Journal(std::unique_ptr<Store> store);

    // Newest readable snapshot, then the entries after it, each checked against its predecessor.
    Result<Recovered> recover();

    // What all entries lead to, from the first one on, whatever the snapshots say.
    Result<Recovered> replay() const;

    // Appends events in order, with their bodies, and brings the projections up to date from the State
    // that followed, in one durable transaction. Returns the rendered entries for the watchers.
    Result<std::vector<RenderedEntry>> append(std::span<const control::RecordedEvent> events,
                                              std::vector<Body> bodies,
                                              const control::State& after);

    // A second fold: loads the newest snapshot, folds what came after, writes the next one. It never
    // touches the live State and may run on a thread of its own. Returns the sequence reached.
    Result<Seq> make_snapshot();

    // Moves the oldest entries into the archive, at most one segment, none behind `through`: a snapshot must have
    // reached that one, so that no start needs them. How many went; a chain that is broken there moves nothing.
    Result<std::uint64_t> archive(Seq through);

    // Walks the whole chain. Any thread may call it, beside a running server too.
    Result<CheckReport> check() const;

    Store& store() { return *store_; }
    const Store& store() const { return *store_; }

   private:
    std::unique_ptr<Store> store_;
    std::string last_hash_;  // hex, of the newest entry
    Seq last_seq_;
};

std::unique_ptr<Store> make_memory_store();

struct SqliteOptions {
    std::string directory;  // holds journal.db and a lock: a second server is refused (conflict)
    bool read_only = false;
    std::string dayu = {};  // our version: written beside the journal for those that come later
};
Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options);

}  // namespace dayu::journal
