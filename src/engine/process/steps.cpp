#include "engine/process/steps.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "engine/process/files.h"

namespace dayu::engine {
namespace {

constexpr std::size_t max_read_bytes = 1 << 20;
constexpr double longest_step_s = 86'400;
constexpr std::size_t most_warming_up = 10;

// Seconds; 0: none.
double seconds_of(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t comma = line.rfind(',');
    std::string_view word = comma == std::string_view::npos ? line : line.substr(comma + 1);
    while (word.starts_with(' ')) word.remove_prefix(1);
    double value = 0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool is_number = failure == std::errc() && end == word.data() + word.size();
    return is_number && value > 0 && value <= longest_step_s ? value : 0;
}

}  // namespace

std::string steps_file(const std::string& run_directory, const Token& token) {
    return run_directory + "/.dayu-steps." + token.text;
}

std::optional<StepSummary> summary_of_steps(std::string_view text) {
    std::vector<double> steps;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const double step_s = seconds_of(text.substr(0, end)); step_s > 0)
            steps.push_back(step_s);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (steps.empty()) return {};
    const auto warming_up = std::min(steps.size() / 10, most_warming_up);
    steps.erase(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(warming_up));
    const auto middle = steps.begin() + std::ssize(steps) / 2;
    std::ranges::nth_element(steps, middle);
    return StepSummary{.count = std::ssize(steps), .median_us = std::llround(*middle * 1e6)};
}

std::optional<StepSummary> read_steps(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status{};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    const auto size = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
    const std::size_t from = size > max_read_bytes ? size - max_read_bytes : 0;
    std::string text(size - from, '\0');
    const ssize_t count = ::pread(file.get(), text.data(), text.size(), static_cast<off_t>(from));
    if (count <= 0) return {};
    text.resize(static_cast<std::size_t>(count));
    if (from > 0) text.erase(0, text.find('\n'));
    return summary_of_steps(text);
}

}  // namespace dayu::engine
