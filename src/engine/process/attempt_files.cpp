#include "engine/process/attempt_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>

#include "engine/process/files.h"
#include "engine/process/record.h"

namespace dayu::engine {

template <class T>
std::optional<T> read_record(const std::string& path) {
    const Result<std::string> text = read_file(path);
    if (!text.ok()) return std::nullopt;
    return from_record<T>(text.value());
}
template std::optional<Claim> read_record(const std::string&);
template std::optional<ShimIdentity> read_record(const std::string&);
template std::optional<Started> read_record(const std::string&);
template std::optional<StopRequest> read_record(const std::string&);
template std::optional<Contact> read_record(const std::string&);
template std::optional<Outputs> read_record(const std::string&);
template std::optional<Ending> read_record(const std::string&);

std::string setup_marker(const std::string& run_directory) {
    return run_directory.substr(0, run_directory.rfind('/')) + "/setup.done";
}

Result<void> write_ending(const AttemptFiles& files, const Ending& ending) {
    return replace_file_durably(files.exit(), to_record(ending));
}

Result<void> append_window(const AttemptFiles& files, const UsageWindow& window) {
    char line[128];
    const int length = std::snprintf(
        line, sizeof line, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", window.from.ms,
        window.to.ms, window.usage.cpu_ms, window.usage.peak_memory_mib);
    return append_file(files.usage(), {line, static_cast<std::size_t>(length)});
}

std::vector<UsageWindow> read_windows(const AttemptFiles& files, std::int64_t& offset) {
    std::vector<UsageWindow> windows;
    const Fd file(::open(files.usage().c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return windows;
    std::string text;
    char buffer[4096];
    ssize_t count = 0;
    std::int64_t at = offset;
    while ((count = ::pread(file.get(), buffer, sizeof buffer, at)) > 0) {
        text.append(buffer, static_cast<std::size_t>(count));
        at += count;
    }
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
        UsageWindow window;
        const std::string line = text.substr(begin, end - begin);
        if (std::sscanf(line.c_str(), "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64,
                        &window.from.ms, &window.to.ms, &window.usage.cpu_ms,
                        &window.usage.peak_memory_mib) == 4) {
            windows.push_back(window);
        }
    }
    offset += static_cast<std::int64_t>(begin);
    return windows;
}

}  // namespace dayu::engine
