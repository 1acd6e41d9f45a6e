#include "dayu/verb.h"

namespace dayu::app {

std::vector<Option> global_options(Globals& globals) {
    return {
        {"--server", &globals.server, "URL of the server (DAYU_SERVER; http://127.0.0.1:8620)"},
        {"--token", &globals.token, "bearer token (DAYU_TOKEN)"},
        {"--ca", &globals.ca,
         "file with the authority that the server's certificate is of (DAYU_CA)"},
        {"--data", &globals.data, "data folder of a local server: its address and token"},
        {"-o,--output",
         &globals.output_word,
         "table, wide, json or yaml",
         false,
         {"table", "wide", "json", "yaml"}},
        {"--watch",
         &globals.watch,
         "repeat a verb that only looks, each 2 s or as long as said",
         false,
         {},
         "2s"},
        {"--no-color", &globals.no_color, "no colours (NO_COLOR)"},
        {"-y,--yes", &globals.yes, "do not ask back"},
    };
}

}  // namespace dayu::app
