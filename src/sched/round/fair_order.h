// Whose turn it is, by fair share down the tree of queues: at each level the child with the smallest share goes
// next, a share being what it uses by the hour, now and in the mean of its past, by its weight. What a round gives
// away counts at once, so that one who has used little does not get everything. Of equal shares the one goes first
// whose first job would come first in one queue.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sched/lane.h"
#include "sched/queue_tree.h"

namespace dayu::sched {

class FairOrder {
   public:
    struct Entrant {
        QueueId queue;
        Rank first;  // of its jobs
    };
    FairOrder() = default;
    FairOrder(const QueueUse& use, std::span<const QueueTree::Past> past,
              std::span<const Entrant> entrants) {
        begin(use, past, entrants);
    }
    // Anew. The past is by number of queue; empty: nobody has any.
    void begin(const QueueUse& use, std::span<const QueueTree::Past> past,
               std::span<const Entrant> entrants);

    std::optional<QueueId> next() const;
    // The one whose turn it is was given that much by the hour.
    void charge(Money rate);
    // The one whose turn it is wants no more.
    void drop();

   private:
    // A queue that holds others; or a leaf, the jobs of one queue, which stands below that queue.
    struct Turn {
        std::int64_t use = 0;  // by the hour
        std::int64_t weight_milli = 1000;
        Rank first;
        std::uint32_t parent = 0;
        QueueId queue;
        std::vector<std::uint32_t> children;  // a heap, who is next in front
    };
    using Index = std::uint32_t;

    Turn& add(QueueId queue);
    Index turn_of(QueueId queue, const QueueUse& use, std::span<const QueueTree::Past> past);
    bool is_after(Index a, Index b) const;
    Index leaf() const;

    std::vector<Turn> turns_;  // [0]: the root; those from size_ on wait for their use
    Index size_ = 0;
    std::vector<Index> by_queue_;  // its turn; 0: not here yet
};

}  // namespace dayu::sched
