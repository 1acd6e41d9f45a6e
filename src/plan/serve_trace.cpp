#include "plan/serve_trace.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>

#include <fmt/core.h>

#include "base/csv.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 3> azure_columns{"TIMESTAMP", "ContextTokens",
                                                        "GeneratedTokens"};
constexpr std::array<std::string_view, 2> length_columns{"num_prefill_tokens", "num_decode_tokens"};

bool names_all(std::string_view text, std::span<const std::string_view> columns) {
    const std::string_view header = text.substr(0, text.find('\n'));
    return std::ranges::all_of(columns, [&](std::string_view column) {
        return header.find(column) != std::string_view::npos;
    });
}

// The digits of `text` from `at` as a number, and the sign after them passed over; -1: they are not there.
int take_number(std::string_view& text, std::size_t digits, char sign) {
    int value = -1;
    if (text.size() < digits) return -1;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + digits, value);
    if (failure != std::errc() || end != text.data() + digits) return -1;
    text.remove_prefix(digits);
    if (sign == 0) return value;
    if (!text.starts_with(sign)) return -1;
    text.remove_prefix(1);
    return value;
}

// "2023-11-16 18:15:46.6805900", in seconds since 1970; NaN: it is none.
double seconds_of(std::string_view text) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    const int year = take_number(text, 4, '-'), month = take_number(text, 2, '-');
    const int day = take_number(text, 2, ' ');
    const int hour = take_number(text, 2, ':'), minute = take_number(text, 2, ':');
    double second = 0;
    const auto [end, failure] =
        std::from_chars(text.data(), text.data() + text.size(), second, std::chars_format::fixed);
    const std::chrono::year_month_day date{
        std::chrono::year(year), std::chrono::month(static_cast<unsigned>(std::max(0, month))),
        std::chrono::day(static_cast<unsigned>(std::max(0, day)))};
    const bool is_time = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
                         second < 61 && failure == std::errc() && end == text.data() + text.size();
    if (year < 0 || !date.ok() || !is_time) return none;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return 86400.0 * static_cast<double>(days) + 3600.0 * hour + 60.0 * minute + second;
}

Result<double> tokens_of(const CsvTable& table, std::size_t row, std::size_t column) {
    const Result<double> value = table.number(row, column);
    if (value && *value >= 0 && *value <= max_request_tokens) return std::round(*value);
    return table.bad_field(row, column, "a count of tokens, from 0 to 1e8");
}

// What the rows came to, in the order of their arrival.
Result<ServeTrace> checked(const std::string& path, ServeTrace trace) {
    if (trace.requests.empty()) {
        return invalid("serve_trace_invalid",
                       fmt::format("{} has no request with a prompt and an answer; a replay wants "
                                   "one at least",
                                   path));
    }
    put_in_order(trace);
    return trace;
}

// Exponential gaps from the top 53 bits of each draw: the standard's own distributions differ between libraries.
class PoissonArrivals {
   public:
    explicit PoissonArrivals(const Arrivals& arrivals)
        : rate_(arrivals.rate), random_(arrivals.seed) {}

    double next_s() {
        const double uniform = (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53;
        return now_s_ -= std::log(uniform) / rate_;
    }

   private:
    double rate_;
    std::mt19937_64 random_;
    double now_s_ = 0;
};

}  // namespace

double ServeTrace::rate() const {
    if (requests.size() < 2) return 0;
    const double span_s = requests.back().arrival_s - requests.front().arrival_s;
    return span_s > 0 ? static_cast<double>(requests.size() - 1) / span_s : 0;
}

bool is_azure_trace(std::string_view text) { return names_all(text, azure_columns); }

Result<ServeTrace> parse_azure_trace(const std::string& path, std::string text) {
    const CsvTable table =
        TRY(CsvTable::parse({.path = std::move(path), .error_code = "serve_trace_invalid"},
                            std::move(text), azure_columns));
    ServeTrace trace;
    trace.requests.reserve(table.rows());
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const double arrival_s = seconds_of(table.text(row, 0));
        if (std::isnan(arrival_s))
            return table.bad_field(row, 0, "a time such as 2023-11-16 18:15:46.6805900");
        const double prompt = TRY(tokens_of(table, row, 1));
        const double answer = TRY(tokens_of(table, row, 2));
        if (prompt > 0 && answer > 0)
            trace.requests.push_back({.arrival_s = arrival_s, .prompt = prompt, .answer = answer});
    }
    return checked(path, std::move(trace));
}

bool is_length_table(std::string_view text) { return names_all(text, length_columns); }

Result<ServeTrace> parse_length_table(const std::string& path, std::string text,
                                      const Arrivals& arrivals) {
    const CsvTable table =
        TRY(CsvTable::parse({.path = std::move(path), .error_code = "serve_trace_invalid"},
                            std::move(text), length_columns));
    ServeTrace trace;
    PoissonArrivals stream(arrivals);
    for (std::size_t row = 0; row < table.rows(); ++row) {
        const double prompt = TRY(tokens_of(table, row, 0));
        const double answer = TRY(tokens_of(table, row, 1));
        if (prompt > 0 && answer > 0)
            trace.requests.push_back(
                {.arrival_s = stream.next_s(), .prompt = prompt, .answer = answer});
    }
    return checked(path, std::move(trace));
}

ServeTrace drawn_trace(std::size_t count, const Lengths& lengths, const Arrivals& arrivals) {
    ServeTrace trace;
    trace.requests.reserve(count);
    PoissonArrivals stream(arrivals);
    for (std::size_t i = 0; i < count; ++i)
        trace.requests.push_back(
            {.arrival_s = stream.next_s(), .prompt = lengths.prompt, .answer = lengths.answer});
    put_in_order(trace);
    return trace;
}

ServeTrace stretched_to(ServeTrace trace, double rate) {
    const double now = trace.rate();
    if (now <= 0 || rate <= 0) return trace;
    for (ServeRequest& request : trace.requests) request.arrival_s *= now / rate;
    return trace;
}

void put_in_order(ServeTrace& trace) {
    std::ranges::stable_sort(trace.requests, {}, &ServeRequest::arrival_s);
    if (trace.requests.empty()) return;
    const double first_s = trace.requests.front().arrival_s;
    for (ServeRequest& request : trace.requests) request.arrival_s -= first_s;
}

}  // namespace dayu::plan
