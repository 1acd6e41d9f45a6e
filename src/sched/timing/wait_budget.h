// The waiting that jobs may do in all: each that arrives brings an allowance, and what those before
// it have left over may be used by those after it. As a plan is made anew from time to time, only
// what it makes a job wait until then is sure, and is set aside; so in all never more is waited
// than was allowed, whatever the jobs. What they are expected to wait later is known beside that,
// for whoever sets the price of waiting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace dayu::sched {

class WaitBudget {
   public:
    // Steps, all of them.
    struct Booking {
        std::int64_t waited = 0;     // so far
        std::int64_t set_aside = 0;  // until it is asked again, at most
        double expected = 0;         // from now on
    };

    void allow(std::int64_t wait) { allowed_ += wait; }
    void book(std::uint32_t job, const Booking& booking);
    void ended(std::uint32_t job, std::int64_t waited);

    // What no plan has set aside.
    std::int64_t free() const { return allowed_ - taken_; }
    std::size_t jobs_there() const { return bookings_.size(); }
    // What would be left over if all who are there waited as expected. Less than none: too much was
    // planned.
    double spare() const { return static_cast<double>(allowed_ - waited_) - expected_; }

   private:
    void withdraw(std::uint32_t job);

    std::int64_t allowed_ = 0;
    std::int64_t waited_ = 0;
    std::int64_t taken_ = 0;  // waited or set aside
    double expected_ = 0;
    std::map<std::uint32_t, Booking> bookings_;
};

}  // namespace dayu::sched
