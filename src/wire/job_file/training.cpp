// `model` and `tokens`: what is to be trained, in place of the resources for it.
#include <charconv>
#include <cmath>

#include "wire/job_file/draft.h"

namespace dayu::wire::job_file {
namespace {

constexpr std::string_view nested_config = "text_config";  // of models that see or hear as well

// Also 2e12 and 1.5e9, as people write such numbers; none has more digits than a double.
Result<std::int64_t> read_count(const YamlNode& node) {
    constexpr double most = 9e15;
    const std::string text = TRY(read_text(node));
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_number = failure == std::errc() && end == text.data() + text.size();
    if (is_number && value >= 1 && value <= most && std::floor(value) == value)
        return static_cast<std::int64_t>(value);
    return yaml_error(node, "value_malformed",
                      "\"" + text.substr(0, 80) + "\" is no whole number from 1, as 2e12");
}

// Another chip by its name or alias, as a job's resources name it.
Result<std::string> read_chip(const YamlNode& node, const ChipNames& chips) {
    Needs needs{.resources = {}, .chips = chips};
    TRY(read_accelerators(node, needs));
    return needs.resources.chip;
}

struct Asked {
    Training training;
    const ChipNames& chips;
};

Result<void> read_model_name(const YamlNode& node, Asked& asked) {
    asked.training.model = TRY(read_text(node));
    return {};
}

// Numbers, words and truths; lists of them, as the layers' types, with commas.
void keep_words(const YamlNode& map, std::map<std::string, std::string>& config) {
    for (const YamlNode& entry : map.children) {
        if (entry.kind == YamlNode::Kind::scalar) config[entry.key] = entry.text;
        if (entry.kind != YamlNode::Kind::list) continue;
        std::string words;
        for (const YamlNode& item : entry.children) words += (words.empty() ? "" : ",") + item.text;
        config[entry.key] = std::move(words);
    }
}

// The content, as the client sends it; what stands in the nested one wins.
Result<void> read_config(const YamlNode& node, Asked& asked) {
    if (node.kind == YamlNode::Kind::scalar) {
        return yaml_error(node, "value_malformed",
                          "the file \"" + node.text.substr(0, 80) +
                              "\" lies with the client, which has to send its content here, as "
                              "`dayu submit` does");
    }
    TRY(expect_map(node));
    keep_words(node, asked.training.config);
    if (const YamlNode* nested = node.find(nested_config))
        keep_words(*nested, asked.training.config);
    return {};
}

Result<void> read_sequence(const YamlNode& node, Asked& asked) {
    asked.training.sequence = TRY(read_whole(node));
    return {};
}

Result<void> read_global_batch(const YamlNode& node, Asked& asked) {
    asked.training.global_batch = TRY(read_whole(node));
    return {};
}

Result<void> read_task(const YamlNode& node, Asked& asked) {
    asked.training.task = TRY(read_enum<TrainingTask>(node));
    return {};
}

Result<void> read_precision(const YamlNode& node, Asked& asked) {
    asked.training.precision = TRY(read_enum<TrainingPrecision>(node));
    return {};
}

Result<void> read_framework(const YamlNode& node, Asked& asked) {
    asked.training.framework = TRY(read_text(node));
    return {};
}

Result<void> read_chips(const YamlNode& node, Asked& asked) {
    std::vector<std::string>& chips = asked.training.chips;
    if (node.kind != YamlNode::Kind::list) {
        chips.push_back(TRY(read_chip(node, asked.chips)));
        return {};
    }
    for (const YamlNode& item : node.children) chips.push_back(TRY(read_chip(item, asked.chips)));
    return {};
}

Result<void> read_chip_count(const YamlNode& node, Asked& asked) {
    asked.training.count = TRY(read_count(node));
    return {};
}

constexpr YamlKey<Asked> model_keys[] = {
    {"name", read_model_name},     {"config", read_config}, {"seq", read_sequence},
    {"gbs", read_global_batch},    {"task", read_task},     {"precision", read_precision},
    {"framework", read_framework}, {"chips", read_chips},   {"count", read_chip_count},
};

// What the plan decides cannot be said as well.
Result<void> expect_no_resources(const Draft& draft) {
    const auto refuse = [](const YamlNode& node, std::string remedy) {
        return yaml_error(node, "key_conflicts",
                          "`model` asks for a plan, which decides this; leave it out" + remedy);
    };
    if (draft.accelerators != nullptr)
        return refuse(*draft.accelerators, ", or say `model.chips` and `model.count`");
    if (draft.nodes != nullptr) return refuse(*draft.nodes, ", or say `model.count`");
    if (draft.variants != nullptr) return refuse(*draft.variants, ", or say `model.chips`");
    return {};
}

}  // namespace

Result<void> read_training(Draft& draft) {
    if (draft.model == nullptr && draft.tokens == nullptr) return {};
    if (draft.model == nullptr) {
        return yaml_error(*draft.tokens, "value_missing",
                          "says how long to train, and no `model` what; write "
                          "model: {name: LLaMA2-7B}");
    }
    if (draft.tokens == nullptr) {
        return yaml_error(*draft.model, "value_missing",
                          "says what to train, and no `tokens` on how many; write tokens: 2e9");
    }
    TRY(expect_no_resources(draft));
    Asked asked{.training = {}, .chips = draft.chips};
    if (draft.model->kind == YamlNode::Kind::scalar) {
        TRY(read_model_name(*draft.model, asked));
    } else {
        TRY(read_map(*draft.model, model_keys, asked));
    }
    asked.training.tokens = TRY(read_count(*draft.tokens));
    draft.file.training = std::move(asked.training);
    if (draft.time_limit == nullptr) draft.spec().time_limit = {};  // the plan sets it
    return {};
}

}  // namespace dayu::wire::job_file
