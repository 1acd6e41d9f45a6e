#include "wire/slurm/values.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace dayu::wire::slurm {
namespace {

constexpr std::int64_t most = 1'000'000'000;  // of any count; what is too much is said later
constexpr std::int64_t minute_s = 60, hour_s = 3600, day_s = 24 * 3600;

std::string quoted(const Option& option) { return "\"" + option.value.substr(0, 80) + "\""; }

Error malformed(const Option& option, const std::string& expected) {
    return option_error(option, "value_malformed", quoted(option) + " is not " + expected);
}

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, status] = std::from_chars(text.data(), end, value);
    const bool good = status == std::errc() && stopped == end && value >= 0 && value <= most;
    return good ? std::optional(value) : std::nullopt;
}

// "2", or with the "k" that Slurm takes for 1024.
std::optional<std::int64_t> count_of(std::string_view text) {
    const bool kilo = text.ends_with('k') || text.ends_with('K');
    if (kilo) text.remove_suffix(1);
    const auto value = whole(text);
    if (!value || *value == 0) return {};
    return kilo ? *value * 1024 : *value;
}

// A count, a type, or both: "2", "a100", "a100:2".
std::optional<Counted> type_and_count(std::string_view text) {
    Counted counted;
    const std::size_t colon = text.rfind(':');
    if (const auto count = count_of(text.substr(colon == std::string_view::npos ? 0 : colon + 1))) {
        counted.count = *count;
        text = text.substr(0, colon == std::string_view::npos ? 0 : colon);
    }
    if (text.find_first_of("():= ") != std::string_view::npos) return {};
    counted.type = text;
    return counted;
}

}  // namespace

Error option_error(const Option& option, std::string code, const std::string& text) {
    return invalid(std::move(code),
                   "line " + std::to_string(option.line) + ", " + option.written + ": " + text);
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

Result<std::int64_t> read_count(const Option& option) {
    const auto value = count_of(option.value);
    if (!value) return malformed(option, "a whole number from 1");
    return *value;
}

Result<std::int64_t> read_memory_mib(const Option& option) {
    std::string_view text = option.value;
    if (text.ends_with('B') || text.ends_with('b')) text.remove_suffix(1);
    const char unit = text.empty() ? '0' : text.back();
    const auto is = [&](char small) { return unit == small || unit == small - 'a' + 'A'; };
    const bool has_unit = is('k') || is('m') || is('g') || is('t');
    if (has_unit) text.remove_suffix(1);
    const auto value = whole(text);
    if (!value) return malformed(option, "a memory size such as 4096M or 64G");
    if (is('k')) return (*value + 1023) / 1024;
    if (is('g')) return *value * 1024;
    if (is('t')) return *value * 1024 * 1024;
    return *value;
}

Result<Duration> read_time(const Option& option) {
    const auto bad = [&] {
        return malformed(option,
                         "a time of Slurm: minutes, minutes:seconds, hours:minutes:seconds, "
                         "days-hours, days-hours:minutes or days-hours:minutes:seconds");
    };
    std::string_view text = option.value;
    const std::size_t dash = text.find('-');
    std::int64_t total = 0;
    if (dash != std::string_view::npos) {
        const auto days = whole(text.substr(0, dash));
        if (!days) return bad();
        total = *days * day_s;
        text.remove_prefix(dash + 1);
    }
    std::vector<std::int64_t> parts;
    for (const std::string& part : split(text, ':')) {
        const auto value = whole(part);
        if (!value) return bad();
        parts.push_back(*value);
    }
    if (parts.size() > 3) return bad();
    // Behind days the first part counts hours, without them a lone or a first of two counts minutes.
    const bool from_hours = dash != std::string_view::npos || parts.size() == 3;
    const std::int64_t units[] = {hour_s, minute_s, 1};
    for (std::size_t i = 0; i < parts.size(); ++i)
        total += parts[i] * units[i + (from_hours ? 0 : 1)];
    return seconds(total);
}

Result<std::vector<Counted>> read_gres(const Option& option) {
    std::vector<Counted> all;
    for (std::string part : split(option.value, ',')) {
        // Which socket it hangs on ("(S:0)") is the node's affair.
        part = part.substr(0, part.find('('));
        if (part.starts_with("gres/") || part.starts_with("gres:")) part = part.substr(5);
        if (part == "none") continue;
        const std::size_t colon = part.find_first_of(":=");
        const std::string name = part.substr(0, colon);
        auto counted =
            colon == std::string::npos ? Counted{} : type_and_count(part.substr(colon + 1));
        if (name.empty() || !counted) {
            return malformed(option, "a list such as gpu:a100:2");
        }
        counted->name = name;
        all.push_back(*counted);
    }
    return all;
}

Result<Counted> read_gpus(const Option& option) {
    auto counted = type_and_count(option.value);
    if (!counted || option.value.empty()) return malformed(option, "a count, as 2 or a100:2");
    return *counted;
}

}  // namespace dayu::wire::slurm
