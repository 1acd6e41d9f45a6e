#include "sched/packing/belief.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <utility>

namespace dayu::sched {
namespace {

constexpr std::int64_t first_look = 64;  // arrivals; fewer say little of the many types
constexpr double strengths[] = {10, 100, 1e3, 1e4, 1e5};
constexpr double decisive = 4.60517;  // log(100)
constexpr double parts = 1000;        // counts are whole numbers: so many stand for one arrival

// What a policy looks at.
auto key_of(const PackRequest& r) {
    return std::tuple(r.cpu_milli, r.chips, r.chip_milli, r.models);
}

}  // namespace

// What was told was counted too. A type that was never counted is taken to be as frequent as if it had been once.
Belief::Belief(Popularity told) : told_(std::move(told)), believed_(told_) {
    double counted = 1;
    for (const RequestType& type : told_) counted += static_cast<double>(type.count);
    untold_share_ = 1 / counted;
    for (const RequestType& type : told_)
        type_of(type.request).share += static_cast<double>(type.count) / counted;
}

bool Belief::arrived(const PackRequest& request) {
    Type& type = type_of(request);
    ++type.seen;
    if (type.share == 0) ++untold_seen_;
    ++arrived_;
    if (arrived_ < first_look || !std::has_single_bit(static_cast<std::uint64_t>(arrived_)))
        return false;
    const double likeliest = *std::ranges::max_element(
        strengths, {}, [&](double strength) { return log_likelihood(strength); });
    const bool trusts = log_likelihood(likeliest) < log_likelihood() + decisive;
    const bool trusted = std::exchange(trusts_, trusts);
    if (trusts && trusted) return false;
    believed_ = trusts ? told_ : mixed(likeliest);
    return true;
}

Belief::Type& Belief::type_of(const PackRequest& request) {
    const auto [at, is_new] = places_.try_emplace(key_of(request), types_.size());
    if (is_new) types_.push_back({.request = request});
    return types_[at->second];
}

// Of the arrivals in their order, were the told shares true. All types that nobody told of count as one.
double Belief::log_likelihood() const {
    double sum = static_cast<double>(untold_seen_) * std::log(untold_share_);
    for (const Type& type : types_) {
        if (type.share > 0 && type.seen > 0)
            sum += static_cast<double>(type.seen) * std::log(type.share);
    }
    return sum;
}

// The same, the true shares being drawn from the Dirichlet distribution.
double Belief::log_likelihood(double strength) const {
    const auto of_type = [&](double share, std::int64_t seen) {
        const double before = strength * share;
        return std::lgamma(before + static_cast<double>(seen)) - std::lgamma(before);
    };
    double sum = std::lgamma(strength) - std::lgamma(strength + static_cast<double>(arrived_));
    sum += of_type(untold_share_, untold_seen_);
    for (const Type& type : types_) {
        if (type.share > 0 && type.seen > 0) sum += of_type(type.share, type.seen);
    }
    return sum;
}

Popularity Belief::mixed(double strength) const {
    Popularity mixed;
    for (const Type& type : types_) {
        const double weight = strength * type.share + static_cast<double>(type.seen);
        const auto count = static_cast<std::int64_t>(std::lround(parts * weight));
        if (count > 0) mixed.push_back({.request = type.request, .count = count});
    }
    std::ranges::sort(mixed, std::ranges::greater{}, [](const RequestType& type) {
        return std::pair(type.count, key_of(type.request));
    });
    return mixed;
}

}  // namespace dayu::sched
