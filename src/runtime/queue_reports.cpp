#include "runtime/queue_reports.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace dayu::runtime {
namespace {

using sched::ChipId;
using sched::QueueId;

// As a tree is read: what lies below a queue comes right behind it, whatever its neighbours are called.
bool comes_before(std::string_view a, std::string_view b) {
    const auto place = [](char c) { return c == '/' ? '\0' : c; };
    return std::ranges::lexicographical_compare(a, b, {}, place, place);
}

bool is_within(std::string_view path, std::string_view above) {
    return above.empty() || path == above || (path.starts_with(above) && path[above.size()] == '/');
}

// The sums of what each queue has by itself over it and all below; children have the higher numbers.
class Tally {
   public:
    explicit Tally(const sched::World& world) : waiting_(size(world)), is_there_(size(world)) {
        const sched::QueueTree& tree = world.queues();
        const sched::QueueUse& use = tree.use();
        for (auto i = static_cast<std::uint32_t>(waiting_.size()); i-- > 1;) {
            waiting_[i] += world.waiting().waiting_in({i});
            is_there_[i] = is_there_[i] || waiting_[i] > 0 || use.jobs({i}) > 0 ||
                           tree.described().contains(tree.path({i}));
            const std::uint32_t above = use.parent({i}).value;
            waiting_[above] += waiting_[i];
            is_there_[above] = is_there_[above] || is_there_[i];
        }
    }

    std::int64_t waiting(QueueId queue) const { return waiting_[queue.value]; }
    // Described, in use or waited in, here or below.
    bool is_there(QueueId queue) const { return is_there_[queue.value]; }

   private:
    static std::size_t size(const sched::World& world) { return world.queues().use().size(); }

    std::vector<std::int64_t> waiting_;
    std::vector<bool> is_there_;
};

Money share_of(Money used, Money past, std::int64_t weight_milli) {
    const __int128 both = static_cast<__int128>(used.micro_yuan) + past.micro_yuan;
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    return {static_cast<std::int64_t>(std::min<__int128>(both * 1000 / weight_milli, most))};
}

QueueReport report(const sched::QueueTree& tree, QueueId id, Money past, std::int64_t waiting) {
    const sched::QueueUse& use = tree.use();
    QueueReport one{.queue = {.path = tree.path(id), .quotas = {}},
                    .used_milli = {},
                    .waiting = waiting,
                    .running = use.jobs(id),
                    .used_per_hour = use.rate(id),
                    .past_per_hour = past};
    if (const auto at = tree.described().find(one.queue.path); at != tree.described().end()) {
        one.queue = at->second;
        one.described = true;
    }
    for (std::uint32_t chip = 1; chip < tree.chips(); ++chip) {
        const std::int64_t milli = use.used_milli(id, ChipId{chip});
        if (milli > 0) one.used_milli.emplace_back(tree.chip_name({chip}), milli);
    }
    std::ranges::sort(one.used_milli);
    one.share_per_hour = share_of(one.used_per_hour, past, one.queue.weight_milli);
    return one;
}

}  // namespace

std::vector<QueueReport> report_queues(const sched::World& world, const QueueChoice& choice,
                                       Time now) {
    const sched::QueueTree& tree = world.queues();
    const Tally tally(world);
    const auto past = tree.past(now);
    std::vector<QueueId> chosen;
    for (std::uint32_t i = 1; i < tree.use().size(); ++i) {
        const std::string& path = tree.path({i});
        const bool is_behind = choice.after.empty() || comes_before(choice.after, path);
        if (!is_within(path, choice.below) || !is_behind) continue;
        if (tally.is_there({i}) || past[i].whole != Money{}) chosen.push_back({i});
    }
    const auto in_order = [&](QueueId a, QueueId b) {
        return comes_before(tree.path(a), tree.path(b));
    };
    std::ranges::sort(chosen, in_order);
    if (chosen.size() > choice.limit) chosen.resize(choice.limit);
    std::vector<QueueReport> reports;
    for (const QueueId id : chosen)
        reports.push_back(report(tree, id, past[id.value].whole, tally.waiting(id)));
    return reports;
}

}  // namespace dayu::runtime
