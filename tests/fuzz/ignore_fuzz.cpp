// Whatever stands in a .dayuignore, and whatever path is asked for: an answer, and soon. The first line is
// the path, the rest the patterns; what they leave out, a last line that takes all back keeps.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "model/ignore_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace dayu;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view path = text.substr(0, end);
    const std::string patterns(text.substr(std::min(end + 1, text.size())));
    const auto rules = IgnoreRules::parse(patterns);
    if (!rules.ok()) return 0;
    const auto file = rules->ignores(path, false);
    const auto folder = rules->ignores(path, true);
    CHECK(!file || folder);  // what takes a file takes a folder of its name
    const auto kept = IgnoreRules::parse(patterns + "\n!*\n");
    if (kept.ok()) CHECK(kept->ignores(path, false) == std::optional(false));
    return 0;
}
