#include "plan/train_rows.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 29> columns{
    "id",     "group",     "model",       "layers",
    "hidden", "ffn",       "heads",       "kv_heads",
    "vocab",  "experts",   "topk",        "seq",
    "chip",   "chips",     "tp",          "pp",
    "vpp",    "cp",        "ep",          "dp",
    "mbs",    "gbs",       "sharding",    "recompute",
    "task",   "precision", "step_time_s", "tokens_per_s_per_chip",
    "split"};

enum Column : std::size_t {
    id_at,
    group_at,
    model_at,
    layers_at,
    hidden_at,
    ffn_at,
    heads_at,
    kv_heads_at,
    vocab_at,
    experts_at,
    topk_at,
    seq_at,
    chip_at,
    chips_at,
    tp_at,
    pp_at,
    vpp_at,
    cp_at,
    ep_at,
    dp_at,
    mbs_at,
    gbs_at,
    sharding_at,
    recompute_at,
    task_at,
    precision_at,
    step_at,
    rate_at,
    split_at
};

constexpr double default_vocabulary = 51200;
constexpr double plain_ffn_ratio = 4;  // of hidden: an MLP of this width is not gated

bool contains(std::string_view text, std::string_view part) {
    return std::ranges::search(text, part, [](unsigned char a, unsigned char b) {
               return std::tolower(a) == std::tolower(b);
           }).begin() != text.end();
}

// Known by name, with what the row says itself taken from the row.
Transformer model_of(CsvRow& row, const Transformer* known) {
    Transformer model = known != nullptr ? *known : Transformer{};
    const bool is_other_shape =
        known == nullptr || model.hidden != row.number(hidden_at, model.hidden);
    model.layers = row.number(layers_at, model.layers);
    model.hidden = row.number(hidden_at, model.hidden);
    model.vocabulary =
        row.number(vocab_at, known != nullptr ? model.vocabulary : default_vocabulary);
    if (is_other_shape) {
        model.heads = row.number(heads_at, model.heads);
        const double head_width = model.heads > 0 ? model.hidden / model.heads : 0;
        model.query_width = model.output_width = model.hidden;
        model.key_value_width = 2 * head_width * row.number(kv_heads_at, model.heads);
        model.ffn = row.number(ffn_at, plain_ffn_ratio * model.hidden);
        model.ffn_matrices = model.ffn == plain_ffn_ratio * model.hidden ? 2 : 3;
        model.ties_embeddings = model.has_position_table = model.ffn_matrices == 2;
        model.experts = row.number(experts_at, 0);
        model.experts_per_token = row.number(topk_at, 0);
        if (model.experts > 0) {
            model.sparse_layers = model.layers;
            model.expert_ffn = model.ffn;
        }
    } else if (model.experts > 0) {
        model.sparse_layers = std::min(model.sparse_layers, model.layers);
    } else {
        model.ffn = row.number(ffn_at, model.ffn);
    }
    return model;
}

double zero_of(std::string_view sharding) {
    if (contains(sharding, "zero2")) return 2;
    if (contains(sharding, "zero3") || contains(sharding, "fsdp")) return 3;
    return contains(sharding, "dist-opt") || contains(sharding, "zero1") ? 1 : 0;
}

Recompute recompute_of(std::string_view word) {
    if (contains(word, "full")) return Recompute::full;
    return contains(word, "selective") ? Recompute::selective : Recompute::none;
}

TrainPlan plan_of(CsvRow& row) {
    TrainPlan plan;
    plan.tp = row.number(tp_at, 1);
    plan.pp = row.number(pp_at, 1);
    // "interleaved" without a number: two, the least that it can be.
    plan.vpp = row.text(vpp_at) == "interleaved" ? 2 : row.number(vpp_at, 1);
    plan.cp = row.number(cp_at, 1);
    plan.ep = row.number(ep_at, 1);
    plan.dp =
        row.number(dp_at, std::max(1.0, row.number(chips_at, 1) / (plan.tp * plan.pp * plan.cp)));
    plan.zero = zero_of(row.text(sharding_at));
    plan.micro_batch = row.number(mbs_at, 1);
    plan.recompute = recompute_of(row.text(recompute_at));
    plan.sequence_parallel = contains(row.text(recompute_at), "SP");
    return plan;
}

std::string missing_of(const CsvRow& row, const TrainRow& read) {
    if (read.job.model.layers <= 0 || read.job.model.hidden <= 0 || read.job.model.heads <= 0)
        return "layers, hidden or heads, and the model is not known by its name";
    if (read.job.sequence <= 0) return "seq";
    if (row.is_empty(tp_at) || row.is_empty(pp_at)) return "tp or pp: the plan is not known";
    if (row.is_empty(gbs_at)) return "gbs";
    if (read.chips <= 0) return "chips";
    if (read.plan.chips() != read.chips)
        return fmt::format("a plan for {:.0f} chips; tp x pp x cp x dp are {:.0f}", read.chips,
                           read.plan.chips());
    return {};
}

TrainRow row_of(CsvRow& row, const KnownModels& known) {
    TrainRow read;
    read.id = row.text(id_at);
    read.family = row.text(group_at);
    read.model = row.text(model_at);
    read.chip = row.text(chip_at);
    read.split = row.text(split_at);
    read.chips = row.number(chips_at, 0);
    read.job.model = model_of(row, known.find(read.model));
    read.job.sequence = row.text(seq_at) == "dynamic" ? 0 : row.number(seq_at, 0);
    read.job.global_batch = row.number(gbs_at, 0);
    if (contains(row.text(precision_at), "fp8")) read.job.precision = Precision::fp8;
    const std::string task = row.text(task_at);
    if (contains(task, "lora")) read.job.task = TrainTask::lora;
    if (contains(task, "sft") || contains(task, "full")) read.job.task = TrainTask::finetune;
    read.plan = plan_of(row);
    read.missing = missing_of(row, read);
    read.measured_step_s = row.number(step_at, 0);
    const double rate = row.number(rate_at, 0);
    if (read.measured_step_s <= 0 && rate > 0 && read.chips > 0)
        read.measured_step_s = read.job.global_batch * read.job.sequence / (rate * read.chips);
    read.question = fmt::format("{}/{}/{}/{}/{}/{}", read.family, read.model, read.chip, read.chips,
                                read.job.global_batch, read.job.sequence);
    return read;
}

}  // namespace

Result<std::vector<TrainRow>> parse_train_rows(std::string path, std::string text,
                                               const KnownModels& known) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_rows_invalid"}, std::move(text), columns));
    return rows_of(table, [&](CsvRow& row) { return row_of(row, known); });
}

}  // namespace dayu::plan
