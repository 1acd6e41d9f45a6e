#include "sched/fragmentation.h"

#include <array>

namespace dayu::sched {
namespace {

// As published.
constexpr double typical_share = 0.95;

// Sums of shares times milli are kept apart by why the milli are lost, and added in this order: floating sums that are
// to equal the published ones must be made in the same order.
enum Reason : std::size_t {
    lacks_both,
    lacks_chip,
    lacks_cpu,
    cpu_only,
    cpu_only_lacks,
    no_access
};
constexpr std::size_t reasons = 6;

Reason reason_of(const NodeState& node, const PackRequest& request) {
    const bool has_cpu = node.cpu_milli >= request.cpu_milli;
    if (request.chips == 0) return has_cpu ? cpu_only : cpu_only_lacks;
    if (((request.models >> node.model) & 1) == 0) return no_access;
    const bool has_chips = node.left.with_at_least(request.chip_milli) >= request.chips;
    if (has_chips) return has_cpu ? lacks_chip : lacks_cpu;
    return has_cpu ? lacks_chip : lacks_both;
}

std::int32_t too_little(const ChipsLeft& chips, std::int32_t milli) {
    std::int32_t sum = 0;
    for (const std::int16_t left : chips) sum += left < milli ? left : 0;
    return sum;
}

}  // namespace

Fragmentation::Fragmentation(const Popularity& popularity) {
    std::int64_t all = 0;
    for (const RequestType& type : popularity) all += type.count;
    std::int64_t kept = 0;
    std::size_t typical = 0;
    while (typical < popularity.size() &&
           static_cast<double>(kept) < typical_share * static_cast<double>(all)) {
        kept += popularity[typical++].count;
    }
    for (std::size_t i = 0; i < typical; ++i) {
        const double share = static_cast<double>(popularity[i].count) / static_cast<double>(all);
        types_.push_back({popularity[i].request,
                          share / (static_cast<double>(kept) / static_cast<double>(all))});
    }
}

double Fragmentation::of(const NodeState& node) const {
    const std::int32_t idle = node.left.sum();
    std::array<double, reasons> sums{};
    for (const Type& type : types_) {
        const Reason reason = reason_of(node, type.request);
        const bool may_fit = reason == lacks_chip && fits(node, type.request);
        const std::int32_t lost = may_fit ? too_little(node.left, type.request.chip_milli) : idle;
        sums[reason] += type.share * lost;
    }
    double sum = 0;
    for (const double part : sums) sum += part;
    return sum;
}

}  // namespace dayu::sched
