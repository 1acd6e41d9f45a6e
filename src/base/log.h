// The log: one line an event of the process's own life. What happened to jobs is in the journal, not
// here, and no secret, script or environment ever is.
#pragma once

#include <string_view>

#include <fmt/core.h>

namespace dayu {

enum class LogLevel { debug, info, warning, error };

void set_log_level(LogLevel level);
void write_log(LogLevel level, std::string_view text);

template <class... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
    write_log(LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
    write_log(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
    write_log(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
    write_log(LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace dayu
