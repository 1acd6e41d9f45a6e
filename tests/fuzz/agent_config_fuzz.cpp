// Whatever stands in an agent's file: centres that validate() takes, or an error that has a code and a message.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "wire/center_file.h"
#include "wire/chip_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace dayu;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto config = wire::parse_agent_config(text);
    if (!config.ok()) CHECK(!config.error().code.empty() && !config.error().message.empty());
    const auto chips = wire::parse_chip_file(text);
    if (!chips.ok()) CHECK(!chips.error().code.empty() && !chips.error().message.empty());
    return 0;
}
