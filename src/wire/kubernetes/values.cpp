// What single values of a manifest say, and how its maps are read.
#include <algorithm>
#include <limits>

#include "wire/kubernetes/draft.h"

namespace dayu::wire::kubernetes {
namespace {

constexpr std::size_t most_digits = 18;

struct Suffix {
    std::string_view text;
    __int128 milli;  // thousandths that it stands for
};

constexpr __int128 ki = 1024;
constexpr Suffix suffixes[] = {
    {"Ki", ki * 1000},
    {"Mi", ki* ki * 1000},
    {"Gi", ki* ki* ki * 1000},
    {"Ti", ki* ki* ki* ki * 1000},
    {"Pi", ki* ki* ki* ki* ki * 1000},
    {"m", 1},
    {"k", 1'000'000},
    {"M", 1'000'000'000},
    {"G", 1'000'000'000'000},
    {"T", 1'000'000'000'000'000},
    {"P", 1'000'000'000'000'000'000},
    {"e3", 1'000'000},
    {"e6", 1'000'000'000},
    {"e9", 1'000'000'000'000},
    {"e12", 1'000'000'000'000'000},
    {"", 1000},
};

std::string shown(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::null: return "";
        case YamlNode::Kind::list: return "[...]";
        case YamlNode::Kind::map: return "{...}";
        case YamlNode::Kind::scalar: break;
    }
    return node.text;
}

}  // namespace

void Draft::unmapped(Weight weight, const YamlNode& node, std::string why, std::string advice) {
    add_unmapped(job, {weight, node.path, static_cast<std::int64_t>(node.line), shown(node),
                       std::move(why), std::move(advice)});
}

bool is_empty(const YamlNode& node) {
    switch (node.kind) {
        case YamlNode::Kind::null: return true;
        case YamlNode::Kind::scalar: return node.text.empty();
        case YamlNode::Kind::list:
        case YamlNode::Kind::map: return node.children.empty();
    }
    return true;
}

Result<std::int64_t> read_quantity_milli(const YamlNode& node) {
    const std::string text = TRY(read_text(node));
    const auto bad = [&] {
        return yaml_error(
            node, "value_malformed",
            "\"" + text.substr(0, 80) + "\" is not a quantity such as 2, 500m, 1.5 or 64Gi");
    };
    const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    std::string unit = text.substr(end);
    std::ranges::replace(unit, 'E', 'e');
    const auto suffix = std::ranges::find(suffixes, unit, &Suffix::text);
    std::string digits = text.substr(0, end);
    const std::size_t point = digits.find('.');
    const std::size_t decimals = point == digits.npos ? 0 : digits.size() - point - 1;
    if (point != digits.npos) digits.erase(point, 1);
    if (suffix == std::end(suffixes) || digits.empty() || digits.size() > most_digits ||
        digits.find('.') != digits.npos) {
        return bad();
    }
    __int128 value = 0;
    for (const char digit : digits) value = value * 10 + (digit - '0');
    __int128 divisor = 1;
    for (std::size_t i = 0; i < decimals; ++i) divisor *= 10;
    // At most 10^18 times 2^50 * 1000, which is just above 128 bits: divide first where that is near.
    constexpr __int128 near = std::numeric_limits<std::int64_t>::max();
    if (value > near / 1000 && suffix->milli > 1'000'000'000'000) {
        return yaml_error(node, "number_too_large", "\"" + text + "\" does not fit into 64 bits");
    }
    const __int128 milli = (value * suffix->milli + divisor - 1) / divisor;
    if (milli > near) {
        return yaml_error(node, "number_too_large", "\"" + text + "\" does not fit into 64 bits");
    }
    return static_cast<std::int64_t>(milli);
}

Result<void> read_priority_class(const YamlNode& node, Draft& draft,
                                 std::optional<Priority>& priority) {
    constexpr std::string_view kind = "priority";
    const std::string name = TRY(read_text(node));
    std::string_view word = name;
    if (word.ends_with(kind)) word.remove_suffix(kind.size());
    if (word.starts_with(kind)) word.remove_prefix(kind.size());
    while (word.ends_with('-')) word.remove_suffix(1);
    while (word.starts_with('-')) word.remove_prefix(1);
    Priority known{};
    if (parse_enum(word, known)) {
        priority = known;
    } else {
        draft.unmapped(Weight::note, node, "the classes of priority are words of one cluster",
                       "name it low, normal, high or urgent");
    }
    return {};
}

Result<void> read_rows(const YamlNode& map, std::span<const Row> rows, Draft& draft) {
    TRY(expect_map(map));
    for (const YamlNode& node : map.children) {
        const auto row = std::ranges::find(rows, node.key, &Row::name);
        if (row == rows.end()) {
            std::vector<std::string_view> known;
            for (const Row& each : rows) known.push_back(each.name);
            return key_unknown(node, known);
        }
        if (is_empty(node)) continue;
        if (row->fate == Fate::read) {
            TRY(row->read(node, draft));
        } else {
            draft.unmapped(row->fate == Fate::note ? Weight::note : Weight::error, node,
                           std::string(row->why), std::string(row->advice));
        }
    }
    return {};
}

}  // namespace dayu::wire::kubernetes
