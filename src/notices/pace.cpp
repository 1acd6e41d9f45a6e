#include "notices/pace.h"

#include <algorithm>

namespace dayu::notices {
namespace {

constexpr Duration minute = seconds(60);

}  // namespace

Duration rest_after(std::int64_t failures, std::int64_t chance) {
    Duration rest = first_rest;
    for (std::int64_t i = 1; i < failures && rest < longest_rest; ++i) rest.ms *= 2;
    rest = std::min(rest, longest_rest);
    return {rest.ms * 4 / 5 + rest.ms * 2 / 5 * chance / 1000};
}

void MinuteWindow::sent(Instant now) {
    if (limit_ == 0) return;
    sent_.push_back(now);
    if (sent_.size() > limit_) sent_.pop_front();
}

Instant MinuteWindow::next(Instant now) const {
    if (limit_ == 0 || sent_.size() < limit_) return now;
    return std::max(now, sent_.front() + minute);
}

}  // namespace dayu::notices
