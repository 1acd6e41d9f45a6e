#include "sim/virtual_disk.h"

#include <algorithm>
#include <utility>

#include "journal/journal.h"

namespace dayu::sim {
namespace {

Error no_power() { return unavailable("no_power", "the machine has no power"); }
Error no_room() { return unavailable("disk_full", "the disk is full"); }
Error read_only() { return unavailable("read_only", "this is opened for reading"); }

}  // namespace

// Reads of what is there.
class VirtualDisk::Reader : public journal::Store {
   public:
    Reader(const VirtualDisk& disk, Reads reads) : disk_(disk), reads_(reads) {}

    Result<journal::Head> head() const override { return from().head(); }
    Result<std::vector<journal::EntryRow>> entries(
        const journal::EntryQuery& query) const override {
        return from().entries(query);
    }
    Result<std::optional<std::string>> body(const BodyRef& ref) const override {
        return from().body(ref);
    }
    Result<std::vector<journal::JobSummary>> jobs(const journal::JobQuery& query) const override {
        return from().jobs(query);
    }
    Result<std::optional<journal::JobSummary>> job(JobId job) const override {
        return from().job(job);
    }
    Result<std::vector<journal::AttemptSummary>> attempts(JobId job) const override {
        return from().attempts(job);
    }
    Result<std::vector<journal::AttemptSummary>> list_attempts(
        const journal::AttemptQuery& query) const override {
        return from().list_attempts(query);
    }
    Result<std::optional<journal::Snapshot>> newest_snapshot() const override {
        if (disk_.snapshots_.empty() || reads_ == Reads::no_snapshots)
            return std::optional<journal::Snapshot>();
        return std::optional(disk_.snapshots_.back());
    }

    Result<void> write(const journal::Transaction&) override { return read_only(); }
    Result<void> erase_body(const BodyRef&) override { return read_only(); }
    Result<void> write_snapshot(const journal::Snapshot&) override { return read_only(); }
    Result<void> drop_snapshot(Seq) override { return read_only(); }

   private:
    const journal::Store& from() const { return *disk_.contents_; }

    const VirtualDisk& disk_;
    Reads reads_;
};

// What a server process has open.
class VirtualDisk::Handle final : public Reader {
   public:
    explicit Handle(VirtualDisk& disk)
        : Reader(disk, Reads::all), disk_(disk), generation_(disk.generation_) {}

    Result<void> write(const journal::Transaction& transaction) override {
        TRY(still_ours());
        return disk_.write(transaction);
    }
    Result<void> write_snapshot(const journal::Snapshot& snapshot) override {
        TRY(still_ours());
        return disk_.write_snapshot(snapshot);
    }
    Result<void> drop_snapshot(Seq seq) override {
        TRY(still_ours());
        std::erase_if(disk_.snapshots_, [&](const auto& kept) { return kept.seq == seq; });
        return {};
    }

   private:
    Result<void> still_ours() const {
        if (generation_ != disk_.generation_ || disk_.has_no_power_) return no_power();
        return {};
    }

    VirtualDisk& disk_;
    std::uint64_t generation_;
};

VirtualDisk::VirtualDisk() : contents_(journal::make_memory_store()) {}

std::unique_ptr<journal::Store> VirtualDisk::open() {
    ++generation_;
    has_no_power_ = false;
    return std::make_unique<Handle>(*this);
}

std::unique_ptr<journal::Store> VirtualDisk::open_reader(Reads reads) const {
    return std::make_unique<Reader>(*this, reads);
}

Result<void> VirtualDisk::write(const journal::Transaction& transaction) {
    if (full_) return no_room();
    const std::optional<PowerCut> cut = std::exchange(power_cut_, std::nullopt);
    TRY(contents_->write(transaction));
    written_.push_back(transaction);
    if (cut != PowerCut::before_sync) {
        if (!answers_before_sync_) sync();
        if (on_promised_) on_promised_(transaction);
    }
    if (!cut) return {};
    has_no_power_ = true;
    return no_power();
}

Result<void> VirtualDisk::write_snapshot(const journal::Snapshot& snapshot) {
    if (full_) return no_room();
    snapshots_.push_back(snapshot);
    if (snapshots_.size() > journal::kept_snapshots) snapshots_.erase(snapshots_.begin());
    if (!std::exchange(power_cut_, std::nullopt)) return {};
    snapshots_.back().bytes.resize(snapshot.bytes.size() / 2);
    has_no_power_ = true;
    return no_power();
}

void VirtualDisk::crash() {
    ++generation_;
    power_cut_.reset();
    if (synced_ == written_.size()) return;
    written_.resize(synced_);
    contents_ = journal::make_memory_store();
    for (const journal::Transaction& transaction : written_) {
        CHECK(contents_->write(transaction).ok());
    }
}

}  // namespace dayu::sim
