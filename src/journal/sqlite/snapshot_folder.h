// Snapshots as files, NUMBER.snapshot by the sequence number that they reach. They can be made again
// from the entries, so losing one costs time and nothing else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/store.h"

namespace dayu::journal::sqlite {

class SnapshotFolder {
   public:
    explicit SnapshotFolder(std::string path) : path_(std::move(path)) {}

    Result<void> write(const Snapshot& snapshot);  // and drops all but the newest ones
    Result<std::optional<Snapshot>> newest() const;
    Result<void> drop(Seq seq);

   private:
    std::string file_of(Seq seq) const;
    std::vector<Seq> list() const;  // ascending

    std::string path_;
};

}  // namespace dayu::journal::sqlite
