// Who uses how much of what, and what that leaves to whom: the tree of queues as numbers alone. The World
// keeps one; a round goes on with a copy of its own, in which it counts what it gives away.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/id.h"
#include "base/money.h"

namespace dayu::sched {

using QueueId = Id<struct QueueTag, std::uint32_t>;  // 0: the root, over all tenants
using ChipId = Id<struct ChipTag, std::uint32_t>;    // 0: none

struct QuotaOfChip {
    std::int64_t guaranteed_milli = 0;
    std::int64_t kept_milli = 0;
    std::int64_t limit_milli = std::numeric_limits<std::int64_t>::max();
};

// So much more of a chip, for a job of this queue.
struct Need {
    QueueId queue;
    ChipId chip;
    std::int64_t milli = 0;
    bool preemptible = false;
};

// What the quotas say to a need.
struct Allowance {
    std::optional<QueueId> over_limit;  // the queue of its path whose limit it would pass
    // The nearest queue of its path within whose guarantee it stays: outside of that one it borrows nothing.
    std::optional<QueueId> guarantor;
    std::int64_t owed_milli = 0;  // what it must leave free: others have a right to it
};

class QueueUse {
   public:
    QueueUse() : nodes_(1) {}

    // The next number. Parents come before their children.
    QueueId add(QueueId parent);
    void set_weight(QueueId queue, std::int64_t weight_milli) {
        node(queue).weight_milli = weight_milli;
    }
    void set_quota(QueueId queue, ChipId chip, const QuotaOfChip& quota);

    // Of one job; counts on every queue of the path. `rate` is by the hour; give() is the opposite.
    void take(QueueId queue, ChipId chip, std::int64_t milli, Money rate);
    void give(QueueId queue, ChipId chip, std::int64_t milli, Money rate);
    // What is in use but was asked to stop; vacating it takes it out of both.
    void change_leaving(QueueId queue, ChipId chip, std::int64_t milli);
    // Nothing more of the chip for this queue, and those below it.
    void close(QueueId queue, ChipId chip);

    std::size_t size() const { return nodes_.size(); }
    QueueId parent(QueueId queue) const { return node(queue).parent; }
    std::int64_t weight_milli(QueueId queue) const { return node(queue).weight_milli; }
    Money rate(QueueId queue) const { return node(queue).rate; }          // with all below it
    Money own_rate(QueueId queue) const { return node(queue).own_rate; }  // of its own jobs
    std::int64_t jobs(QueueId queue) const { return node(queue).jobs; }   // with all below it
    std::int64_t used_milli(QueueId queue, ChipId chip) const;
    std::int64_t staying_milli(QueueId queue, ChipId chip) const;  // without what is leaving
    QuotaOfChip quota(QueueId queue, ChipId chip) const;
    // Whether a guarantee of the path has room for anything at all.
    bool has_unused_guarantee(QueueId queue) const;

    Allowance allowance(const Need& need) const;

   private:
    // What is guaranteed (kept), here or below, and not used: others may (never) borrow it.
    struct Owed {
        std::int64_t guaranteed = 0;
        std::int64_t kept = 0;
    };
    struct ChipRow {
        ChipId chip;
        QuotaOfChip quota;
        std::int64_t used_milli = 0;
        std::int64_t leaving_milli = 0;  // of that
        Owed owed;
        Owed below;  // the sum over the children
    };
    struct Node {
        QueueId parent;
        std::int64_t weight_milli = 1000;
        Money rate;
        Money own_rate;
        std::int64_t jobs = 0;
        std::vector<ChipRow> chips;  // in order of use: they are few
    };

    struct Change {
        std::int64_t milli = 0;
        std::int64_t rate = 0;  // micro-yuan by the hour
        std::int64_t jobs = 0;
    };

    const Node& node(QueueId queue) const { return nodes_[queue.value]; }
    Node& node(QueueId queue) { return nodes_[queue.value]; }
    const ChipRow* find(QueueId queue, ChipId chip) const;
    ChipRow& row(QueueId queue, ChipId chip);
    void change_use(QueueId queue, ChipId chip, const Change& change);
    void settle_owed(QueueId queue, ChipId chip);

    std::vector<Node> nodes_;
};

}  // namespace dayu::sched
