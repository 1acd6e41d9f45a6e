// Checkpoints that survive a crash at any point.
//
// A new one is written beside, synced and renamed into place; the one before it is kept. Each
// carries a checksum, so a torn or edited file is refused and the one before it is used instead
// (the refused one is renamed, for whoever wants to look at it).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "trainer.h"

namespace tang {

struct CheckpointError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Restored {
    std::optional<TrainState> state;    // none: nothing usable is there
    std::vector<std::string> refusals;  // why a file that is there was passed over
};

class CheckpointFolder {
   public:
    // `fingerprint` names the corpus, the seed and the options of the run.
    CheckpointFolder(std::filesystem::path folder, std::uint64_t fingerprint);

    void save(const TrainState& state) const;
    Restored restore() const;

    std::filesystem::path current() const { return folder_ / "tang-lm.ckpt"; }
    std::filesystem::path previous() const { return folder_ / "tang-lm.ckpt.previous"; }

   private:
    std::filesystem::path folder_;
    std::uint64_t fingerprint_;
};

}  // namespace tang
