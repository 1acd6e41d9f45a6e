#include "sched/queue_tree.h"

#include <algorithm>
#include <tuple>

#include "sched/wide.h"

namespace dayu::sched {
namespace {

// What decays with this half-life has a mean age of half-life / ln 2.
constexpr std::int64_t mean_age_ms = usage_half_life.ms * 1'000'000 / 693'147;
constexpr std::int64_t ms_per_hour = 3'600'000;

Money mean_rate(Money used) {
    return {product_over({used.micro_yuan, ms_per_hour}, mean_age_ms).value_or(used.micro_yuan)};
}

}  // namespace

QueueId QueueTree::queue(std::string_view path) {
    if (const auto known = paths_.find(path)) return {*known};
    const QueueId parent = queue(parent_of(path));
    const QueueId added = use_.add(parent);
    paths_.number(path);
    used_.emplace_back();
    return added;
}

std::optional<QueueId> QueueTree::find(std::string_view path) const {
    const auto number = paths_.find(path);
    return number ? std::optional(QueueId{*number}) : std::nullopt;
}

void QueueTree::describe(const Queue& description) {
    forget(description.path);
    const QueueId id = queue(description.path);
    use_.set_weight(id, description.weight_milli);
    set_quotas(id, description.quotas);
    described_[description.path] = description;
}

void QueueTree::forget(const std::string& path) {
    const auto at = described_.find(path);
    if (at == described_.end()) return;
    const QueueId id = queue(path);
    use_.set_weight(id, Queue{}.weight_milli);
    for (const Quota& quota : at->second.quotas) use_.set_quota(id, chip(quota.chip), {});
    described_.erase(at);
}

void QueueTree::set_quotas(QueueId id, const std::vector<Quota>& quotas) {
    for (const Quota& quota : quotas) {
        use_.set_quota(id, chip(quota.chip),
                       {.guaranteed_milli = quota.guaranteed_milli,
                        .kept_milli = quota.kept_milli,
                        .limit_milli = quota.limit_milli.value_or(QuotaOfChip{}.limit_milli)});
    }
}

void QueueTree::put_usage(std::string_view path, Money used, Time at) {
    const QueueId id = queue(path);
    used_[id.value] = {.used = used, .at = at};
}

std::vector<QueueTree::Past> QueueTree::past(Time now) const {
    std::vector<Past> past(use_.size());
    // Children have the higher numbers: their sums are whole when their parent's turn comes.
    for (auto i = static_cast<std::uint32_t>(past.size()); i-- > 0;) {
        const Used& used = used_[i];
        if (used.used != Money{}) past[i].own = mean_rate(decayed(used.used, now - used.at));
        past[i].whole.micro_yuan =
            saturating_sum({past[i].whole.micro_yuan, past[i].own.micro_yuan});
        if (i == 0) break;
        Money& above = past[use_.parent({i}).value].whole;
        above.micro_yuan = saturating_sum({above.micro_yuan, past[i].whole.micro_yuan});
    }
    return past;
}

bool QueueTree::operator==(const QueueTree& other) const {
    // By path: the rates, the past, and what is in use of each chip, and stays so.
    using InUse = std::map<std::string, std::pair<std::int64_t, std::int64_t>>;
    using Content = std::tuple<Money, Money, Money, Time, InUse>;
    const auto content = [](const QueueTree& tree) {
        std::map<std::string, Content> all;
        for (std::uint32_t i = 0; i < tree.use_.size(); ++i) {
            InUse in_use;
            for (std::uint32_t chip = 1; chip < tree.chips_.size(); ++chip) {
                const std::pair used{tree.use_.used_milli({i}, {chip}),
                                     tree.use_.staying_milli({i}, {chip})};
                if (used != std::pair<std::int64_t, std::int64_t>{})
                    in_use.emplace(tree.chips_.name(chip), used);
            }
            const auto& [used, at] = tree.used_[i];
            const Content one{tree.use_.rate({i}), tree.use_.own_rate({i}), used, at, in_use};
            if (one != Content{}) all.emplace(tree.paths_.name(i), one);
        }
        return all;
    };
    return described_ == other.described_ && content(*this) == content(other);
}

}  // namespace dayu::sched
