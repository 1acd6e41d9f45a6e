#include "sched/queue_use.h"

#include <algorithm>

namespace dayu::sched {

QueueId QueueUse::add(QueueId parent) {
    const QueueId queue{static_cast<std::uint32_t>(nodes_.size())};
    nodes_.emplace_back().parent = parent;
    return queue;
}

const QueueUse::ChipRow* QueueUse::find(QueueId queue, ChipId chip) const {
    const auto& rows = node(queue).chips;
    const auto at = std::ranges::find(rows, chip, &ChipRow::chip);
    return at == rows.end() ? nullptr : &*at;
}

QueueUse::ChipRow& QueueUse::row(QueueId queue, ChipId chip) {
    auto& rows = node(queue).chips;
    const auto at = std::ranges::find(rows, chip, &ChipRow::chip);
    if (at != rows.end()) return *at;
    ChipRow& added = rows.emplace_back();
    added.chip = chip;
    return added;
}

void QueueUse::set_quota(QueueId queue, ChipId chip, const QuotaOfChip& quota) {
    row(queue, chip).quota = quota;
    settle_owed(queue, chip);
}

void QueueUse::take(QueueId queue, ChipId chip, std::int64_t milli, Money rate) {
    change_use(queue, chip, {.milli = milli, .rate = rate.micro_yuan, .jobs = 1});
}

void QueueUse::give(QueueId queue, ChipId chip, std::int64_t milli, Money rate) {
    change_use(queue, chip, {.milli = -milli, .rate = -rate.micro_yuan, .jobs = -1});
}

void QueueUse::change_use(QueueId queue, ChipId chip, const Change& change) {
    node(queue).own_rate.micro_yuan += change.rate;
    for (QueueId at = queue; at; at = parent(at)) {
        node(at).rate.micro_yuan += change.rate;
        node(at).jobs += change.jobs;
        if (chip) row(at, chip).used_milli += change.milli;
    }
    if (chip) settle_owed(queue, chip);
}

void QueueUse::change_leaving(QueueId queue, ChipId chip, std::int64_t milli) {
    for (QueueId at = queue; at && chip; at = parent(at)) row(at, chip).leaving_milli += milli;
}

// From here up to the root.
void QueueUse::settle_owed(QueueId queue, ChipId chip) {
    for (QueueId at = queue; at; at = parent(at)) {
        ChipRow& here = row(at, chip);
        const auto unused = [&](std::int64_t quota) {
            return std::max<std::int64_t>(0, quota - here.used_milli);
        };
        const Owed owed{
            .guaranteed = std::max(unused(here.quota.guaranteed_milli), here.below.guaranteed),
            .kept = std::max(unused(here.quota.kept_milli), here.below.kept)};
        Owed& above = row(parent(at), chip).below;
        above.guaranteed += owed.guaranteed - here.owed.guaranteed;
        above.kept += owed.kept - here.owed.kept;
        here.owed = owed;
    }
}

void QueueUse::close(QueueId queue, ChipId chip) {
    ChipRow& here = row(queue, chip);
    here.quota.limit_milli = std::min(here.quota.limit_milli, here.used_milli);
}

std::int64_t QueueUse::used_milli(QueueId queue, ChipId chip) const {
    const ChipRow* here = find(queue, chip);
    return here == nullptr ? 0 : here->used_milli;
}

std::int64_t QueueUse::staying_milli(QueueId queue, ChipId chip) const {
    const ChipRow* here = find(queue, chip);
    return here == nullptr ? 0 : here->used_milli - here->leaving_milli;
}

QuotaOfChip QueueUse::quota(QueueId queue, ChipId chip) const {
    const ChipRow* here = find(queue, chip);
    return here == nullptr ? QuotaOfChip{} : here->quota;
}

bool QueueUse::has_unused_guarantee(QueueId queue) const {
    for (QueueId at = queue; at; at = parent(at)) {
        const bool unused = std::ranges::any_of(node(at).chips, [](const ChipRow& chip) {
            return chip.used_milli < chip.quota.guaranteed_milli;
        });
        if (unused) return true;
    }
    return false;
}

Allowance QueueUse::allowance(const Need& need) const {
    Allowance allowance;
    if (!need.chip) return allowance;
    for (QueueId at = need.queue; at; at = parent(at)) {
        const ChipRow* here = find(at, need.chip);
        const std::int64_t then = need.milli + (here == nullptr ? 0 : here->used_milli);
        if (here != nullptr) {
            if (!allowance.over_limit && then > here->quota.limit_milli) allowance.over_limit = at;
            if (!allowance.guarantor && then <= here->quota.guaranteed_milli)
                allowance.guarantor = at;
        }
        if (allowance.guarantor) continue;
        // What is owed to its siblings at this level.
        if (const ChipRow* above = find(parent(at), need.chip)) {
            const Owed own = here == nullptr ? Owed{} : here->owed;
            allowance.owed_milli += need.preemptible ? above->below.kept - own.kept
                                                     : above->below.guaranteed - own.guaranteed;
        }
    }
    return allowance;
}

}  // namespace dayu::sched
