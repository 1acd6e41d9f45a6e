#include "sched/timing/wait_budget.h"

namespace dayu::sched {

void WaitBudget::withdraw(std::uint32_t job) {
    const auto at = bookings_.find(job);
    if (at == bookings_.end()) return;
    const Booking& before = at->second;
    waited_ -= before.waited;
    taken_ -= before.waited + before.set_aside;
    expected_ -= before.expected;
    bookings_.erase(at);
}

void WaitBudget::book(std::uint32_t job, const Booking& booking) {
    withdraw(job);
    waited_ += booking.waited;
    taken_ += booking.waited + booking.set_aside;
    expected_ += booking.expected;
    bookings_[job] = booking;
}

void WaitBudget::ended(std::uint32_t job, std::int64_t waited) {
    withdraw(job);
    waited_ += waited;
    taken_ += waited;
}

}  // namespace dayu::sched
