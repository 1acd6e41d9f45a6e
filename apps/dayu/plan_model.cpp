#include "dayu/plan_model.h"

#include <charconv>

#include <fmt/core.h>

#include "dayu/small_file.h"
#include "plan/model_config.h"
#include "wire/walk_json.h"

namespace dayu::app {
namespace {

// Keeps what stands at the top level.
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
        if (depth_ == 1 && key_ == "model_type") config_.model_type = std::move(value);
        return {};
    }
    Result<void> on_key(std::string key) override {
        if (depth_ == 1) key_ = std::move(key);
        return {};
    }
    Result<void> on_array_begin() override { return deeper(); }
    Result<void> on_object_begin() override { return deeper(); }
    Result<void> on_end() override {
        --depth_;
        return {};
    }

    const plan::ModelConfig& config() const { return config_; }

   private:
    Result<void> keep(double value) {
        if (depth_ == 1) config_.numbers[key_] = value;
        return {};
    }
    Result<void> deeper() {
        ++depth_;
        return {};
    }

    plan::ModelConfig config_;
    std::string key_;
    int depth_ = 0;
};

}  // namespace

Result<plan::TrainModel> read_train_model(const std::string& given,
                                          const plan::KnownModels& known) {
    if (const plan::TrainModel* const model = known.find(given)) return *model;
    if (given != "-" && !exists(given)) {
        return not_found(
            "model_config_missing",
            fmt::format("--model {}: neither a file nor a model that the planner knows "
                        "by name (models.csv of its tables)",
                        given));
    }
    ConfigListener listener;
    TRY(wire::walk_json(TRY(read_small_file(given)), listener));
    return plan::train_model_of(listener.config());
}

}  // namespace dayu::app
