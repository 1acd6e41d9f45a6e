// Queues as the server tells of them, and the words of the tables about them: dayu quota, dayu top queue.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dayu/connection.h"
#include "wire/json.h"

namespace dayu::app {

// Page by page, in the order of their paths: that queue and those below it, or all. As many as `most`, or a page more.
Result<wire::Json::Array> list_queues(Connection& connection, const std::string& below,
                                      std::int64_t most);

// 1500 is "1.5".
std::string of_thousandths(std::int64_t milli);

// The chips of which a queue has a quota or uses something; one at least, if only "".
std::vector<std::string> chips_of(const wire::Json& queue);
// Its row of that chip in "quotas" or "use"; null where it has none.
const wire::Json& row_of(const wire::Json& queue, std::string_view key, const std::string& chip);
std::string quantity(const wire::Json& row, std::string_view key);  // empty: 0
std::string limit_text(const wire::Json& quota);                    // empty: none

}  // namespace dayu::app
