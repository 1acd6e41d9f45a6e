#include "plan/measured_layers.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <fmt/core.h>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 14> columns{
    "chip", "framework",   "hidden",    "ffn", "heads", "seq",  "tp",
    "cp",   "micro_batch", "recompute", "fp8", "layer", "head", "rows"};

// How far a factor may lie from one before it needs more than one row to say so, against how far a single row errs.
constexpr double row_error = 0.03;
constexpr double layer_spread = 0.15;
constexpr double head_spread = 0.5;
constexpr double least_rows = 3;  // of a class: fewer tell more of themselves than of the class
constexpr double least_factor = 0.3, most_factor = 5;

auto key_of(const MeasuredLayer& measured) {
    return std::tie(measured.chip, measured.framework, measured.layer);
}

// The normal equations of the two factors of a class, in relative errors, each drawn towards one.
class TwoFactors {
   public:
    // A step of `rest` beside the layers and the head.
    void add(double layers, double head, double rest, double measured) {
        const double a = layers / measured, b = head / measured;
        const double wanted = 1 - rest / measured - a - b;  // of the factors less one
        aa_ += a * a;
        ab_ += a * b;
        bb_ += b * b;
        aw_ += a * wanted;
        bw_ += b * wanted;
    }

    LayerFactors solve() const {
        const double aa = aa_ + row_error * row_error / (layer_spread * layer_spread);
        const double bb = bb_ + row_error * row_error / (head_spread * head_spread);
        const double determinant = aa * bb - ab_ * ab_;
        return {.layer =
                    std::clamp(1 + (aw_ * bb - bw_ * ab_) / determinant, least_factor, most_factor),
                .head = std::clamp(1 + (bw_ * aa - aw_ * ab_) / determinant, least_factor,
                                   most_factor)};
    }

   private:
    double aa_ = 0, ab_ = 0, bb_ = 0, aw_ = 0, bw_ = 0;
};

MeasuredLayer layer_of(CsvRow& row) {
    return {.chip = row.text(0),
            .framework = row.text(1),
            .layer = {.hidden = row.number(2, 0),
                      .ffn = row.number(3, 0),
                      .heads = row.number(4, 0),
                      .sequence = row.number(5, 0),
                      .tp = row.number(6, 1),
                      .cp = row.number(7, 1),
                      .micro_batch = row.number(8, 1),
                      .recompute = row.number(9, 0),
                      .fp8 = row.number(10, 0)},
            .factors = {.layer = row.number(11, 1), .head = row.number(12, 1)},
            .rows = row.number(13, 0)};
}

}  // namespace

LayerClass layer_class_of(const TrainJob& job, const TrainPlan& plan) {
    return {.hidden = job.model.hidden,
            .ffn = job.model.ffn,
            .heads = job.model.heads,
            .sequence = job.sequence,
            .tp = plan.tp,
            .cp = plan.cp,
            .micro_batch = plan.micro_batch,
            .recompute = static_cast<double>(plan.recompute),
            .fp8 = job.precision == Precision::fp8 ? 1.0 : 0.0};
}

MeasuredLayers::MeasuredLayers(std::vector<MeasuredLayer> layers) : layers_(std::move(layers)) {
    std::ranges::sort(layers_, [](const MeasuredLayer& left, const MeasuredLayer& right) {
        return key_of(left) < key_of(right);
    });
}

Result<MeasuredLayers> MeasuredLayers::parse(std::string path, std::string text) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_data_invalid"}, std::move(text), columns));
    return MeasuredLayers(TRY(rows_of(table, layer_of)));
}

const LayerFactors* MeasuredLayers::find(std::string_view chip, std::string_view framework,
                                         const LayerClass& layer) const {
    const auto wanted = std::tie(chip, framework, layer);
    const auto found = std::ranges::lower_bound(layers_, wanted, {}, [](const MeasuredLayer& one) {
        return std::tuple<std::string_view, std::string_view, const LayerClass&>(
            one.chip, one.framework, one.layer);
    });
    const bool is_it = found != layers_.end() && found->chip == chip &&
                       found->framework == framework && found->layer == layer;
    return is_it ? &found->factors : nullptr;
}

MeasuredLayers MeasuredLayers::with(std::string_view chip, std::string_view framework,
                                    const std::vector<MeasuredLayer>& layers) const {
    std::vector<MeasuredLayer> merged = layers;
    for (const MeasuredLayer& one : layers_)
        if (one.chip != chip || one.framework != framework) merged.push_back(one);
    return MeasuredLayers(std::move(merged));
}

std::vector<MeasuredLayer> fit_layers(std::span<const MeasuredStep> rows, const Machine& machine,
                                      std::string_view chip, std::string_view framework) {
    struct Class {
        TwoFactors factors;
        double rows = 0;
    };
    std::map<LayerClass, Class> classes;
    for (const MeasuredStep& row : rows) {
        // Between nodes other things err too, which are no fault of the layers.
        if (row.plan.chips() > machine.fabric.node.chips) continue;
        // A step is linear in both factors but where FSDP hides its exchange, and nearly so there.
        constexpr double small = 0.1;
        const auto step_s = [&](const LayerFactors& factors) {
            return train_step(row.job, row.plan, machine, factors).step_s;
        };
        const double whole = step_s({});
        const double layers = (step_s({.layer = 1 + small}) - whole) / small;
        const double head = (step_s({.head = 1 + small}) - whole) / small;
        Class& one = classes[layer_class_of(row.job, row.plan)];
        one.factors.add(layers, head, whole - layers - head, row.step_s);
        ++one.rows;
    }
    std::vector<MeasuredLayer> layers;
    for (const auto& [layer, one] : classes) {
        if (one.rows < least_rows) continue;
        layers.push_back({.chip = std::string(chip),
                          .framework = std::string(framework),
                          .layer = layer,
                          .factors = one.factors.solve(),
                          .rows = one.rows});
    }
    return layers;
}

std::string write_measured_layers(const std::vector<MeasuredLayer>& layers) {
    std::string text;
    for (const std::string_view column : columns)
        text += fmt::format("{}{}", text.empty() ? "" : ",", column);
    text += '\n';
    for (const MeasuredLayer& one : layers) {
        const LayerClass& layer = one.layer;
        text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{:.4f},{:.4f},{}\n", one.chip,
                            one.framework, layer.hidden, layer.ffn, layer.heads, layer.sequence,
                            layer.tp, layer.cp, layer.micro_batch, layer.recompute, layer.fp8,
                            one.factors.layer, one.factors.head, one.rows);
    }
    return text;
}

}  // namespace dayu::plan
