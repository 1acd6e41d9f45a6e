#include "model/hook.h"

#include <algorithm>

#include "model/check_fields.h"

namespace dayu {
namespace {

constexpr std::size_t max_host_bytes = 253;
constexpr std::size_t max_filter_bytes = 256;

Result<void> check_events(const std::vector<NoticeTopic>& events) {
    if (events.empty())
        return invalid("value_missing", "events: a hook needs at least one of them");
    for (auto at = events.begin(); at != events.end(); ++at) {
        if (std::find(events.begin(), at, *at) != at) {
            return invalid("value_malformed",
                           "events: \"" + std::string(to_string(*at)) + "\" stands there twice");
        }
    }
    return {};
}

}  // namespace

Result<void> validate(const Hook& hook) {
    TRY(check_name("name", hook.name));
    TRY(check_label("url", hook.host, max_host_bytes));
    TRY(check_events(hook.events));
    if (!hook.filter.owner.empty())
        TRY(check_label("filter.owner", hook.filter.owner, max_filter_bytes));
    if (!hook.filter.name.empty())
        TRY(check_label("filter.name", hook.filter.name, max_filter_bytes));
    return {};
}

// Greedy with one way back: to the last star, which then takes one letter more.
bool matches_pattern(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, retry = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            retry = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++retry;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace dayu
