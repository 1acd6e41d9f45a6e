#include "base/time.h"

#include <time.h>

#include <charconv>
#include <chrono>
#include <limits>

namespace dayu {
namespace {

std::int64_t read_ms(clockid_t id) {
    timespec now{};
    CHECK(clock_gettime(id, &now) == 0);
    return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

struct SystemClock final : Clock {
    Time now() const override { return {read_ms(CLOCK_REALTIME)}; }
    Instant instant() const override { return {read_ms(CLOCK_BOOTTIME)}; }
};

std::string padded(std::int64_t value, std::size_t width) {
    std::string text = std::to_string(value);
    if (text.size() < width) text.insert(0, width - text.size(), '0');
    return text;
}

// Reads digits at the front of `rest` and removes them; false when there are none or too many.
bool take_number(std::string_view& rest, std::int64_t& value) {
    const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (status != std::errc{} || value < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return true;
}

bool take_fixed(std::string_view& rest, std::size_t width, std::int64_t& value) {
    if (rest.size() < width) return false;
    std::string_view part = rest.substr(0, width);
    if (part.find_first_not_of("0123456789") != std::string_view::npos) return false;
    rest.remove_prefix(width);
    return take_number(part, value);
}

bool take_char(std::string_view& rest, std::string_view accepted) {
    if (rest.empty() || accepted.find(rest.front()) == std::string_view::npos) return false;
    rest.remove_prefix(1);
    return true;
}

// Fraction of a second to milliseconds; further digits are cut.
bool take_fraction(std::string_view& rest, std::int64_t& ms) {
    std::int64_t scale = 100;
    std::size_t digits = 0;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
        ms += (rest.front() - '0') * scale;
        scale /= 10;
        rest.remove_prefix(1);
        ++digits;
    }
    return digits > 0;
}

bool take_offset(std::string_view& rest, std::int64_t& minutes) {
    if (take_char(rest, "Zz")) return true;
    const bool negative = rest.starts_with('-');
    std::int64_t hour = 0, minute = 0;
    if (!take_char(rest, "+-") || !take_fixed(rest, 2, hour)) return false;
    if (!take_char(rest, ":") || !take_fixed(rest, 2, minute)) return false;
    if (hour > 23 || minute > 59) return false;
    minutes = (hour * 60 + minute) * (negative ? -1 : 1);
    return true;
}

// Years have four digits. An offset may lead out of them, to what could be written and never read again.
bool has_text(Time time) {
    using namespace std::chrono;
    constexpr sys_days first = year{0} / January / 1;
    constexpr sys_days behind = year{10'000} / January / 1;
    constexpr std::int64_t day_ms = 86'400'000;
    return time.ms >= first.time_since_epoch().count() * day_ms &&
           time.ms < behind.time_since_epoch().count() * day_ms;
}

struct Unit {
    char letter;
    std::int64_t ms;
};
constexpr Unit units[] = {{'d', 86'400'000}, {'h', 3'600'000}, {'m', 60'000}, {'s', 1000}};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

std::string to_string(Time time) {
    using namespace std::chrono;
    const sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds{time.ms}};
    const auto day = floor<days>(point);
    const year_month_day date{day};
    const hh_mm_ss clock{point - day};
    return padded(static_cast<int>(date.year()), 4) + "-" +
           padded(static_cast<unsigned>(date.month()), 2) + "-" +
           padded(static_cast<unsigned>(date.day()), 2) + "T" + padded(clock.hours().count(), 2) +
           ":" + padded(clock.minutes().count(), 2) + ":" + padded(clock.seconds().count(), 2) +
           "." + padded(clock.subseconds().count(), 3) + "Z";
}

Result<Time> parse_time(std::string_view rfc3339) {
    using namespace std::chrono;
    std::string_view rest = rfc3339;
    std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0, offset = 0;
    bool good = take_fixed(rest, 4, year) && take_char(rest, "-") && take_fixed(rest, 2, month) &&
                take_char(rest, "-") && take_fixed(rest, 2, day) && take_char(rest, "Tt ") &&
                take_fixed(rest, 2, hour) && take_char(rest, ":") && take_fixed(rest, 2, minute) &&
                take_char(rest, ":") && take_fixed(rest, 2, second);
    if (good && take_char(rest, ".")) good = take_fraction(rest, ms);
    good = good && take_offset(rest, offset) && rest.empty();
    const year_month_day date{std::chrono::year{static_cast<int>(year)},
                              std::chrono::month{static_cast<unsigned>(month)},
                              std::chrono::day{static_cast<unsigned>(day)}};
    const auto malformed = [&] {
        return invalid("time_malformed", "\"" + std::string(rfc3339) +
                                             "\" is not an RFC 3339 time such as "
                                             "\"2026-12-01T08:00:00+08:00\"");
    };
    if (!good || !date.ok() || hour > 23 || minute > 59 || second > 60) return malformed();
    const std::int64_t days_ms = sys_days{date}.time_since_epoch().count() * 86'400'000LL;
    const Time time{days_ms + ((hour * 60 + minute - offset) * 60 + second) * 1000 + ms};
    if (!has_text(time)) return malformed();
    return time;
}

std::string to_string(Duration duration) {
    if (duration.ms % 1000 != 0) return std::to_string(duration.ms) + "ms";
    if (duration.ms <= 0) return std::to_string(duration.ms / 1000) + "s";
    std::string text;
    std::int64_t rest = duration.ms;
    for (const Unit& unit : units) {
        if (rest >= unit.ms) text += std::to_string(rest / unit.ms) + unit.letter;
        rest %= unit.ms;
    }
    return text;
}

Result<Duration> parse_duration(std::string_view text) {
    const auto bad = [&] {
        return invalid(
            "duration_malformed",
            "\"" + std::string(text) + "\" is not a duration such as \"90s\", \"2h\" or \"1h30m\"");
    };
    constexpr std::int64_t longest_ms = std::int64_t{100} * 365 * 86'400'000;
    std::string_view rest = text;
    std::int64_t total = 0;
    if (rest.empty()) return bad();
    while (!rest.empty()) {
        std::int64_t count = 0;
        if (!take_number(rest, count)) return bad();
        std::int64_t unit_ms = rest.empty() && total == 0 ? 1000 : 0;
        if (rest.starts_with("ms")) {
            unit_ms = 1;
            rest.remove_prefix(2);
        } else if (!rest.empty()) {
            for (const Unit& unit : units) {
                if (rest.front() == unit.letter) unit_ms = unit.ms;
            }
            rest.remove_prefix(1);
        }
        if (unit_ms == 0 || count > longest_ms / unit_ms) return bad();
        total += count * unit_ms;
        if (total > longest_ms) return bad();
    }
    return Duration{total};
}

}  // namespace dayu
