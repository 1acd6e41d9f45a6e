#include "plan/serve_rows.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/csv.h"
#include "plan/csv_row.h"
#include "plan/serve/row_plan.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 35> columns{"id",
                                                   "backend",
                                                   "backend_version",
                                                   "model_path",
                                                   "system",
                                                   "precision",
                                                   "mode",
                                                   "isl",
                                                   "osl",
                                                   "gemm_quant_mode",
                                                   "moe_quant_mode",
                                                   "batch_size",
                                                   "tp_size",
                                                   "pp_size",
                                                   "attention_dp_size",
                                                   "moe_tp_size",
                                                   "moe_ep_size",
                                                   "prefill_batch_size",
                                                   "prefill_num_workers",
                                                   "prefill_tp_size",
                                                   "prefill_pp_size",
                                                   "prefill_attention_dp_size",
                                                   "prefill_moe_tp_size",
                                                   "prefill_moe_ep_size",
                                                   "decode_batch_size",
                                                   "decode_num_workers",
                                                   "decode_tp_size",
                                                   "decode_pp_size",
                                                   "decode_attention_dp_size",
                                                   "decode_moe_tp_size",
                                                   "decode_moe_ep_size",
                                                   "silicon_ttft_ms",
                                                   "silicon_tpot_ms",
                                                   "concurrency",
                                                   "measured"};

enum Column : std::size_t {
    id_at,
    backend_at,
    version_at,
    model_at,
    system_at,
    precision_at,
    mode_at,
    isl_at,
    osl_at,
    products_at,
    experts_at,
    batch_at,
    plan_at,  // tp, pp, attention_dp, moe_tp, moe_ep
    prefill_batch_at = plan_at + 5,
    prefill_workers_at,
    prefill_plan_at,
    decode_batch_at = prefill_plan_at + 5,
    decode_workers_at,
    decode_plan_at,
    ttft_at = decode_plan_at + 5,
    tpot_at,
    concurrency_at,
    date_at
};

constexpr double milli = 1e-3;

NumberFormat format_of(std::string_view word) {
    if (word.find("fp4") != std::string_view::npos) return NumberFormat::fp4;
    if (word.find("fp8") != std::string_view::npos) return NumberFormat::fp8;
    if (word.find("int4") != std::string_view::npos) return NumberFormat::int4;
    return NumberFormat::bf16;
}

// What its name says of weights that the columns leave out.
std::string_view precision_of(std::string_view model, std::string_view column) {
    if (!column.empty()) return column;
    for (const std::string_view word : {"NVFP4", "FP8"})
        if (model.find(word) != std::string_view::npos) return word == "FP8" ? "fp8" : "fp4";
    return "bf16";
}

void set_formats(CsvRow& row, ServePlan& plan) {
    const std::string precision(precision_of(row.text(model_at), row.text(precision_at)));
    const auto said = [&](std::size_t column) {
        return format_of(row.is_empty(column) ? precision : row.text(column));
    };
    plan.products = said(products_at);
    plan.experts = said(experts_at);
    // Engines keep keys and values in eight bits where products are in eight or fewer.
    plan.cache = plan.products == NumberFormat::bf16 || plan.products == NumberFormat::int4
                     ? NumberFormat::bf16
                     : NumberFormat::fp8;
}

serve::WrittenPlan written_at(CsvRow& row, std::size_t first, double workers) {
    return {.workers = workers,
            .tp = row.number(first, 0),
            .pp = row.number(first + 1, 0),
            .attention_dp = row.number(first + 2, 0),
            .moe_tp = row.number(first + 3, 0),
            .moe_ep = row.number(first + 4, 0)};
}

SplitPlan written_split(CsvRow& row, const Transformer& model, double concurrency) {
    const double workers = row.number(decode_workers_at, 0);
    const serve::AnswerPool answers =
        serve::answer_pool_of(written_at(row, decode_plan_at, workers), model, concurrency);
    return {.prefill = serve::worker_plan_of(written_at(row, prefill_plan_at, 1), model),
            .prefill_workers = row.number(prefill_workers_at, 0),
            .decode = answers.plan,
            .decode_workers = answers.workers};
}

SplitRun split_run_of(CsvRow& row, const ServeRow& read) {
    const auto chips = [](const serve::WrittenPlan& plan) {
        const double said = std::max(1.0, plan.tp) * std::max(1.0, plan.attention_dp);
        return said > 1 ? said : 0;
    };
    const serve::WrittenPlan prefill = written_at(row, prefill_plan_at, 0);
    return {.engine = read.engine,
            .version = read.version,
            .model = read.model,
            .chip = read.chip,
            .precision = row.text(precision_at),
            .isl = read.load.isl,
            .osl = read.load.osl,
            .concurrency = read.concurrency,
            .prefill_workers = row.number(prefill_workers_at, 0),
            .decode_workers = row.number(decode_workers_at, 0),
            .prefill_chips = chips(prefill),
            .decode_chips = chips(written_at(row, decode_plan_at, 0)),
            .prefill_experts = prefill.moe_ep};
}

// A row that says its workers keeps them, and takes from the recipe how many sequences they decode; none of those drafts.
std::vector<SplitPlan> splits_of(CsvRow& row, const ServeRow& read, const ServeRecipes& recipes) {
    SplitPlan written = written_split(row, read.shape, read.concurrency);
    std::vector<SplitPlan> plans = recipes.plans_of(split_run_of(row, read));
    if (plans.empty()) return {written};
    if (row.is_empty(decode_workers_at)) return plans;
    written.places = std::ranges::min(plans, {}, &SplitPlan::drafts).places;
    return {written};
}

