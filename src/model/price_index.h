// What the optimum says that capacity is worth: information for users and operators, not a tariff.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "base/time.h"
#include "model/ids.h"

namespace dayu {

// Of one pool, for a chip-hour (a CPU-hour where it has no chips).
struct PriceRow {
    CenterId center;
    std::string center_name;
    std::string pool;
    std::string chip;  // empty: CPUs
    Money list;        // the centre's own price
    Money
        scarcity;  // what one more would be worth to those who wait, on top: the dual of its capacity
    std::int64_t total_milli = 0;
    std::int64_t free_milli = 0;
    std::int64_t wanted_milli = 0;  // by jobs that wait and would be best off here

    bool operator==(const PriceRow&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"center", &PriceRow::center},
                          Field{"center_name", &PriceRow::center_name},
                          Field{"pool", &PriceRow::pool}, Field{"chip", &PriceRow::chip},
                          Field{"list", &PriceRow::list}, Field{"scarcity", &PriceRow::scarcity},
                          Field{"total_milli", &PriceRow::total_milli},
                          Field{"free_milli", &PriceRow::free_milli},
                          Field{"wanted_milli", &PriceRow::wanted_milli});
    }
};

struct PriceIndex {
    Time at;                     // of the World that was optimised
    std::int64_t jobs = 0;       // that were weighed
    Money value;                 // of the assignment that was found, and
    Money bound;                 // what no assignment can pass, by the linear programme
    std::vector<PriceRow> rows;  // by center and pool

    bool operator==(const PriceIndex&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"at", &PriceIndex::at}, Field{"jobs", &PriceIndex::jobs},
                          Field{"value", &PriceIndex::value}, Field{"bound", &PriceIndex::bound},
                          Field{"rows", &PriceIndex::rows});
    }
};

}  // namespace dayu
