// What changes in a world by itself while a trace is replayed in it: prices, carbon and PUE over time, nodes that are lent
// to others for some hours, and nodes that fail. docs/guide/simulator.md describes the keys. Times are from the first
// arrival.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "base/time.h"

namespace dayu::sim {

enum class SeriesOf : std::uint8_t { price, carbon, pue };
constexpr auto enum_names(Type<SeriesOf>) {
    return std::array<std::string_view, 3>{"price", "carbon", "pue"};
}

// One value after the other, each for as long; behind the last the first again.
struct Series {
    std::string center;
    SeriesOf of = SeriesOf::carbon;
    Duration every = seconds(3600);
    // price: thousandths of the declared prices; carbon: mg CO2e a kWh; pue: thousandths.
    std::vector<std::int64_t> values{};
    // Instead of values, of carbon: a zone's column of a CSV with hourly g a kWh, from that hour on.
    std::string file{};
    std::string zone{};
    std::int64_t from_hour = 0;

    bool operator==(const Series&) const = default;
};

// The last so many nodes of a pool go to others again and again. Who runs there is asked to stop when they do.
struct Lending {
    std::string center;
    std::string pool;
    std::int64_t nodes = 0;
    Duration every = seconds(24 * 3600);
    Duration from;  // in each such span
    Duration length;

    bool operator==(const Lending&) const = default;
};

// Nodes that are lost for a while, with whatever runs there: at one time, or again and again by chance, where the times
// from a repair to the next fault and to its repair are exponential.
struct Fault {
    std::string center;
    std::string pool{};                  // empty: all nodes of the centre at once
    std::optional<std::int64_t> node{};  // none: all of the pool; by chance each by itself
    std::optional<Duration> at{};        // none: by chance
    Duration length;                     // by chance in the mean, as is
    Duration mean_between{};             // from a repair to the next fault

    bool operator==(const Fault&) const = default;
};

struct WorldChanges {
    std::vector<Series> series;
    std::vector<Lending> lending;
    std::vector<Fault> faults;

    bool operator==(const WorldChanges&) const = default;
};

}  // namespace dayu::sim
