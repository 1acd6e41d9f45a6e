#include "model/array_text.h"

#include <algorithm>
#include <charconv>

namespace dayu {
namespace {

Error malformed(std::string_view text) {
    return invalid("value_malformed", "array: \"" + std::string(text.substr(0, 80)) +
                                          "\" is not like \"0-9\", \"1,3,5-9\", \"0-100:10\" or "
                                          "\"0-9%4\"");
}

Result<std::int64_t> whole(std::string_view part, std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (part.empty() || error != std::errc{} || end != part.data() + part.size() || value < 0)
        return malformed(text);
    return value;
}

// What stands before `mark`, which is taken off together with it; all when it is not there.
std::string_view take_until(std::string_view& rest, char mark) {
    const std::size_t at = std::min(rest.find(mark), rest.size());
    const std::string_view part = rest.substr(0, at);
    rest.remove_prefix(std::min(at + 1, rest.size()));
    return part;
}

// "7", "0-9" or "0-100:10".
Result<void> add_range(std::string_view range, std::string_view text, ArrayTasks& tasks) {
    std::string_view rest = range;
    std::string_view bounds = take_until(rest, ':');
    const bool has_step = bounds.size() < range.size();
    const std::int64_t step = has_step ? TRY(whole(rest, text)) : 1;
    const bool is_range = bounds.find('-') != std::string_view::npos;
    if (step == 0 || (has_step && !is_range)) return malformed(text);
    const std::int64_t first = TRY(whole(take_until(bounds, '-'), text));
    const std::int64_t last = is_range ? TRY(whole(bounds, text)) : first;
    if (last < first) return malformed(text);
    const std::int64_t steps = (last - first) / step;  // one less than there are indices
    if (steps >= max_array_tasks - std::ssize(tasks.indices)) {
        return invalid("value_out_of_range",
                       "array: \"" + std::string(text.substr(0, 80)) + "\" has more than " +
                           std::to_string(max_array_tasks) + " tasks; submit several arrays");
    }
    for (std::int64_t i = 0; i <= steps; ++i) tasks.indices.push_back(first + i * step);
    return {};
}

}  // namespace

Result<ArrayTasks> parse_array(std::string_view text) {
    ArrayTasks tasks;
    std::string_view limit = text;
    std::string_view ranges = take_until(limit, '%');
    if (ranges.size() < text.size()) {
        tasks.at_most = TRY(whole(limit, text));
        if (tasks.at_most == 0) return malformed(text);
    }
    if (ranges.empty() || ranges.ends_with(',')) return malformed(text);
    while (!ranges.empty()) TRY(add_range(take_until(ranges, ','), text, tasks));
    std::ranges::sort(tasks.indices);
    if (std::ranges::adjacent_find(tasks.indices) != tasks.indices.end()) {
        return invalid("value_malformed",
                       "array: \"" + std::string(text.substr(0, 80)) + "\" names an index twice");
    }
    return tasks;
}

}  // namespace dayu
