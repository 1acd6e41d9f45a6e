#include "sim/changes_file.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sim/carbon.h"
#include "wire/yaml.h"

namespace dayu::sim {
namespace {

using wire::YamlKey;
using wire::YamlNode;

constexpr Duration longest = seconds(100LL * 365 * 24 * 3600);
constexpr std::int64_t most_milli = 1'000'000;        // of a factor
constexpr std::int64_t most_mg_per_kwh = 10'000'000;  // 10 kg: no fuel is near
constexpr std::int64_t most_hours = 1'000'000;

Error out_of_range(const YamlNode& node, const std::string& taken) {
    return wire::yaml_error(node, "value_out_of_range",
                            "\"" + node.text + "\" is out of range; " + taken);
}

Error missing(const YamlNode& node, const std::string& text) {
    return wire::yaml_error(node, "key_missing", text);
}

template <class T, auto member>
Result<void> text_into(const YamlNode& node, T& into) {
    into.*member = TRY(wire::read_text(node));
    return {};
}

template <class T, auto member>
Result<void> whole_into(const YamlNode& node, T& into) {
    into.*member = TRY(wire::read_whole(node));
    return {};
}

// From `least_s` on.
template <class T, auto member, std::int64_t least_s>
Result<void> span_into(const YamlNode& node, T& into) {
    const Duration value = TRY(wire::read_duration(node));
    if (value < seconds(least_s) || value > longest) {
        return out_of_range(
            node, to_string(seconds(least_s)) + " to " + to_string(longest) + " are taken");
    }
    into.*member = value;
    return {};
}

// --- what they name

const Center* find_center(const std::vector<Center>& centers, const std::string& name) {
    const auto at = std::ranges::find(centers, name, &Center::name);
    return at == centers.end() ? nullptr : &*at;
}

template <class Range>
Error not_among(const YamlNode& entry, std::string_view key, const Range& all) {
    std::vector<std::string_view> names;
    for (const auto& one : all) names.push_back(one.name);
    return wire::word_unknown(*entry.find(key), names);
}

Result<const Center*> named_center(const YamlNode& entry, const std::string& name,
                                   const std::vector<Center>& centers) {
    if (name.empty()) return missing(entry, "`center` says which of `centers` it is about");
    const Center* const center = find_center(centers, name);
    if (center == nullptr) return not_among(entry, "center", centers);
    return center;
}

Result<const Pool*> named_pool(const YamlNode& entry, const std::string& name,
                               const Center& center) {
    const auto at = std::ranges::find(center.pools, name, &Pool::name);
    if (at == center.pools.end()) return not_among(entry, "pool", center.pools);
    return &*at;
}

// --- series

struct SeriesWords {
    Series series;
    const YamlNode* values = nullptr;  // read once it is known what they are
};

Result<void> read_center(const YamlNode& node, SeriesWords& words) {
    words.series.center = TRY(wire::read_text(node));
    return {};
}
Result<void> read_of(const YamlNode& node, SeriesWords& words) {
    words.series.of = TRY(wire::read_enum<SeriesOf>(node));
    return {};
}
Result<void> read_every(const YamlNode& node, SeriesWords& words) {
    return span_into<Series, &Series::every, 1>(node, words.series);
}
Result<void> keep_values(const YamlNode& node, SeriesWords& words) {
    words.values = &node;
    return {};
}
Result<void> read_file(const YamlNode& node, SeriesWords& words) {
    return text_into<Series, &Series::file>(node, words.series);
}
Result<void> read_zone(const YamlNode& node, SeriesWords& words) {
    return text_into<Series, &Series::zone>(node, words.series);
}
Result<void> read_from_hour(const YamlNode& node, SeriesWords& words) {
    words.series.from_hour = TRY(wire::read_whole(node));
    if (words.series.from_hour >= 0 && words.series.from_hour <= most_hours) return {};
    return out_of_range(node, "0 to " + std::to_string(most_hours) + " are taken");
}
constexpr YamlKey<SeriesWords> series_keys[] = {
    {"center", read_center},       {"of", read_of},     {"every", read_every},
    {"values", keep_values},       {"file", read_file}, {"zone", read_zone},
    {"from_hour", read_from_hour},
};

Result<std::int64_t> read_value(const YamlNode& node, SeriesOf of) {
    if (of == SeriesOf::carbon) {
        const std::int64_t value = TRY(wire::read_decimal(node, 6));
        if (value >= 0 && value <= most_mg_per_kwh) return value;
        return out_of_range(node, "0 to 10 kg CO2e a kWh are taken");
    }
    const std::int64_t least = of == SeriesOf::pue ? 1000 : 0;
    const std::int64_t value = TRY(wire::read_decimal(node, 3));
    if (value >= least && value <= most_milli) return value;
    return out_of_range(node, std::to_string(least / 1000) + " to 1000 are taken");
}

Result<Series> read_one_series(const YamlNode& entry, const std::vector<Center>& centers) {
    SeriesWords words;
    TRY(wire::read_map(entry, series_keys, words));
    Series& series = words.series;
    TRY(named_center(entry, series.center, centers));
    if (entry.find("of") == nullptr)
        return missing(entry, "`of` says what changes: price, carbon or pue");
    if ((words.values == nullptr) == series.file.empty())
        return missing(entry, "a series has either `values` or the `file` that they stand in");
    if (!series.file.empty()) {
        if (series.of != SeriesOf::carbon || series.zone.empty())
            return missing(entry, "a `file` is of carbon, and `zone` names its column");
        return std::move(series);
    }
    TRY(wire::expect_list(*words.values));
    for (const YamlNode& item : words.values->children)
        series.values.push_back(TRY(read_value(item, series.of)));
    if (series.values.empty()) return missing(*words.values, "a series has at least one value");
    return std::move(series);
}

// --- lending

constexpr YamlKey<Lending> lending_keys[] = {
    {"center", text_into<Lending, &Lending::center>},
    {"pool", text_into<Lending, &Lending::pool>},
    {"nodes", whole_into<Lending, &Lending::nodes>},
    {"every", span_into<Lending, &Lending::every, 60>},
    {"from", span_into<Lending, &Lending::from, 0>},
    {"for", span_into<Lending, &Lending::length, 1>},
};

Result<Lending> read_one_lending(const YamlNode& entry, const std::vector<Center>& centers) {
    Lending lending;
    TRY(wire::read_map(entry, lending_keys, lending));
    const Center* const center = TRY(named_center(entry, lending.center, centers));
    for (const std::string_view key : {"pool", "nodes", "for"}) {
        if (entry.find(key) == nullptr)
            return missing(entry,
                           "lending needs `pool`, `nodes` and `for`, how long they are away");
    }
    const Pool* const pool = TRY(named_pool(entry, lending.pool, *center));
    if (lending.nodes < 1 || lending.nodes > pool->nodes) {
        return out_of_range(*entry.find("nodes"),
                            "the pool has 1 to " + std::to_string(pool->nodes));
    }
    if (lending.length >= lending.every) {
        return out_of_range(*entry.find("for"),
                            "it is shorter than `every`, which is " + to_string(lending.every));
    }
    return lending;
}

// --- faults

Result<void> read_node(const YamlNode& node, Fault& fault) {
    fault.node = TRY(wire::read_whole(node));
    return {};
}
constexpr YamlKey<Fault> fault_keys[] = {
    {"center", text_into<Fault, &Fault::center>},
    {"pool", text_into<Fault, &Fault::pool>},
    {"node", read_node},
    {"at", span_into<Fault, &Fault::at, 0>},
    {"for", span_into<Fault, &Fault::length, 1>},
    {"mean_between", span_into<Fault, &Fault::mean_between, 60>},
};

Result<Fault> read_one_fault(const YamlNode& entry, const std::vector<Center>& centers) {
    Fault fault;
    TRY(wire::read_map(entry, fault_keys, fault));
    const Center* const center = TRY(named_center(entry, fault.center, centers));
    if (!fault.pool.empty()) {
        const Pool* const pool = TRY(named_pool(entry, fault.pool, *center));
        if (fault.node && (*fault.node < 0 || *fault.node >= pool->nodes)) {
            return out_of_range(*entry.find("node"),
                                "the pool's nodes are 0 to " + std::to_string(pool->nodes - 1));
        }
    } else if (fault.node) {
        return missing(entry, "`node` counts in a `pool`, which is missing");
    }
    if (fault.at.has_value() == (fault.mean_between.ms > 0) || fault.length.ms == 0) {
        return missing(entry,
                       "a fault has `for`, how long it lasts, and either `at`, its time, or "
                       "`mean_between`, by chance");
    }
    return fault;
}

template <class T>
Result<std::vector<T>> read_entries(const YamlNode& section, const std::vector<Center>& centers,
                                    Result<T> (*read)(const YamlNode&,
                                                      const std::vector<Center>&)) {
    TRY(wire::expect_list(section));
    std::vector<T> all;
    for (const YamlNode& entry : section.children) all.push_back(TRY(read(entry, centers)));
    return all;
}

}  // namespace

Result<std::vector<Series>> read_series(const YamlNode& section,
                                        const std::vector<Center>& centers) {
    std::vector<Series> all = TRY(read_entries<Series>(section, centers, read_one_series));
    for (std::size_t i = 1; i < all.size(); ++i) {
        const auto is_same = [&](const Series& one) {
            return one.center == all[i].center && one.of == all[i].of;
        };
        if (std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), is_same)) {
            return wire::yaml_error(section.children[i], "value_repeated",
                                    "another series says the same of " + all[i].center);
        }
    }
    return all;
}

Result<std::vector<Lending>> read_lending(const YamlNode& section,
                                          const std::vector<Center>& centers) {
    return read_entries<Lending>(section, centers, read_one_lending);
}

Result<std::vector<Fault>> read_faults(const YamlNode& section,
                                       const std::vector<Center>& centers) {
    return read_entries<Fault>(section, centers, read_one_fault);
}

Result<void> load_series(std::vector<Series>& all, std::string (*find)(const std::string& file)) {
    constexpr double mg_per_g = 1000;
    for (Series& series : all) {
        if (series.file.empty()) continue;
        series.every = seconds(3600);
        for (const double grams :
             TRY(read_intensity(find(series.file), series.zone, series.from_hour)))
            series.values.push_back(std::llround(grams * mg_per_g));
    }
    return {};
}

}  // namespace dayu::sim
