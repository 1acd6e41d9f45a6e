// dayu prices: the price index. What capacity is worth to those who wait, which is no tariff.
#include <memory>

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

// "12", "0.5": whole chips, or CPUs, and what is left of one.
std::string count_of(const wire::Json& row, std::string_view key) {
    const std::int64_t milli = number(row, key);
    if (milli % 1000 == 0) return std::to_string(milli / 1000);
    return short_decimal(fmt::format("{}.{:03}", milli / 1000, milli % 1000), 3);
}

void print_index(const Globals& globals, const wire::Json& index) {
    using Kind = Column::Kind;
    Table table({{"CENTER"},
                 {"POOL"},
                 {"CHIP"},
                 {"LIST¥/H", Kind::number},
                 {"SCARCITY¥/H", Kind::number},
                 {"ALL", Kind::number},
                 {"FREE", Kind::number},
                 {"WANTED", Kind::number}});
    for (const wire::Json& row : list(index, "prices")) {
        const std::string chip = text(row, "chip");
        table.add({text(row, "center"), text(row, "pool"), chip.empty() ? "cpu" : chip,
                   yuan(row, "list_price"), yuan(row, "scarcity"), count_of(row, "total_milli"),
                   count_of(row, "free_milli"), count_of(row, "wanted_milli")});
    }
    print_table(globals, table);
    remark(fmt::format("as of {}, over {} job(s); worth ¥{} of at most ¥{}",
                       local_time(text(index, "at")), number(index, "jobs"), yuan(index, "value"),
                       yuan(index, "bound")));
}

Result<int> show_prices(const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json index = TRY(connection.get("/v1/prices"));
    if (is_structured(globals)) {
        print_structured(globals, member(index, "prices"));
    } else if (!is_null(index, "at")) {
        print_index(globals, index);
    }
    if (is_null(index, "at"))
        remark("no prices have been published yet: they follow from jobs that wait");
    return 0;
}

}  // namespace

Verb prices_verb() {
    return {
        .name = "prices",
        .help = "Show the price index: what one more chip would be worth where",
        .options = {},
        .run = show_prices,
        .can_watch = true,
        .detail =
            "SCARCITY is what one more chip of the pool (a CPU where it has none) would be worth "
            "for an hour to the jobs that wait, on top of the centre's own price. WANTED is what "
            "jobs that wait would take there. It is information, and no tariff."};
}

}  // namespace dayu::app
