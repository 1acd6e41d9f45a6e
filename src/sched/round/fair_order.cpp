#include "sched/round/fair_order.h"

#include <algorithm>

#include "sched/wide.h"

namespace dayu::sched {
namespace {

using Past = QueueTree::Past;

std::int64_t use_of(Money now, std::span<const Past> past, QueueId queue, Money Past::* part) {
    const Money before = past.empty() ? Money{} : past[queue.value].*part;
    return saturating_sum({now.micro_yuan, before.micro_yuan});
}

// The first of the heap now comes after some that it came before.
template <class After>
void let_first_sink(std::vector<std::uint32_t>& heap, After&& after) {
    std::size_t at = 0;
    for (std::size_t child = 1; child < heap.size(); child = 2 * at + 1) {
        if (child + 1 < heap.size() && after(heap[child], heap[child + 1])) ++child;
        if (!after(heap[at], heap[child])) return;
        std::swap(heap[at], heap[child]);
        at = child;
    }
}

}  // namespace

void FairOrder::begin(const QueueUse& use, std::span<const QueueTree::Past> past,
                      std::span<const Entrant> entrants) {
    for (Index i = 0; i < size_; ++i) by_queue_[turns_[i].queue.value] = 0;
    size_ = 0;
    by_queue_.resize(use.size());
    add({});
    for (const Entrant& entrant : entrants) {
        const QueueId queue = entrant.queue;
        const Index parent = turn_of(queue, use, past);
        Turn& leaf = add(queue);
        leaf.use = use_of(use.own_rate(queue), past, queue, &Past::own);
        leaf.first = entrant.first;
        leaf.parent = parent;
    }
    // From the leaves up: a child stands behind its parent.
    const auto after = [this](Index a, Index b) { return is_after(a, b); };
    for (Index i = size_; --i > 0;) {
        Turn& one = turns_[i];
        std::ranges::make_heap(one.children, after);
        Turn& parent = turns_[one.parent];
        if (parent.children.empty() || one.first < parent.first) parent.first = one.first;
        parent.children.push_back(i);
    }
    std::ranges::make_heap(turns_[0].children, after);
}

// Its children's room in memory stays.
FairOrder::Turn& FairOrder::add(QueueId queue) {
    if (size_ == turns_.size()) turns_.emplace_back();
    Turn& one = turns_[size_++];
    one.children.clear();
    one = {.first = {}, .queue = queue, .children = std::move(one.children)};
    return one;
}

FairOrder::Index FairOrder::turn_of(QueueId queue, const QueueUse& use,
                                    std::span<const QueueTree::Past> past) {
    if (!queue) return 0;
    if (const Index known = by_queue_[queue.value]; known != 0) return known;
    const Index parent = turn_of(use.parent(queue), use, past);
    by_queue_[queue.value] = size_;
    Turn& one = add(queue);
    one.use = use_of(use.rate(queue), past, queue, &Past::whole);
    one.weight_milli = use.weight_milli(queue);
    one.parent = parent;
    return by_queue_[queue.value];
}

// By use / weight, without a division.
bool FairOrder::is_after(Index a, Index b) const {
    const Turn &one = turns_[a], &other = turns_[b];
    const __int128 left = static_cast<__int128>(one.use) * other.weight_milli;
    const __int128 right = static_cast<__int128>(other.use) * one.weight_milli;
    return left != right ? left > right : one.first > other.first;
}

FairOrder::Index FairOrder::leaf() const {
    Index at = 0;
    while (!turns_[at].children.empty()) at = turns_[at].children.front();
    return at;
}

std::optional<QueueId> FairOrder::next() const {
    const Index at = leaf();
    return at == 0 ? std::nullopt : std::optional(turns_[at].queue);
}

void FairOrder::charge(Money rate) {
    const auto after = [this](Index a, Index b) { return is_after(a, b); };
    for (Index at = leaf(); at != 0; at = turns_[at].parent) {
        turns_[at].use = saturating_sum({turns_[at].use, rate.micro_yuan});
        let_first_sink(turns_[turns_[at].parent].children, after);
    }
}

void FairOrder::drop() {
    const auto after = [this](Index a, Index b) { return is_after(a, b); };
    // With the last child goes its parent.
    for (Index at = leaf(); at != 0; at = turns_[at].parent) {
        auto& siblings = turns_[turns_[at].parent].children;
        std::ranges::pop_heap(siblings, after);
        siblings.pop_back();
        if (!siblings.empty()) break;
    }
}

}  // namespace dayu::sched
