// The server's disk. What was written is only there for good once it was synced: a power cut takes the
// rest. It can be full, and it can be where the server's power fails: just before a write is synced, or
// just after, when it is durable but nobody was told.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "journal/store.h"

namespace dayu::sim {

enum class PowerCut { before_sync, after_sync };

class VirtualDisk {
   public:
    using OnPromised = std::function<void(const journal::Transaction&)>;

    VirtualDisk();

    // A new process opens its journal here; what an earlier one still writes is refused.
    std::unique_ptr<journal::Store> open();
    // For a reader beside the server.
    enum class Reads { all, no_snapshots };
    std::unique_ptr<journal::Store> open_reader(Reads reads) const;

    // What was not synced is gone, and the snapshot that was being written is half there.
    void crash();
    void sync() { synced_ = written_.size(); }

    // A promise broken on purpose: write() is answered before anything is synced.
    void set_answers_before_sync() { answers_before_sync_ = true; }
    void set_full(bool full) { full_ = full; }
    void cut_power_at_next_write(PowerCut when) { power_cut_ = when; }
    bool has_no_power() const { return has_no_power_; }

    // Called with what the disk says is there for good, when it says so.
    void on_promised(OnPromised on_promised) { on_promised_ = std::move(on_promised); }

   private:
    class Handle;
    class Reader;

    Result<void> write(const journal::Transaction& transaction);
    Result<void> write_snapshot(const journal::Snapshot& snapshot);

    std::unique_ptr<journal::Store> contents_;  // as whoever reads sees it
    std::vector<journal::Transaction> written_;
    std::size_t synced_ = 0;  // of them
    std::vector<journal::Snapshot> snapshots_;
    OnPromised on_promised_;
    std::uint64_t generation_ = 0;  // of the handle that may write
    bool answers_before_sync_ = false;
    bool full_ = false;
    std::optional<PowerCut> power_cut_;
    bool has_no_power_ = false;
};

}  // namespace dayu::sim
