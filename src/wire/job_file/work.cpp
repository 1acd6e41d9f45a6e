// `model` with `tokens` or `slo`: what is to be trained or served, in place of the resources for it.
#include <charconv>
#include <cmath>

#include "wire/job_file/draft.h"
#include "wire/yaml_into.h"

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

// Work is Training or Serving.
template <class Work>
struct Asked {
    Work work;
    const ChipNames& chips;
};

template <class Work>
Result<void> read_model_name(const YamlNode& node, Asked<Work>& asked) {
    asked.work.model.name = TRY(read_text(node));
    return {};
}

// The content, as the client sends it; what stands in the nested one wins.
template <class Work>
Result<void> read_config(const YamlNode& node, Asked<Work>& asked) {
    if (node.kind == YamlNode::Kind::scalar) {
        return yaml_error(node, "value_malformed",
                          "the file \"" + node.text.substr(0, 80) +
                              "\" lies with the client, which has to send its content here, as "
                              "`dayu submit` does");
    }
    TRY(expect_map(node));
    keep_words(node, asked.work.model.config);
    if (const YamlNode* nested = node.find(nested_config))
        keep_words(*nested, asked.work.model.config);
    return {};
}

template <class Work>
Result<void> read_framework(const YamlNode& node, Asked<Work>& asked) {
    asked.work.model.framework = TRY(read_text(node));
    return {};
}

template <class Work>
Result<void> read_chips(const YamlNode& node, Asked<Work>& asked) {
    std::vector<std::string>& chips = asked.work.model.chips;
    if (node.kind != YamlNode::Kind::list) {
        chips.push_back(TRY(read_chip(node, asked.chips)));
        return {};
    }
    for (const YamlNode& item : node.children) chips.push_back(TRY(read_chip(item, asked.chips)));
    return {};
}

template <class Work>
Result<void> read_precision(const YamlNode& node, Asked<Work>& asked) {
    asked.work.precision = TRY(read_enum<decltype(asked.work.precision)>(node));
    return {};
}

Result<void> read_sequence(const YamlNode& node, Asked<Training>& asked) {
    asked.work.sequence = TRY(read_whole(node));
    return {};
}

Result<void> read_global_batch(const YamlNode& node, Asked<Training>& asked) {
    asked.work.global_batch = TRY(read_whole(node));
    return {};
}

Result<void> read_task(const YamlNode& node, Asked<Training>& asked) {
    asked.work.task = TRY(read_enum<TrainingTask>(node));
    return {};
}

Result<void> read_chip_count(const YamlNode& node, Asked<Training>& asked) {
    asked.work.count = TRY(read_count(node));
    return {};
}

constexpr YamlKey<Asked<Training>> training_keys[] = {
    {"name", read_model_name},     {"config", read_config}, {"seq", read_sequence},
    {"gbs", read_global_batch},    {"task", read_task},     {"precision", read_precision},
    {"framework", read_framework}, {"chips", read_chips},   {"count", read_chip_count},
};

constexpr YamlKey<Asked<Serving>> serving_keys[] = {
    {"name", read_model_name},     {"config", read_config}, {"precision", read_precision},
    {"framework", read_framework}, {"chips", read_chips},
};

// Rates, shares and milliseconds, in thousandths.
template <auto member>
constexpr auto thousandths_into = decimal_into<Serving, member, 3>;

constexpr YamlKey<Serving> slo_keys[] = {
    {"rate", thousandths_into<&Serving::rate_milli>},
    {"isl", whole_into<Serving, &Serving::prompt>},
    {"osl", whole_into<Serving, &Serving::answer>},
    {"ttft_ms", thousandths_into<&Serving::ttft_us>},
    {"tpot_ms", thousandths_into<&Serving::tpot_us>},
    {"quantile", thousandths_into<&Serving::quantile_milli>},
};

// What the plan decides cannot be said as well.
Result<void> expect_no_resources(const Draft& draft) {
    const auto refuse = [](const YamlNode& node, std::string remedy) {
        return yaml_error(node, "key_conflicts",
                          "`model` asks for a plan, which decides this; leave it out" + remedy);
    };
    if (draft.accelerators != nullptr) return refuse(*draft.accelerators, ", or say `model.chips`");
    if (draft.nodes != nullptr)
        return refuse(*draft.nodes, draft.slo != nullptr ? "" : ", or say `model.count`");
    if (draft.variants != nullptr) return refuse(*draft.variants, ", or say `model.chips`");
    return {};
}

// `model` says what, and one of the two others what is to be done with it.
Result<void> expect_whole_question(const Draft& draft) {
    if (draft.model == nullptr) {
        const YamlNode& lonely = draft.tokens != nullptr ? *draft.tokens : *draft.slo;
        return yaml_error(lonely, "value_missing",
                          "says what is to be done, and no `model` with what; write "
                          "model: {name: LLaMA2-7B}");
    }
    if (draft.tokens == nullptr && draft.slo == nullptr) {
        return yaml_error(*draft.model, "value_missing",
                          "says a model, and not what is to be done with it; write tokens: 2e9 to "
                          "train it on so many, or slo: {rate: 40, isl: 1024, osl: 256, ttft_ms: "
                          "500, tpot_ms: 50} to serve it");
    }
    if (draft.tokens != nullptr && draft.slo != nullptr) {
        return yaml_error(*draft.slo, "key_conflicts",
                          "asks to serve the model that `tokens` asks to train; leave one of them "
                          "out, or submit two jobs");
    }
    return expect_no_resources(draft);
}

template <class Work, std::size_t count>
Result<Work> read_model(const Draft& draft, const YamlKey<Asked<Work>> (&keys)[count]) {
    Asked<Work> asked{.work = {}, .chips = draft.chips};
    if (draft.model->kind == YamlNode::Kind::scalar) {
        TRY(read_model_name(*draft.model, asked));
    } else {
        TRY(read_map(*draft.model, keys, asked));
    }
    return std::move(asked.work);
}

Result<Serving> read_serving(const Draft& draft) {
    Serving serving = TRY(read_model(draft, serving_keys));
    TRY(read_map(*draft.slo, slo_keys, serving));
    for (const std::string_view key : {"rate", "isl", "osl"}) {
        if (draft.slo->find(key) != nullptr) continue;
        return yaml_error(*draft.slo, "value_missing",
                          "says no `" + std::string(key) +
                              "`; requests a second (rate), tokens of a prompt (isl) and of an "
                              "answer (osl) are what the service is sized for");
    }
    return serving;
}

}  // namespace

Result<void> read_work(Draft& draft) {
    if (draft.model == nullptr && draft.tokens == nullptr && draft.slo == nullptr) return {};
    TRY(expect_whole_question(draft));
    if (draft.slo != nullptr) {
        draft.file.serving = TRY(read_serving(draft));
        return {};
    }
    Training training = TRY(read_model(draft, training_keys));
    training.tokens = TRY(read_count(*draft.tokens));
    draft.file.training = std::move(training);
    if (draft.time_limit == nullptr) draft.spec().time_limit = {};  // the plan sets it
    return {};
}

}  // namespace dayu::wire::job_file
