// Whatever lies in a journal is read without harm; and what is taken for an entry is written again as an
// entry that says the same.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "journal/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace dayu::journal;
    const auto parsed = parse_entry({reinterpret_cast<const char*>(data), size});
    if (!parsed) return 0;
    const std::string bytes = render_entry(parsed->recorded, parsed->previous_hash);
    const auto again = parse_entry(bytes);
    CHECK(again.ok());
    CHECK(render_entry(again->recorded, again->previous_hash) == bytes);
    return 0;
}
