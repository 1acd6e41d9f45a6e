#include "model/check_fields.h"

#include <algorithm>

namespace dayu {
namespace {

constexpr std::size_t max_name_bytes = 64;
constexpr std::size_t max_region_bytes = 128;
constexpr std::size_t max_env_name_bytes = 256;
constexpr std::string_view reserved_env_prefix = "DAYU_";

std::string at(std::string_view path) { return std::string(path) + ": "; }

bool is_name(std::string_view text) {
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !text.empty() && is_plain(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return is_plain(c) || c == '-' || c == '_'; });
}

bool is_env_name(std::string_view name) {
    const auto is_letter = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
    };
    const auto is_inner = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= max_env_name_bytes && is_letter(name.front()) &&
           std::ranges::all_of(name, is_inner);
}

}  // namespace

Result<void> check_range(std::string_view path, std::int64_t value, Range range) {
    if (value >= range.min && value <= range.max) return {};
    return invalid("value_out_of_range", at(path) + std::to_string(value) +
                                             std::string(range.unit) + " is out of range; " +
                                             std::to_string(range.min) + " to " +
                                             std::to_string(range.max) + " are taken");
}

Result<void> check_label(std::string_view path, std::string_view text, std::size_t max_bytes) {
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    };
    if (text.empty()) return invalid("value_missing", at(path) + "must not be empty");
    if (text.size() > max_bytes) {
        return invalid("value_out_of_range", at(path) + std::to_string(text.size()) +
                                                 " bytes; at most " + std::to_string(max_bytes) +
                                                 " are taken");
    }
    if (std::ranges::any_of(text, is_control)) {
        return invalid("value_malformed",
                       at(path) + "holds a line break or another control character");
    }
    return {};
}

Result<void> check_name(std::string_view path, std::string_view text) {
    if (is_name(text) && text.size() <= max_name_bytes) return {};
    return invalid("value_malformed",
                   at(path) + "\"" + std::string(text) +
                       "\" is not a name: small letters, digits, '-' and '_', at most " +
                       std::to_string(max_name_bytes) + " of them");
}

Result<void> check_env_name(std::string_view path, std::string_view name) {
    if (!is_env_name(name)) {
        return invalid("env_name_malformed",
                       at(path) + "names are letters, digits and '_', and begin with no digit");
    }
    if (name.starts_with(reserved_env_prefix)) {
        return invalid("env_name_reserved",
                       at(path) + "names that begin with DAYU_ are the platform's own");
    }
    return {};
}

Result<void> check_region(std::string_view path, std::string_view text) {
    bool good = text.size() <= max_region_bytes;
    for (std::size_t begin = 0; good && begin <= text.size();) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        good = is_name(text.substr(begin, end - begin));
        begin = end + 1;
    }
    if (good) return {};
    return invalid("value_malformed",
                   at(path) + "\"" + std::string(text) +
                       "\" is not a region such as \"cn/yangtze-delta/shanghai\"");
}

}  // namespace dayu
