#include "sched/lane.h"

#include <algorithm>

#include "base/check.h"
#include "model/queue.h"

namespace dayu::sched {
namespace {

// A free head of fewer than this is not worth a move.
constexpr std::uint32_t small_head = 32;

Duration moved_by(Priority priority) {
    return {priority_step.ms *
            (static_cast<std::int64_t>(priority) - static_cast<std::int64_t>(Priority::normal))};
}

}  // namespace

Time ranked_from(Time submitted, Priority priority) { return submitted - moved_by(priority); }
Time submitted_at(Time ranked_from, Priority priority) { return ranked_from + moved_by(priority); }

std::size_t Lane::count_before(const Rank& rank) const {
    const auto begin = ranks_.begin() + head_;
    return static_cast<std::size_t>(std::lower_bound(begin, ranks_.end(), rank) - begin);
}

void Lane::insert(const Rank& rank) {
    const std::size_t place = count_before(rank);
    if (place == size() || place >= size() / 2) {
        ranks_.insert(ranks_.begin() + static_cast<std::ptrdiff_t>(head_ + place), rank);
        return;
    }
    if (head_ == 0) {  // room for this one and some that may follow
        const std::size_t room = size() / 8 + 1;
        ranks_.insert(ranks_.begin(), room, Rank{});
        head_ = static_cast<std::uint32_t>(room);
    }
    const auto begin = ranks_.begin() + head_;
    const auto end = std::move(begin, begin + static_cast<std::ptrdiff_t>(place), begin - 1);
    *end = rank;
    --head_;
}

void Lane::erase(const Rank& rank) {
    const std::size_t place = count_before(rank);
    CHECK(place < size() && (*this)[place] == rank);
    const auto begin = ranks_.begin() + head_;
    const auto at = begin + static_cast<std::ptrdiff_t>(place);
    if (place >= size() / 2 && place > 0) {
        ranks_.erase(at);
        return;
    }
    std::move_backward(begin, at, at + 1);
    if (++head_ >= small_head && head_ * 2 >= ranks_.size()) {
        ranks_.erase(ranks_.begin(), ranks_.begin() + head_);
        head_ = 0;
    }
}

}  // namespace dayu::sched