// Mixtures of experts are published with 4-bit experts alone; the rest stays in 16 bits.
void set_formats(CsvRow& row, bool has_experts, ServePlan& plan) {
    set_formats(row, plan);
    if (has_experts && bytes_of(plan.products) < 1) plan.products = NumberFormat::bf16;
}

void set_plan(ServeRow& read, CsvRow& row, const ServeRecipes& recipes) {
    const bool has_experts = read.shape.experts > 0;
    if (row.text(mode_at) == "disagg") {
        read.splits = splits_of(row, read, recipes);
    } else {
        read.plan = serve::engine_plan_of(written_at(row, plan_at, 1), read.shape);
        if (const auto hidden = serve::hidden_split(read.plan)) read.splits = {*hidden};
    }
    set_formats(row, has_experts, read.plan);
    for (SplitPlan& split : read.splits) {
        set_formats(row, has_experts, split.prefill);
        set_formats(row, has_experts, split.decode);
    }
}

std::string missing_of(const ServeRow& read, const Transformer* known) {
    if (known == nullptr) return "a model that data/plan/models.csv knows: " + read.model;
    if (read.load.isl <= 0 || read.load.osl <= 0) return "isl or osl";
    if (read.concurrency <= 0) return "concurrency or batch_size";
    return {};
}

// Of a row that leaves it out: what the batches of its workers hold. More than a batch is shared by several replicas.
double concurrency_of(CsvRow& row, bool has_experts) {
    if (row.text(mode_at) == "disagg") {
        const double batches = row.number(decode_batch_at, 0) * row.number(decode_workers_at, 1);
        return row.number(concurrency_at, batches);
    }
    const double batch = row.number(batch_at, 0);
    const double concurrency = row.number(concurrency_at, batch);
    return !has_experts && batch > 0 ? std::min(concurrency, batch) : concurrency;
}

ServeRow row_of(CsvRow& row, const KnownModels& known, const ServeHarnesses& harnesses,
                const ServeRecipes& recipes) {
    ServeRow read;
    read.id = row.text(id_at);
    read.model = row.text(model_at);
    read.chip = row.text(system_at);
    read.engine = row.text(backend_at);
    read.version = row.text(version_at);
    const Transformer* const shape = known.find_path(read.model);
    if (shape != nullptr) read.shape = *shape;
    read.load = {.isl = row.number(isl_at, 0), .osl = row.number(osl_at, 0)};
    read.concurrency = concurrency_of(row, read.shape.experts > 0);
    set_plan(read, row, recipes);
    read.family = read.is_split() ? "disaggregated" : read.shape.experts > 0 ? "moe" : "dense";
    const std::string date = row.text(date_at);
    read.habits = harnesses.habits_of({.engine = read.engine,
                                       .version = read.version,
                                       .model = read.model,
                                       .date = date,
                                       .isl = read.load.isl,
                                       .osl = read.load.osl,
                                       .is_split = row.text(mode_at) == "disagg",
                                       .says_workers = !row.is_empty(decode_workers_at)});
    read.load.isl *= read.habits.length_part;
    read.load.osl *= read.habits.length_part;
    read.load.prefix_hit = read.habits.prefix_hit;
    read.missing = missing_of(read, shape);
    read.measured_ttft_s = milli * row.number(ttft_at, 0);
    read.measured_tpot_s = milli * row.number(tpot_at, 0);
    return read;
}

constexpr std::array<std::string_view, 8> splitwise_columns{
    "model",      "hardware",    "prompt_size", "batch_size",
    "token_size", "prompt_time", "token_time",  "tensor_parallel"};

enum SplitwiseColumn : std::size_t {
    splitwise_model_at,
    hardware_at,
    prompt_size_at,
    batch_size_at,
    token_size_at,
    prompt_time_at,
    token_time_at,
    tensor_parallel_at
};

ServeRow splitwise_row_of(CsvRow& row, const KnownModels& known) {
    ServeRow read;
    read.family = read.engine = "splitwise";
    read.model = row.text(splitwise_model_at);
    read.chip = row.text(hardware_at);
    const Transformer* const shape = known.find_path(read.model);
    if (shape != nullptr) read.shape = *shape;
    read.is_batch = true;
    read.plan.tp = std::max(1.0, row.number(tensor_parallel_at, 1));
    read.load = {.isl = row.number(prompt_size_at, 0), .osl = row.number(token_size_at, 0)};
    read.concurrency = row.number(batch_size_at, 0);
    read.id = fmt::format("{}_{}_tp{}_{}x{}_b{}", read.model, read.chip, read.plan.tp,
                          read.load.isl, read.load.osl, read.concurrency);
    read.missing = missing_of(read, shape);
    read.measured_ttft_s = milli * row.number(prompt_time_at, 0);
    read.measured_tpot_s = milli * row.number(token_time_at, 0);
    return read;
}

bool is_of_splitwise(std::string_view text) {
    return text.substr(0, text.find('\n')).find("prompt_time") != std::string_view::npos;
}

}  // namespace

Result<std::vector<ServeRow>> parse_serve_rows(std::string path, std::string text,
                                               const KnownModels& known,
                                               const ServeHarnesses& harnesses,
                                               const ServeRecipes& recipes) {
    const bool is_splitwise = is_of_splitwise(text);
    const std::span<const std::string_view> wanted =
        is_splitwise ? std::span<const std::string_view>(splitwise_columns) : columns;
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_rows_invalid"}, std::move(text), wanted));
    return rows_of(table, [&](CsvRow& row) {
        return is_splitwise ? splitwise_row_of(row, known) : row_of(row, known, harnesses, recipes);
    });
}

}  // namespace dayu::plan
