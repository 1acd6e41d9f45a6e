// Tokens, chips and the names of centres as the threads that read requests see them: a copy, exchanged
// when the journal tells of a change, so that no request asks the loop who its caller is or what a chip is
// called.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/state.h"
#include "http/message.h"
#include "rest/pump.h"
#include "wire/job_file.h"

namespace dayu::rest {

struct Known {
    std::map<std::string, control::TokenRow> tokens;              // by SHA-256 in hex
    std::map<std::string, Chip> chips;                            // by canonical name
    std::unordered_map<std::string, const Chip*> chips_by_alias;  // in lower case; names too
    wire::ChipNames chip_names;                                   // for parse_job_file; points here
    std::map<std::string, CenterId> centers;                      // by name

    Known() = default;
    Known(const Known&) = delete;
    Known& operator=(const Known&) = delete;
};

// The centres of the parameter `center`, each of which has joined at some time; else `parameter_invalid`.
Result<std::vector<CenterId>> centers_asked(const Known& known, const http::Request& request);

class Registry : public Follower {
   public:
    explicit Registry(runtime::Loop& loop);

    std::shared_ptr<const Known> known() const;

    // At once, for who has just changed something and must see it before it answers. It waits.
    void refresh();

    void take(std::span<const journal::RenderedEntry> entries) override;
    void tick(Instant) override {}

   private:
    runtime::Loop& loop_;
    std::mutex refreshing_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Known> known_;
};

}  // namespace dayu::rest
