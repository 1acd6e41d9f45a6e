// The content of a config.json in the place of its name.
#include <algorithm>
#include <optional>

#include "wire/job_file/draft.h"

namespace dayu::wire {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// Where `config: NAME` stands: the node, if the file is one of Dayu's own.
std::optional<YamlNode> named_config(std::string_view text) {
    if (text.starts_with("#!") || text.size() > max_job_file_bytes) return {};
    const Result<YamlNode> root = parse_yaml(text);
    if (!root || root->find("apiVersion") != nullptr) return {};
    const YamlNode* const model = root->find("model");
    const YamlNode* const config = model == nullptr ? nullptr : model->find("config");
    if (config == nullptr || config->kind != YamlNode::Kind::scalar) return {};
    return *config;
}

// JSON as a flow of YAML: on one line, and a blank behind each colon.
std::string on_one_line(std::string_view json) {
    std::string line;
    bool is_text = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (is_text && c == '\\' && i + 1 < json.size()) {
            line += c;
            line += json[++i];
            continue;
        }
        if (c == '"') is_text = !is_text;
        line += !is_text && blanks.find(c) != std::string_view::npos ? ' ' : c;
        if (!is_text && c == ':') line += ' ';
    }
    return line;
}

std::size_t begin_of_line(std::string_view text, std::size_t line) {
    std::size_t at = 0;
    for (std::size_t before = 1; before < line; ++before) at = text.find('\n', at) + 1;
    return at;
}

}  // namespace

std::string model_config_named_in(std::string_view text) {
    const auto config = named_config(text);
    return config ? config->text : "";
}

Result<std::string> with_model_config(std::string_view text, std::string_view json) {
    const auto config = named_config(text);
    if (!config) return std::string(text);
    const std::size_t first = json.find_first_not_of(blanks);
    if (first == std::string_view::npos || json[first] != '{')
        return yaml_error(*config, "value_malformed",
                          "\"" + config->text + "\" holds no JSON object, as a config.json does");
    const std::size_t begin = begin_of_line(text, config->line);
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    // Behind the key, which may be quoted as its value may be.
    const std::size_t key = text.find("config", begin);
    const std::size_t colon = text.find(':', key);
    std::size_t value = colon == std::string_view::npos ? end : text.find(config->text, colon);
    std::size_t length = config->text.size();
    if (value >= end)
        return yaml_error(*config, "value_malformed",
                          "write the file's name on the line of its key: config: config.json");
    if (config->quoted) {
        --value;
        length += 2;
    }
    return std::string(text.substr(0, value)) + on_one_line(json) +
           std::string(text.substr(value + length));
}

}  // namespace dayu::wire
