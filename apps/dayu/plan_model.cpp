#include "dayu/plan_model.h"

#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "dayu/small_file.h"
#include "plan/model_config.h"
#include "wire/walk_json.h"

namespace dayu::app {
namespace {

// Keeps what stands at the top level, and in its text_config: models that see or hear have the transformer there.
class ConfigListener final : public wire::JsonListener {
   public:
    Result<void> on_null() override { return {}; }
    Result<void> on_bool(bool value) override { return keep(value ? 1 : 0); }
    Result<void> on_number(std::string_view literal) override {
        double value = 0;
        std::from_chars(literal.data(), literal.data() + literal.size(), value);
        return keep(value);
    }
    Result<void> on_string(std::string value) override {
        if (key_ == "model_type") {
            if (plan::ModelConfig* const config = here()) config->model_type = std::move(value);
        } else if (key_ == "layer_types") {
            list().push_back(std::move(value));
        }
        return {};
    }
    Result<void> on_key(std::string key) override {
        if (depth_ == 1) section_ = key;
        key_ = std::move(key);
        return {};
    }
    Result<void> on_array_begin() override { return deeper(); }
    Result<void> on_object_begin() override { return deeper(); }
    Result<void> on_end() override {
        --depth_;
        return {};
    }

    plan::ModelConfig config() && {
        text_.numbers.merge(top_.numbers);
        if (text_.layer_types.empty()) text_.layer_types = std::move(top_.layer_types);
        if (text_.model_type.empty()) text_.model_type = std::move(top_.model_type);
        return std::move(text_);
    }

   private:
    plan::ModelConfig* here() {
        if (depth_ == 1) return &top_;
        return depth_ == 2 && section_ == "text_config" ? &text_ : nullptr;
    }
    // Of the list that is being read.
    std::vector<std::string>& list() {
        return (section_ == "text_config" ? text_ : top_).layer_types;
    }
    Result<void> keep(double value) {
        if (plan::ModelConfig* const config = here()) config->numbers[key_] = value;
        return {};
    }
    Result<void> deeper() {
        ++depth_;
        return {};
    }

    plan::ModelConfig top_;
    plan::ModelConfig text_;
    std::string section_;  // of the top level
    std::string key_;
    int depth_ = 0;
};

}  // namespace

Result<plan::Transformer> read_train_model(const std::string& given,
                                           const plan::KnownModels& known) {
    if (const plan::Transformer* const model = known.find(given)) return *model;
    if (given != "-" && !exists(given)) {
        return not_found(
            "model_config_missing",
            fmt::format("--model {}: neither a file nor a model that the planner knows "
                        "by name (models.csv of its tables)",
                        given));
    }
    ConfigListener listener;
    TRY(wire::walk_json(TRY(read_small_file(given)), listener));
    return plan::transformer_of(std::move(listener).config());
}

}  // namespace dayu::app
