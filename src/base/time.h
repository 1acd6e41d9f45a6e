// Time is handed in, never asked for: the core sees a Time argument, and whoever owns a thread owns a
// Clock. Wall time (Time) goes into entries and can jump; Instant is monotonic and measures how long
// something has been silent, so that a jumping wall clock never ends a lease.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace dayu {

struct Duration {
    std::int64_t ms = 0;

    auto operator<=>(const Duration&) const = default;
};

constexpr Duration milliseconds(std::int64_t count) { return {count}; }
constexpr Duration seconds(std::int64_t count) { return {count * 1000}; }
constexpr Duration operator+(Duration a, Duration b) { return {a.ms + b.ms}; }
constexpr Duration operator-(Duration a, Duration b) { return {a.ms - b.ms}; }

// Milliseconds since 1970-01-01T00:00:00Z.
struct Time {
    std::int64_t ms = 0;

    auto operator<=>(const Time&) const = default;
};
constexpr Time operator+(Time t, Duration d) { return {t.ms + d.ms}; }
constexpr Time operator-(Time t, Duration d) { return {t.ms - d.ms}; }
constexpr Duration operator-(Time a, Time b) { return {a.ms - b.ms}; }

// Milliseconds of a clock that only goes forward and means nothing outside its machine.
struct Instant {
    std::int64_t ms = 0;

    auto operator<=>(const Instant&) const = default;
};
constexpr Instant operator+(Instant t, Duration d) { return {t.ms + d.ms}; }
constexpr Duration operator-(Instant a, Instant b) { return {a.ms - b.ms}; }

struct Clock {
    virtual ~Clock() = default;
    virtual Time now() const = 0;
    virtual Instant instant() const = 0;
};

// The machine's clock (CLOCK_REALTIME and CLOCK_BOOTTIME).
Clock& system_clock();

// "2026-12-01T00:00:00.000Z": always UTC, always three decimals.
std::string to_string(Time time);
Result<Time> parse_time(std::string_view rfc3339);

// "2h", "90m", "30s", "1d", "1h30m", or plain seconds; to_string writes the shortest exact form.
std::string to_string(Duration duration);
Result<Duration> parse_duration(std::string_view text);

}  // namespace dayu
