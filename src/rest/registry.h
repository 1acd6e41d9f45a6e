// Tokens and chips as the threads that read requests see them: a copy, exchanged when the journal tells
// of a new one, so that no request asks the loop who its caller is or what a chip is called.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "control/state.h"
#include "rest/pump.h"
#include "wire/job_file.h"

namespace dayu::rest {

struct Known {
    std::map<std::string, control::TokenRow> tokens;              // by SHA-256 in hex
    std::map<std::string, Chip> chips;                            // by canonical name
    std::unordered_map<std::string, const Chip*> chips_by_alias;  // in lower case; names too
    wire::ChipNames chip_names;                                   // for parse_job_file; points here

    Known() = default;
    Known(const Known&) = delete;
    Known& operator=(const Known&) = delete;
};

class Registry : public Follower {
   public:
    explicit Registry(runtime::Loop& loop);

    std::shared_ptr<const Known> known() const;

    void take(std::span<const journal::RenderedEntry> entries) override;
    void tick(Instant) override {}

   private:
    void refresh();

    runtime::Loop& loop_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Known> known_;
};

}  // namespace dayu::rest
