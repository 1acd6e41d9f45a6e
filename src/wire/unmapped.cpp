#include "wire/unmapped.h"

#include <algorithm>

#include "wire/utf8.h"

namespace dayu::wire {
namespace {

constexpr std::size_t shown_value_bytes = 120;

std::string shortened(std::string_view text) {
    std::string shown = to_valid_utf8(std::string(text.substr(0, shown_value_bytes)));
    if (text.size() > shown_value_bytes) shown += "...";
    return shown;
}

std::string sentence(const Unmapped& item) {
    std::string text = "line " + std::to_string(item.line) + ", " + item.key + ": " + item.why;
    if (!item.advice.empty()) text += "; " + item.advice;
    return text;
}

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./=:,+@%").find(c) != std::string_view::npos;
}

}  // namespace

void add_unmapped(ReadJob& job, Unmapped item) {
    if (job.unmapped.size() > max_unmapped) return;
    item.key = shortened(item.key);
    item.value = shortened(item.value);
    if (job.unmapped.size() == max_unmapped) {
        // An error all the same: what is not listed may be one.
        item = {.weight = Weight::error,
                .key = "",
                .line = item.line,
                .value = "",
                .why = "more than " + std::to_string(max_unmapped) + " keys have no counterpart",
                .advice = "take out what the job does not need"};
    }
    job.unmapped.push_back(std::move(item));
}

Result<void> check_mapped(const ReadJob& job) {
    std::string text;
    for (const Unmapped& item : job.unmapped) {
        if (item.weight == Weight::error) text += "\n  " + sentence(item);
    }
    if (text.empty()) return {};
    return invalid("job_file_unmapped", "the " + job.format +
                                            " asks for what has no counterpart here and would "
                                            "change what it does:" +
                                            text);
}

Error with_origin(const Origins& origins, Error error) {
    std::string path = error.message.substr(0, error.message.find(": "));
    for (;;) {
        if (const auto at = origins.find(path); at != origins.end()) {
            error.message = at->second + ": " + error.message;
            return error;
        }
        const std::size_t cut = path.find_last_of(".[");
        if (cut == std::string::npos) return error;
        path.resize(cut);
    }
}

std::string shell_quoted(std::string_view text) {
    if (!text.empty() && std::ranges::all_of(text, is_plain)) return std::string(text);
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'') {
            quoted += "'\\''";
        } else {
            quoted += c;
        }
    }
    return quoted += '\'';
}

}  // namespace dayu::wire
