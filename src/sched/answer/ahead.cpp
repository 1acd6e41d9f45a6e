#include "sched/answer/ahead.h"

#include <algorithm>
#include <limits>

#include "sched/quote.h"
#include "sched/round/offers.h"
#include "sched/round/rules.h"
#include "sched/wide.h"

namespace dayu::sched {
namespace {

// What a round compares where two queues part: a queue with all below it, or the own jobs of one.
struct Branch {
    std::int64_t use = 0;  // micro-yuan by the hour, now and in the mean of the past
    std::int64_t weight_milli = 1000;
};

class Shares {
   public:
    Shares(const World& world, Time now)
        : use_(world.queues().use()), past_(world.queues().past(now)) {}

    // Where the ways from the root to both part: the branch of each.
    std::pair<Branch, Branch> parting(QueueId one, QueueId other) const {
        const std::vector<QueueId> a = path(one), b = path(other);
        std::size_t depth = 0;
        while (depth < a.size() && depth < b.size() && a[depth] == b[depth]) ++depth;
        return {branch(a, depth), branch(b, depth)};
    }

   private:
    std::vector<QueueId> path(QueueId queue) const {
        std::vector<QueueId> up;
        for (; queue; queue = use_.parent(queue)) up.push_back(queue);
        std::ranges::reverse(up);
        return up;
    }
    Branch branch(const std::vector<QueueId>& path, std::size_t depth) const {
        if (depth == path.size()) {  // its own jobs, beside the queues below it
            const QueueId own = path.back();
            return {.use = sum(use_.own_rate(own), past_[own.value].own)};
        }
        const QueueId queue = path[depth];
        return {.use = sum(use_.rate(queue), past_[queue.value].whole),
                .weight_milli = use_.weight_milli(queue)};
    }
    static std::int64_t sum(Money a, Money b) {
        return saturating_sum({a.micro_yuan, b.micro_yuan});
    }

    const QueueUse& use_;
    const std::vector<QueueTree::Past> past_;
};

bool wants(const World& world, const JobClass& one, const Candidate& place) {
    const CenterView& center = world.centers().at(place.center);
    const Pool& pool = center.pools.at(place.pool).pool();
    return std::ranges::any_of(variants_of(world.spec_of(one.shape)), [&](const JobSpec& spec) {
        return !first_broken({center.center, pool, find_chip(world, spec), spec});
    });
}

// The jobs of a queue that want the place.
struct Wanting {
    std::int64_t jobs = 0;
    std::int64_t before = 0;  // of a better rank than the one that asks
};

std::vector<Wanting> wanting_by_queue(const World& world, const Candidate& place,
                                      const Rank& rank) {
    std::vector<Wanting> by_queue(world.queues().use().size());
    const Waiting& waiting = world.waiting();
    for (const JobClass& one : waiting.classes()) {
        if (one.waiting == 0 || !wants(world, one, place)) continue;
        for (const LaneId id : one.lanes) {
            const Lane& lane = waiting.lane(id);
            Wanting& of_queue = by_queue[lane.queue().value];
            of_queue.jobs += static_cast<std::int64_t>(lane.size());
            if (!lane.empty() && lane.front() < rank)
                of_queue.before += static_cast<std::int64_t>(lane.count_before(rank));
        }
    }
    return by_queue;
}

// How many jobs of that rate the other may start until its share is the larger one.
std::int64_t until_even(const Branch& own, const Branch& other, std::int64_t rate) {
    const __int128 apart = static_cast<__int128>(own.use) * other.weight_milli -
                           static_cast<__int128>(other.use) * own.weight_milli;
    if (apart <= 0) return 0;
    const __int128 step = static_cast<__int128>(std::max<std::int64_t>(rate, 1)) * own.weight_milli;
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min<__int128>((apart + step - 1) / step, most));
}

bool is_even(const Branch& own, const Branch& other) {
    return static_cast<__int128>(own.use) * other.weight_milli ==
           static_cast<__int128>(other.use) * own.weight_milli;
}

}  // namespace

std::vector<QueueAhead> jobs_ahead(const World& world, const Candidate& place, JobId job,
                                   Time now) {
    const QueueId own = world.waiting().queue_of(job);
    const std::vector<Wanting> wanting =
        wanting_by_queue(world, place, world.waiting().rank_of(job));
    const Pool& pool = world.centers().at(place.center).pools.at(place.pool).pool();
    const JobSpec spec = spec_of(world.spec_of(world.find_queued(job)->shape), place.variant);
    const std::int64_t rate = price_per_hour(pool, spec.nodes * spec.resources.chips_milli,
                                             spec.nodes * spec.resources.cpus)
                                  .micro_yuan;
    const Shares shares(world, now);
    std::vector<QueueAhead> all;
    for (std::uint32_t i = 0; i < wanting.size(); ++i) {
        const Wanting& theirs = wanting[i];
        if (theirs.jobs == 0) continue;
        std::int64_t ahead = theirs.before;
        if (QueueId{i} != own) {
            auto [mine, other] = shares.parting(own, {i});
            if (wanting[own.value].before > 0 || !is_even(mine, other)) {
                mine.use =
                    saturating_sum({mine.use, product_over({rate, wanting[own.value].before}, 1)});
                ahead = std::min(theirs.jobs, until_even(mine, other, rate));
            }
        }
        if (ahead > 0) all.push_back({.queue = world.queues().path({i}), .jobs = ahead});
    }
    std::ranges::sort(all, {},
                      [](const QueueAhead& one) { return std::pair{-one.jobs, one.queue}; });
    return all;
}

}  // namespace dayu::sched
