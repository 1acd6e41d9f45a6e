#include "plan/replay/prefix_cache.h"

namespace dayu::plan::replay {

std::size_t PrefixCache::match(std::span<const std::uint64_t> prompt) const {
    std::size_t found = 0;
    while (found < prompt.size() && blocks_.contains(prompt[found])) ++found;
    return found;
}

bool PrefixCache::is_in_use(std::uint64_t block) const {
    const auto at = blocks_.find(block);
    return at != blocks_.end() && at->second.users > 0;
}

void PrefixCache::use(std::span<const std::uint64_t> blocks) {
    for (const std::uint64_t hash : blocks) {
        const auto [at, is_new] = blocks_.try_emplace(hash);
        Block& block = at->second;
        if (!is_new && block.users == 0) idle_.erase(block.idle);
        if (block.users++ == 0) ++in_use_;
    }
}

// From the end, so that a beginning, without which the rest is of no use, goes after it.
void PrefixCache::release(std::span<const std::uint64_t> blocks) {
    for (std::size_t i = blocks.size(); i-- > 0;) {
        Block& block = blocks_.at(blocks[i]);
        if (--block.users > 0) continue;
        --in_use_;
        block.idle = idle_.insert(idle_.end(), blocks[i]);
    }
}

void PrefixCache::shrink_idle_to(double tokens) {
    while (!idle_.empty() && idle_tokens() > tokens) {
        blocks_.erase(idle_.front());
        idle_.pop_front();
    }
}

}  // namespace dayu::plan::replay
