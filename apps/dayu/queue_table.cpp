#include "dayu/queue_table.h"

#include <algorithm>

#include <fmt/core.h>

#include "dayu/answers.h"

namespace dayu::app {
namespace {

constexpr std::string_view queues_a_page = "1000";

}  // namespace

Result<wire::Json::Array> list_queues(Connection& connection, const std::string& below,
                                      std::int64_t most) {
    wire::Json::Array queues;
    std::string after;
    do {
        const wire::Json page = TRY(connection.get(with_query(
            "/v1/queues",
            {{"below", below}, {"after", after}, {"limit", std::string(queues_a_page)}})));
        for (const wire::Json& queue : list(page, "queues")) queues.push_back(queue);
        after = text(page, "next");
    } while (!after.empty() && std::ssize(queues) < most);
    return queues;
}

std::string of_thousandths(std::int64_t milli) {
    if (milli % 1000 == 0) return std::to_string(milli / 1000);
    std::string text = fmt::format("{}.{:03}", milli / 1000, milli % 1000);
    while (text.ends_with('0')) text.pop_back();
    return text;
}

std::vector<std::string> chips_of(const wire::Json& queue) {
    std::vector<std::string> chips;
    for (const char* const key : {"quotas", "use"}) {
        for (const wire::Json& row : list(queue, key)) {
            const std::string chip = text(row, "chip");
            if (std::ranges::find(chips, chip) == chips.end()) chips.push_back(chip);
        }
    }
    if (chips.empty()) chips.emplace_back();
    return chips;
}

const wire::Json& row_of(const wire::Json& queue, std::string_view key, const std::string& chip) {
    static const wire::Json nothing;
    for (const wire::Json& row : list(queue, key)) {
        if (text(row, "chip") == chip) return row;
    }
    return nothing;
}

std::string quantity(const wire::Json& row, std::string_view key) {
    const std::int64_t milli = number(row, key);
    return milli == 0 ? "" : of_thousandths(milli);
}

std::string limit_text(const wire::Json& quota) {
    return is_null(quota, "limit_milli") ? "" : of_thousandths(number(quota, "limit_milli"));
}

}  // namespace dayu::app
