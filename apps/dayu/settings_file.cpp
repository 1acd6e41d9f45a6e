#include "dayu/settings_file.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "dayu/option_words.h"
#include "dayu/small_file.h"
#include "wire/yaml.h"

namespace dayu::app {
namespace {

namespace fs = std::filesystem;

// "tls_cert" of --tls-cert.
std::string key_of(const Option& option) {
    std::string key = flags_of(option).back();
    key.erase(0, key.find_first_not_of('-'));
    std::ranges::replace(key, '-', '_');
    return key;
}

Result<bool> read_yes_or_no(const wire::YamlNode& node) {
    const std::string text = TRY(wire::read_text(node));
    if (text == "true" || text == "false") return text == "true";
    return wire::yaml_error(node, "value_unknown",
                            "\"" + text.substr(0, 80) + "\" is neither true nor false");
}

// One function a type of target: what the command line gave stays.
Result<void> fill(const wire::YamlNode& node, bool* target) {
    *target = TRY(read_yes_or_no(node)) || *target;
    return {};
}
Result<void> fill(const wire::YamlNode& node, std::string* target) {
    const std::string text = TRY(wire::read_text(node));
    if (target->empty()) *target = text;
    return {};
}
Result<void> fill(const wire::YamlNode& node, std::int64_t* target) {
    const std::int64_t number = TRY(wire::read_whole(node));
    if (*target == 0) *target = number;
    return {};
}
Result<void> fill(const wire::YamlNode& node, std::vector<std::string>* target) {
    std::vector<std::string> texts = TRY(wire::read_texts(node));
    if (target->empty()) *target = std::move(texts);
    return {};
}

Result<void> read_keys(const wire::YamlNode& root, std::span<const Option> options) {
    TRY(wire::expect_map(root));
    for (const wire::YamlNode& node : root.children) {
        const auto option = std::ranges::find(options, node.key, key_of);
        if (option == options.end()) {
            std::vector<std::string> keys;
            for (const Option& each : options) keys.push_back(key_of(each));
            return wire::key_unknown(node, std::vector<std::string_view>(keys.begin(), keys.end()));
        }
        TRY(std::visit([&](auto* target) { return fill(node, target); }, option->target));
    }
    return {};
}

Result<void> read_text_of(const std::string& file, std::span<const Option> options,
                          std::span<const std::string_view> paths) {
    wire::YamlNode root = TRY(wire::parse_yaml(TRY(read_small_file(file))));
    for (wire::YamlNode& node : root.children) {
        const bool is_path = std::ranges::find(paths, node.key) != paths.end();
        if (is_path && !node.text.empty()) node.text = beside(file, node.text);
    }
    return read_keys(root, options);
}

}  // namespace

std::string beside(const std::string& file, const std::string& path) {
    if (path.empty() || path.starts_with('/')) return path;
    return fs::absolute(fs::path(file).parent_path() / path).lexically_normal().string();
}

Result<void> read_settings(const std::string& file, std::span<const Option> options,
                           std::span<const std::string_view> paths) {
    Result<void> read = read_text_of(file, options, paths);
    if (read.ok()) return read;
    Error error = read.error();
    if (error.message.find(file) == std::string::npos) error.message.insert(0, file + ": ");
    return error;
}

}  // namespace dayu::app
