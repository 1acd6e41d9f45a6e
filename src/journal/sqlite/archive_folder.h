// Old entries as files, FIRST.jsonl.zst by the sequence number of their first: one entry a line, in frames of zstd of some
// hundred lines each, so that one entry is found without reading them all. `zstdcat` prints what is in them. At the end
// stands where each frame begins, in a frame that zstd passes over.
//
// A file is written once, whole, before the journal says that its entries lie there; one that the journal does not
// know was left by a crash and is written again.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/store.h"

namespace dayu::journal::sqlite {

class ArchiveFolder {
   public:
    explicit ArchiveFolder(std::string path) : path_(std::move(path)) {}

    Result<void> write(std::span<const EntryRow> entries);
    // The bytes of one entry of the segment that begins with `first`. Any thread may call it.
    Result<std::string> read(Seq first, Seq seq) const;

   private:
    // The lines of one frame, from `begin` on.
    struct Block {
        Seq segment;
        Seq begin;
        std::vector<std::string> lines;
    };
    std::string file_of(Seq first) const;
    Result<std::shared_ptr<const Block>> load(Seq first, Seq seq) const;

    std::string path_;
    mutable std::mutex mutex_;
    mutable std::array<std::shared_ptr<const Block>, 8>
        recent_;  // readers walk: the next entry is in one of them
    mutable std::size_t oldest_ = 0;
};

}  // namespace dayu::journal::sqlite
