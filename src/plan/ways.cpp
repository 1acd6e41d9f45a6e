#include "plan/ways.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <ranges>

#include <fmt/core.h>

#include "plan/model_config.h"

namespace dayu::plan {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

double number_of(std::string_view text) {
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return text == "true" ? 1 : value;
}

ModelConfig config_of(const std::map<std::string, std::string>& scalars) {
    ModelConfig config;
    for (const auto& [key, text] : scalars) {
        if (key == "model_type") {
            config.model_type = text;
        } else if (key == "layer_types") {
            for (const auto word : std::views::split(text, ','))
                config.layer_types.emplace_back(word.begin(), word.end());
        } else {
            config.numbers[key] = number_of(text);
        }
    }
    return config;
}

}  // namespace

Result<Transformer> transformer_asked(const WorkModel& model, const KnownModels& known) {
    if (model.name.empty()) return transformer_of(config_of(model.config));
    if (const Transformer* const found = known.find(model.name)) return *found;
    return invalid("plan_model_unknown",
                   fmt::format("model.name: the planner knows no model \"{}\" (models.csv of its "
                               "tables); give its config.json, as model: {{config: config.json}}",
                               model.name));
}

bool is_allowed(const WorkModel& model, const ChipSupply& supply) {
    return model.chips.empty() || std::ranges::find(model.chips, supply.chip) != model.chips.end();
}

const Chip* planned_chip(const Chips& chips, const ChipSupply& supply) {
    for (const std::string& name : supply.names) {
        if (const Result<const Chip*> chip = chips.find(name)) return *chip;
    }
    return nullptr;
}

Error no_chips(const WorkModel& model, const std::vector<std::string>& unknown,
               const std::string& more) {
    std::string message = "model: no pool that the job may use has chips to plan for" + more;
    if (!model.chips.empty()) message += "; allowed are " + joined(model.chips);
    if (!unknown.empty()) message += "; the planner has no profile of " + joined(unknown);
    return invalid("plan_no_chips", message + "; `dayu pools` lists what there is");
}

}  // namespace dayu::plan
