#include "dayu/answers.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

#include <fmt/core.h>

#include "base/time.h"

namespace dayu::app {
namespace {

// "0.99" -> "1.00": one more in the last place, away from zero.
std::string one_more(std::string decimal) {
    for (std::size_t i = decimal.size(); i-- > 0;) {
        if (decimal[i] == '.' || decimal[i] == '-') continue;
        if (decimal[i] != '9') {
            ++decimal[i];
            return decimal;
        }
        decimal[i] = '0';
    }
    return decimal.insert(decimal.starts_with('-') ? 1 : 0, "1");
}

}  // namespace

const wire::Json& member(const wire::Json& object, std::string_view key) {
    static const wire::Json nothing;
    const wire::Json* found = object.find(key);
    return found == nullptr ? nothing : *found;
}

std::string text(const wire::Json& object, std::string_view key) {
    const std::string* found = member(object, key).as_string();
    return found == nullptr ? std::string() : *found;
}

std::int64_t number(const wire::Json& object, std::string_view key) {
    const std::int64_t* found = member(object, key).as_int();
    return found == nullptr ? 0 : *found;
}

bool flag(const wire::Json& object, std::string_view key) {
    const bool* found = member(object, key).as_bool();
    return found != nullptr && *found;
}

bool is_null(const wire::Json& object, std::string_view key) {
    return member(object, key).is_null();
}

const wire::Json::Array& list(const wire::Json& object, std::string_view key) {
    static const wire::Json::Array nothing;
    const wire::Json::Array* found = member(object, key).as_array();
    return found == nullptr ? nothing : *found;
}

std::vector<std::string> texts(const wire::Json& object, std::string_view key) {
    std::vector<std::string> words;
    for (const wire::Json& word : list(object, key)) {
        if (word.as_string() != nullptr) words.push_back(*word.as_string());
    }
    return words;
}

std::string join(const std::vector<std::string>& words, std::string_view separator) {
    std::string out;
    for (const std::string& word : words) {
        if (!out.empty()) out += separator;
        out += word;
    }
    return out;
}

// Rounds the text itself: half away from zero, no double between. What would round to nothing is shown
// in full, so that a small cost is not taken for none.
std::string short_decimal(const std::string& decimal, std::size_t most_decimals) {
    constexpr std::size_t least_decimals = 2;
    const auto is_zero = [](const std::string& digits) {
        return digits.find_first_of("123456789") == std::string::npos;
    };
    const std::size_t point = decimal.find('.');
    if (point == std::string::npos) return decimal;
    const std::size_t next = point + 1 + most_decimals;
    std::string kept = decimal.substr(0, next);
    if (next < decimal.size() && decimal[next] >= '5') kept = one_more(std::move(kept));
    if (is_zero(kept) && !is_zero(decimal)) kept = decimal;
    const std::size_t shortest = kept.find('.') + 1 + least_decimals;
    while (kept.size() > shortest && kept.ends_with('0')) kept.pop_back();
    return kept;
}

std::string yuan(const wire::Json& object, std::string_view key) {
    return short_decimal(text(object, key), 4);
}

std::string kwh(const wire::Json& object) { return short_decimal(text(object, "energy_kwh"), 4); }

std::string grams(const wire::Json& object) {
    return short_decimal(text(object, "carbon_gco2e"), 2);
}

std::string short_seconds(std::int64_t count) {
    if (count < 0) count = 0;
    const std::int64_t days = count / 86'400, hours = count / 3600 % 24, minutes = count / 60 % 60;
    const std::int64_t rest = count % 60;
    const auto two = [](std::int64_t a, char unit_a, std::int64_t b, char unit_b) {
        return b == 0 ? fmt::format("{}{}", a, unit_a)
                      : fmt::format("{}{}{}{}", a, unit_a, b, unit_b);
    };
    if (days > 0) return two(days, 'd', hours, 'h');
    if (hours > 0) return two(hours, 'h', minutes, 'm');
    if (minutes > 0) return two(minutes, 'm', rest, 's');
    return fmt::format("{}s", rest);
}

std::string gibibytes(std::int64_t mebibytes) {
    if (mebibytes % 1024 == 0) return fmt::format("{}", mebibytes / 1024);
    return fmt::format("{:.1f}", static_cast<double>(mebibytes) / 1024);
}

std::string bytes(std::int64_t count) {
    constexpr std::array<char, 5> units = {'K', 'M', 'G', 'T', 'P'};
    if (count < 1024) return fmt::format("{}", count);
    double amount = static_cast<double>(count);
    std::size_t unit = 0;
    for (amount /= 1024; amount >= 1024 && unit + 1 < units.size(); ++unit) amount /= 1024;
    return amount < 10 ? fmt::format("{:.1f}{}", amount, units[unit])
                       : fmt::format("{:.0f}{}", amount, units[unit]);
}

std::string local_time(const std::string& rfc3339) {
    const Result<Time> time = parse_time(rfc3339);
    if (!time.ok()) return {};
    const std::time_t seconds = time->ms / 1000;
    std::tm parts{};
    localtime_r(&seconds, &parts);
    std::array<char, 32> out{};
    const std::size_t size = std::strftime(out.data(), out.size(), "%m-%d %H:%M:%S", &parts);
    return {out.data(), size};
}

std::string chips(const std::string& chip, std::int64_t chips_milli) {
    if (chip.empty() || chips_milli == 0) return "cpu";
    if (chips_milli % 1000 == 0) return fmt::format("{}×{}", chip, chips_milli / 1000);
    std::string count = fmt::format("{}.{:03}", chips_milli / 1000, chips_milli % 1000);
    while (count.ends_with('0')) count.pop_back();
    return fmt::format("{}×{}", chip, count);
}

StateWord state_word(const wire::Json& job) {
    const std::string state = text(job, "state");
    const std::string phase = text(job, "phase");
    if (state == "ACTIVE") {
        if (phase == "RUNNING") return {"RUNNING", "R", Color::green};
        if (phase == "SUSPENDED") return {"SUSPENDED", "S", Color::yellow};
        if (phase == "COMPLETING" || phase == "ENDED") return {"COMPLETING", "CG", Color::green};
        return {"CONFIGURING", "CF", Color::yellow};
    }
    static const std::array<StateWord, 8> words = {{{"PENDING", "PD", Color::yellow},
                                                    {"HELD", "PD", Color::yellow},
                                                    {"COMPLETED", "CD", Color::none},
                                                    {"FAILED", "F", Color::red},
                                                    {"TIMEOUT", "TO", Color::red},
                                                    {"OUT_OF_MEMORY", "OOM", Color::red},
                                                    {"CANCELLED", "CA", Color::faint},
                                                    {"DEADLINE", "DL", Color::red}}};
    const auto found = std::ranges::find(words, state, &StateWord::word);
    return found == words.end() ? StateWord{state, state, Color::none} : *found;
}

std::string exit_word(const wire::Json& job) {
    if (is_null(job, "ended")) return {};
    return fmt::format("{}:{}", number(job, "code"), number(job, "signal"));
}

std::string ran_for(const wire::Json& job) {
    constexpr Duration shown_in_tenths = seconds(10);
    const Result<Time> started = parse_time(text(job, "started"));
    if (!started.ok()) return {};
    const Result<Time> ended = parse_time(text(job, "ended"));
    const Duration ran = (ended.ok() ? *ended : system_clock().now()) - *started;
    if (ran >= shown_in_tenths) return short_seconds(ran.ms / 1000);
    return fmt::format("{:.1f}s", static_cast<double>(std::max<std::int64_t>(ran.ms, 0)) / 1000);
}

std::string job_note(const wire::Json& job) {
    std::vector<std::string> notes;
    if (text(job, "state") == "HELD") notes.push_back("held");
    if (flag(job, "contact_lost")) notes.push_back("contact lost");
    if (flag(job, "cancel_requested") && is_null(job, "ended")) notes.push_back("cancelling");
    const std::string cause = text(job, "cause");
    const bool again = text(job, "state") == "PENDING" && number(job, "attempt") > 0;
    if (again) notes.push_back("again after " + (cause.empty() ? "an attempt" : cause));
    if (text(job, "state") == "FAILED" && cause != "exited") notes.push_back(cause);
    return join(notes, ", ");
}

}  // namespace dayu::app
