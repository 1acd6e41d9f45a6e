#include "model/attempt.h"

#include <charconv>

namespace dayu {

Token make_token(std::string_view cluster, AttemptKey key) {
    return {std::string(cluster) + "-" + std::to_string(key.job.value) + "-" +
            std::to_string(key.number)};
}

std::optional<AttemptKey> parse_token(std::string_view cluster, const Token& token) {
    std::string_view rest = token.text;
    if (cluster.empty() || !rest.starts_with(cluster)) return std::nullopt;
    rest.remove_prefix(cluster.size());
    if (!rest.starts_with('-')) return std::nullopt;
    rest.remove_prefix(1);
    // Each attempt has one token: "041" is not job 41, and nothing may follow.
    AttemptKey key;
    const char* end = rest.data() + rest.size();
    const auto job = std::from_chars(rest.data(), end, key.job.value);
    if (job.ec != std::errc{} || rest.front() == '0' || job.ptr == end || *job.ptr != '-')
        return std::nullopt;
    const char* digits = job.ptr + 1;
    const auto number = std::from_chars(digits, end, key.number);
    if (number.ec != std::errc{} || *digits == '0' || number.ptr != end || key.number < 1)
        return std::nullopt;
    return key;
}

}  // namespace dayu
