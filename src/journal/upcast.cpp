#include "journal/upcast.h"

#include <algorithm>

namespace dayu::journal {

std::span<const Upcast> upcasts() {
    return {};  // version 1 is the first one
}

Result<void> upcast(std::span<const Upcast> table, std::string_view type, std::int64_t from,
                    std::int64_t to, wire::Json& data) {
    for (std::int64_t version = from; version < to; ++version) {
        const auto row = std::ranges::find_if(
            table, [&](const Upcast& step) { return step.type == type && step.from == version; });
        if (row != table.end()) TRY(row->change(data));
    }
    return {};
}

}  // namespace dayu::journal
