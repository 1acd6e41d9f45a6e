#include "dayu/traces.h"

#include <cstdlib>
#include <filesystem>

namespace dayu::app {

std::string find_trace(const std::string& file) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (fs::exists(file, ignored) || fs::path(file).is_absolute()) return file;
    const char* const folder = std::getenv("DAYU_TRACES");
    const fs::path kept =
        fs::path(folder != nullptr && *folder != '\0' ? folder : "../shared/traces") / file;
    return fs::exists(kept, ignored) ? kept.string() : file;
}

std::vector<std::string> words_of(std::span<const std::string_view> names) {
    return {names.begin(), names.end()};
}

}  // namespace dayu::app
