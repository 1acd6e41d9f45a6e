// Blocks of prompts whose keys and values one replica holds, by hash: those in use by requests, which stay, and those that no
// request uses any more, of which the one asked for longest ago goes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>

#include "plan/serve_trace.h"

namespace dayu::plan::replay {

class PrefixCache {
   public:
    // Blocks at the prompt's beginning that are here.
    std::size_t match(std::span<const std::uint64_t> prompt) const;

    // Whether a block that is here is in use, so that one more user takes no room.
    bool is_in_use(std::uint64_t block) const;

    // Each is one request's from now on, until it lets it go.
    void use(std::span<const std::uint64_t> blocks);
    void release(std::span<const std::uint64_t> blocks);

    // Drops what is not in use until that takes at most `tokens`.
    void shrink_idle_to(double tokens);

    double in_use_tokens() const { return static_cast<double>(in_use_) * tokens_per_block; }
    double idle_tokens() const { return static_cast<double>(idle_.size()) * tokens_per_block; }

   private:
    struct Block {
        std::uint32_t users = 0;
        std::list<std::uint64_t>::iterator idle;  // where it stands in `idle_`, without users
    };

    std::unordered_map<std::uint64_t, Block> blocks_;
    std::list<std::uint64_t> idle_;  // asked for longest ago first
    std::size_t in_use_ = 0;
};

}  // namespace dayu::plan::replay
