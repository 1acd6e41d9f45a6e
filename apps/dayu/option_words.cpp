#include "dayu/option_words.h"

#include <algorithm>
#include <cctype>

#include "dayu/answers.h"

namespace dayu::app {

bool is_positional(const Option& option) { return !option.names.starts_with('-'); }

std::vector<std::string> flags_of(const Option& option) {
    std::vector<std::string> flags;
    if (is_positional(option)) return flags;
    std::string rest = option.names;
    while (true) {
        const std::size_t comma = rest.find(',');
        flags.push_back(rest.substr(0, comma));
        if (comma == std::string::npos) return flags;
        rest = rest.substr(comma + 1);
    }
}

bool takes_value(const Option& option) { return !std::holds_alternative<bool*>(option.target); }

bool takes_many(const Option& option) {
    return std::holds_alternative<std::vector<std::string>*>(option.target);
}

std::string value_kind(const Option& option) {
    std::string word = is_positional(option) ? option.names : flags_of(option).back();
    word.erase(0, word.find_first_not_of('-'));
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::toupper(c); });
    return word;
}

std::string placeholder(const Option& option) {
    return option.values.empty() ? value_kind(option) : join(option.values, "|");
}

}  // namespace dayu::app
