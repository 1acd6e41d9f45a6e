#include "sched/packing.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "base/check.h"

namespace dayu::sched {

std::int32_t ChipsLeft::sum() const { return std::accumulate(begin(), end(), 0); }

std::int32_t ChipsLeft::with_at_least(std::int32_t milli) const {
    std::int32_t count = 0;
    for (const std::int16_t left : *this) count += left >= milli ? 1 : 0;
    return count;
}

bool fits(const NodeState& node, const PackRequest& request) {
    if (request.cpu_milli > node.cpu_milli) return false;
    if (request.chips == 0) return true;
    return ((request.models >> node.model) & 1) != 0 &&
           node.left.with_at_least(request.chip_milli) >= request.chips;
}

NodeState after(const NodeState& node, const PackRequest& request, std::size_t chip) {
    NodeState then = node;
    then.cpu_milli -= request.cpu_milli;
    const auto milli = static_cast<std::int16_t>(request.chip_milli);
    if (request.chips == 1 && milli < whole_chip) {
        then.left[chip] = static_cast<std::int16_t>(then.left[chip] - milli);
        return then;
    }
    std::int32_t missing = request.chips;
    for (std::int16_t& left : then.left) {
        if (missing == 0) break;
        if (left < milli) continue;
        left = static_cast<std::int16_t>(left - milli);
        --missing;
    }
    CHECK(missing == 0);
    return then;
}

std::size_t tightest_chip(const ChipsLeft& left, std::int32_t milli) {
    std::size_t best = left.size();
    for (std::size_t chip = 0; chip < left.size(); ++chip) {
        if (left[chip] >= milli && (best == left.size() || left[chip] < left[best])) best = chip;
    }
    return best;
}

Popularity popularity_of(std::span<const PackRequest> requests) {
    const auto key = [](const PackRequest& r) {
        return std::tuple(r.cpu_milli, r.chip_milli, r.chips, r.wording, r.models);
    };
    std::map<decltype(key(PackRequest{})), RequestType> types;
    for (const PackRequest& request : requests) {
        RequestType& type = types[key(request)];
        type.request = request;
        type.request.memory_mib = 0;
        ++type.count;
    }
    Popularity popularity;
    for (const auto& [unused, type] : types) popularity.push_back(type);
    std::ranges::sort(popularity, [&](const RequestType& a, const RequestType& b) {
        return std::pair(a.count, key(a.request)) > std::pair(b.count, key(b.request));
    });
    return popularity;
}

}  // namespace dayu::sched
