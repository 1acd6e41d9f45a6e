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
    AttemptKey key;
    const char* end = rest.data() + rest.size();
    const auto job = std::from_chars(rest.data(), end, key.job.value);
    if (job.ec != std::errc{} || job.ptr == end || *job.ptr != '-') return std::nullopt;
    const auto number = std::from_chars(job.ptr + 1, end, key.number);
    if (number.ec != std::errc{} || !key.job || key.number < 1) return std::nullopt;
    // Each attempt has one token: "041" is not job 41, and nothing may follow.
    if (make_token(cluster, key) != token) return std::nullopt;
    return key;
}

}  // namespace dayu
