// dayu chips: the registry of chip models.
#include "dayu/answers.h"
#include "dayu/connection.h"
#include "dayu/output.h"
#include "dayu/verbs.h"

namespace dayu::app {
namespace {

Result<int> show_chips(const Globals& globals) {
    Connection connection = TRY(Connection::open(globals));
    const wire::Json answer = TRY(connection.get("/v1/chips"));
    const wire::Json::Array& chips = list(answer, "chips");
    if (is_structured(globals)) {
        print_structured(globals, chips);
        return 0;
    }
    using Kind = Column::Kind;
    Table table({{"CHIP"},
                 {"VENDOR"},
                 {"GiB", Kind::number},
                 {"W", Kind::number},
                 {"FP16 TFLOPS", Kind::number},
                 {"CONFIDENCE"},
                 {"ALIASES", Kind::prose}});
    for (const wire::Json& chip : chips) {
        table.add({text(chip, "name"), text(chip, "vendor"), gibibytes(number(chip, "memory_mib")),
                   std::to_string(number(chip, "power_w")),
                   std::to_string(number(chip, "fp16_gflops") / 1000), text(chip, "confidence"),
                   join(texts(chip, "aliases"), ", ")});
    }
    print_table(globals, table);
    return 0;
}

}  // namespace

Verb chips_verb() {
    return {.name = "chips",
            .help = "List the chip models that jobs may name",
            .options = {},
            .run = show_chips,
            .can_watch = true};
}

}  // namespace dayu::app
