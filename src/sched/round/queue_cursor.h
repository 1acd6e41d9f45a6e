// The jobs of one queue in order of rank, as a round goes through them: a merge of the queue's lanes, of which
// the first jobs may have been dealt with already.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "sched/waiting.h"

namespace dayu::sched {

// How many of each lane a round has dealt with, by number.
using Progress = std::vector<std::uint32_t>;

class QueueCursor {
   public:
    void begin(const Waiting& waiting, QueueId queue) {
        waiting_ = &waiting;
        heads_ = waiting.heads(queue);
        at_ = 0;
        resumed_.clear();
    }

    // The next job; its lane is done with, unless it is resumed. A lane that is skipped costs a few
    // nanoseconds.
    template <class Skip>
    std::optional<Head> next(const Progress& progress, Skip&& skip) {
        while (true) {
            while (at_ < heads_.size() && skip(heads_[at_])) ++at_;
            const bool from_list = at_ < heads_.size();
            if (!resumed_.empty() && !(from_list && heads_[at_].rank < resumed_.front().rank)) {
                std::ranges::pop_heap(resumed_, comes_after);
                const Head head = resumed_.back();
                resumed_.pop_back();
                if (!skip(head)) return head;
                continue;
            }
            if (!from_list) return std::nullopt;
            const Head& head = heads_[at_++];
            if (progress[head.lane.value] == 0) return head;
            resume(head, progress);
        }
    }

    // The rest of the lane goes on.
    void resume(const Head& head, const Progress& progress) {
        const Lane& lane = waiting_->lane(head.lane);
        const std::size_t next = progress[head.lane.value];
        if (next == lane.size()) return;
        resumed_.push_back(head);
        resumed_.back().rank = lane[next];
        std::ranges::push_heap(resumed_, comes_after);
    }

   private:
    static bool comes_after(const Head& a, const Head& b) { return a.rank > b.rank; }

    const Waiting* waiting_ = nullptr;
    std::span<const Head> heads_;
    std::size_t at_ = 0;
    std::vector<Head> resumed_;  // a heap, the next in front
};

}  // namespace dayu::sched
