// The tree of queues: what each is described as, what its jobs use now and have used in the past. A queue
// need not be described: one is there as soon as somebody names it, with weight 1 and no quota.
// docs/adr/0019 tells what follows from it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "model/queue.h"
#include "sched/names.h"
#include "sched/queue_use.h"

namespace dayu::sched {

class QueueTree {
   public:
    // The number of that path. All above it have theirs before it.
    QueueId queue(std::string_view path);
    std::optional<QueueId> find(std::string_view path) const;
    const std::string& path(QueueId queue) const { return paths_.name(queue.value); }
    ChipId chip(std::string_view name) { return {chips_.number(name)}; }
    // 0 where no quota and no use is of that chip.
    ChipId find_chip(std::string_view name) const { return {chips_.find(name).value_or(0)}; }
    std::size_t chips() const { return chips_.size(); }  // with number 0
    const std::string& chip_name(ChipId chip) const { return chips_.name(chip.value); }

    void describe(const Queue& description);
    void forget(const std::string& path);
    // What the queue's own jobs had used at `at`; it fades from there.
    void put_usage(std::string_view path, Money used, Time at);
    void take(QueueId queue, ChipId chip, std::int64_t milli, Money rate) {
        use_.take(queue, chip, milli, rate);
    }
    void give(QueueId queue, ChipId chip, std::int64_t milli, Money rate) {
        use_.give(queue, chip, milli, rate);
    }
    void change_leaving(QueueId queue, ChipId chip, std::int64_t milli) {
        use_.change_leaving(queue, chip, milli);
    }

    const QueueUse& use() const { return use_; }
    // By path, what was described.
    const std::map<std::string, Queue>& described() const { return described_; }
    // The mean of the past as a rate by the hour, for each queue by its number. Somebody who has always used as much
    // has that as its mean too.
    struct Past {
        Money own;    // of its own jobs
        Money whole;  // with all below it
    };
    std::vector<Past> past(Time now) const;

    // Of what was described, used and is in use; the numbers may differ.
    bool operator==(const QueueTree& other) const;

   private:
    struct Used {
        Money used;
        Time at;
        bool operator==(const Used&) const = default;
    };
    void set_quotas(QueueId queue, const std::vector<Quota>& quotas);

    Names paths_;
    Names chips_;
    QueueUse use_;
    std::vector<Used> used_{1};  // by number of queue
    std::map<std::string, Queue> described_;
};

}  // namespace dayu::sched
