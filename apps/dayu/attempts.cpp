#include "dayu/attempts.h"

#include <fmt/core.h>

#include "dayu/answers.h"
#include "dayu/output.h"

namespace dayu::app {

void print_attempts(const Globals& globals, const wire::Json::Array& attempts) {
    using Kind = Column::Kind;
    Table table({{"ATTEMPT", Kind::number},
                 {"STATE"},
                 {"CENTER"},
                 {"POOL"},
                 {"RAN", Kind::number},
                 {"CPU s", Kind::number},
                 {"PEAK MiB", Kind::number},
                 {"EXIT", Kind::number},
                 {"CAUSE"},
                 {"COST¥", Kind::number},
                 {"kWh", Kind::number},
                 {"gCO2e", Kind::number},
                 {"DETAIL", Kind::prose}});
    for (const wire::Json& attempt : attempts) {
        table.add({
            std::to_string(number(attempt, "number")),
            text(attempt, "state"),
            text(attempt, "center"),
            text(attempt, "pool"),
            ran_for(attempt),
            short_decimal(text(attempt, "cpu_s"), 2),
            std::to_string(number(attempt, "peak_memory_mib")),
            exit_word(attempt),
            text(attempt, "cause"),
            yuan(attempt, "cost"),
            kwh(attempt),
            grams(attempt),
            text(attempt, "detail"),
        });
    }
    print_table(globals, table);
}

}  // namespace dayu::app
