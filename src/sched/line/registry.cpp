#include <array>
#include <charconv>

#include "sched/line.h"
#include "sched/policy_name.h"

namespace dayu::sched {
namespace {

constexpr std::array<std::string_view, 4> names{"easy", "fifo", "sjf", "srtf"};
constexpr std::string_view many = "easy-";
constexpr std::size_t most_reservations = 8;  // a pool keeps no more (round/pool_plan.h)

// "easy-4" is 4; 0: it is no such name.
std::size_t reservations_of(std::string_view name) {
    if (!name.starts_with(many)) return 0;
    const std::string_view digits = name.substr(many.size());
    std::size_t number = 0;
    const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), number);
    const bool is_number = failure == std::errc() && end == digits.end();
    return is_number && number <= most_reservations ? number : 0;
}

}  // namespace

std::span<const std::string_view> line_rule_names() { return names; }

Result<LineRule> find_line_rule(std::string_view name) {
    LineRule rule{.name = std::string(name)};
    if (const std::size_t reservations = reservations_of(name); reservations > 0) {
        rule.reservations = reservations;
        return rule;
    }
    const std::size_t place = TRY(place_of_policy("line", name, names));
    rule.reservations = names[place] == "easy" ? 1 : 0;
    rule.stops_others = names[place] == "srtf";
    rule.by_what_is_left = rule.stops_others || names[place] == "sjf";
    return rule;
}

}  // namespace dayu::sched
