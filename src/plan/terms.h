// On what terms a centre lends its chips: what a chip-hour costs, what a kilowatt-hour emits and what the centre adds to it,
// by the hour where it has a tariff or a series of its grid. A run is reckoned over the hours in which it takes place: at
// night power may be cheap, and PUE and carbon may be high at once, so that means of each would not do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace dayu::plan {

struct HourTerms {
    double price_per_chip_h = 0;  // yuan
    double carbon_g_per_kwh = 0;
    double pue = 1.25;
};

// One hour after the other, behind the last the first again: 24 are the hours of a day, and one alone holds always.
using Terms = std::vector<HourTerms>;

// Of one chip that works through a span of time, and of one kilowatt that its node draws meanwhile.
struct TermSums {
    double yuan_per_chip = 0;
    double kwh_per_kw = 0;       // with what the centre adds
    double carbon_g_per_kw = 0;  // of those
};
TermSums sums_of(const Terms& terms, double from_hour, double hours);

// What a table says of the hours of centres, over what they declare: columns center (empty: any), price_part (of the declared
// price), carbon_g_per_kwh and pue; a centre's rows are its hours, the first being hour 0. An empty field keeps what is
// declared.
class HourTable {
   public:
    HourTable() = default;
    static Result<HourTable> parse(std::string path, std::string text);

    // The hours of the centre, or of any, or else the one that it declares.
    Terms terms_of(std::string_view center, const HourTerms& declared) const;

   private:
    struct Row {
        std::string center;
        double price_part = 1;
        double carbon_g_per_kwh = -1;  // below 0: as declared
        double pue = -1;
    };
    std::vector<Row> rows_;
};

}  // namespace dayu::plan
