#include "sim/replay/changes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"

namespace dayu::sim {
namespace {

// So that a seed's faults are not drawn from the numbers that move its arrivals.
constexpr std::uint64_t seed_of_faults = 0xFA017;

Duration exponential(Random& random, Duration mean) {
    const double uniform = static_cast<double>(random.next() >> 11) * 0x1.0p-53;  // below 1
    const double drawn = -std::log1p(-uniform) * static_cast<double>(mean.ms);
    return {std::max<std::int64_t>(std::llround(drawn), 1)};
}

CenterId id_of(std::size_t center) { return {static_cast<std::uint32_t>(center + 1)}; }

Money scaled(Money price, std::int64_t milli) {
    const __int128 product = static_cast<__int128>(price.micro_yuan) * milli;
    return {static_cast<std::int64_t>((product + 500) / 1000)};
}

std::vector<double> sums_of(const Series& series) {
    std::vector<double> sums{0};
    for (const std::int64_t value : series.values)
        sums.push_back(sums.back() + static_cast<double>(value));
    return sums;
}

// `declared` as it is while the series has that value.
void declare(const Series& series, std::int64_t value, const Center& declared, Center& now) {
    if (series.of == SeriesOf::carbon) now.energy.grid_mg_per_kwh = value;
    if (series.of == SeriesOf::pue) now.energy.pue_milli = value;
    if (series.of != SeriesOf::price) return;
    for (std::size_t i = 0; i < now.pools.size(); ++i) {
        now.pools[i].price_per_chip_hour = scaled(declared.pools[i].price_per_chip_hour, value);
        now.pools[i].price_per_cpu_hour = scaled(declared.pools[i].price_per_cpu_hour, value);
    }
}

}  // namespace

Changes::Changes(const WorldFile& world, std::uint64_t seed, Time beginning)
    : world_(world), beginning_(beginning), centers_(world.centers), carbon_(world.centers.size()) {
    for (const Series& series : world.changes.series) {
        const std::size_t center = place_of(series.center);
        if (series.of == SeriesOf::carbon)
            carbon_[center] = {.series = &series, .sums = sums_of(series)};
        add({.series = &series, .center = center}, beginning);
    }
    for (const Lending& lending : world.changes.lending) {
        Source source{.lending = &lending, .center = place_of(lending.center)};
        const Pool& pool =
            *std::ranges::find(centers_[source.center].pools, lending.pool, &Pool::name);
        for (std::int64_t node = pool.nodes - lending.nodes; node < pool.nodes; ++node)
            source.nodes.push_back({.pool = lending.pool, .node = node});
        add(std::move(source), beginning + lending.from);
    }
    Random random(seed ^ seed_of_faults);
    for (const Fault& fault : world.changes.faults) add_fault(fault, random);
}

std::size_t Changes::place_of(const std::string& center) const {
    const auto at = std::ranges::find(centers_, center, &Center::name);
    CHECK(at != centers_.end());  // the world's file was read so
    return static_cast<std::size_t>(at - centers_.begin());
}

std::vector<NodeOf> Changes::nodes_of(const Fault& fault) const {
    std::vector<NodeOf> nodes;
    for (const Pool& pool : centers_[place_of(fault.center)].pools) {
        if (!fault.pool.empty() && pool.name != fault.pool) continue;
        for (std::int64_t node = 0; node < pool.nodes; ++node) {
            if (!fault.node || *fault.node == node)
                nodes.push_back({.pool = pool.name, .node = node});
        }
    }
    return nodes;
}

void Changes::add(Source source, Time first) {
    due_.push({.at = first, .source = static_cast<std::uint32_t>(sources_.size())});
    sources_.push_back(std::move(source));
}

void Changes::add_fault(const Fault& fault, Random& random) {
    Source source{.fault = &fault, .center = place_of(fault.center), .nodes = nodes_of(fault)};
    if (fault.at) return add(std::move(source), beginning_ + *fault.at);
    std::vector<std::vector<NodeOf>> struck;
    if (fault.pool.empty()) {
        struck.push_back(std::move(source.nodes));
    } else {
        for (const NodeOf& node : source.nodes) struck.push_back({node});
    }
    for (std::vector<NodeOf>& nodes : struck) {
        source.nodes = std::move(nodes);
        source.random = random.fork();
        const Time first = beginning_ + exponential(source.random, fault.mean_between);
        add(source, first);
    }
}

std::optional<Time> Changes::next() const {
    if (due_.empty()) return {};
    return due_.top().at;
}

std::optional<Change> Changes::take(Time now) {
    if (due_.empty() || due_.top().at > now) return {};
    const Due due = due_.top();
    due_.pop();
    return step(sources_[due.source], due);
}

Change Changes::step(Source& source, const Due& due) {
    const bool happens_once = source.fault != nullptr && source.fault->at && !due.begins;
    const bool never_changes = source.series != nullptr && source.series->values.size() == 1;
    if (!happens_once && !never_changes) {
        const bool next_begins = source.series != nullptr || !due.begins;
        due_.push({.at = due.at + until_next(source, due.begins),
                   .source = due.source,
                   .begins = next_begins});
    }
    if (source.series != nullptr) {
        const std::vector<std::int64_t>& values = source.series->values;
        declare(*source.series, values[source.step++ % values.size()],
                world_.centers[source.center], centers_[source.center]);
        return {.kind = Change::Kind::supply, .center = id_of(source.center)};
    }
    if (!due.begins) return come_back(source);
    return leave(source, source.lending != nullptr ? Change::Kind::lent : Change::Kind::lost);
}

Duration Changes::until_next(Source& source, bool begins) {
    if (source.series != nullptr) return source.series->every;
    if (source.lending != nullptr) {
        const Lending& lending = *source.lending;
        return begins ? lending.length : lending.every - lending.length;
    }
    const Fault& fault = *source.fault;
    if (fault.at) return fault.length;
    return exponential(source.random, begins ? fault.length : fault.mean_between);
}

Change Changes::leave(const Source& source, Change::Kind kind) {
    for (const NodeOf& node : source.nodes) ++away_[{source.center, node}];
    return {.kind = kind, .center = id_of(source.center), .nodes = source.nodes};
}

Change Changes::come_back(const Source& source) {
    Change change{.kind = Change::Kind::back, .center = id_of(source.center)};
    for (const NodeOf& node : source.nodes) {
        if (--away_[{source.center, node}] == 0) change.nodes.push_back(node);
    }
    return change;
}

std::optional<double> Changes::mean_carbon(CenterId id, Time from, Time to) const {
    const std::size_t center = id.value - 1;
    if (carbon_[center].series == nullptr || to <= from) return {};
    return (carbon_until(center, to) - carbon_until(center, from)) /
           static_cast<double>((to - from).ms);
}

// Milliseconds times mg a kWh, from the beginning on.
double Changes::carbon_until(std::size_t center, Time at) const {
    const Carbon& carbon = carbon_[center];
    const std::int64_t every = carbon.series->every.ms;
    const std::int64_t passed = (at - beginning_).ms;
    const std::int64_t steps = passed / every;
    const std::int64_t count = std::ssize(carbon.series->values);
    const auto at_step = static_cast<std::size_t>(steps % count);
    const double whole = static_cast<double>(steps / count) * carbon.sums.back();
    const auto now = static_cast<double>(carbon.series->values[at_step]);
    return (whole + carbon.sums[at_step]) * static_cast<double>(every) +
           now * static_cast<double>(passed % every);
}

}  // namespace dayu::sim
