#include "plan/serve_rows.h"

#include <algorithm>
#include <array>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 34> columns{"id",
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
                                                   "concurrency"};

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
    concurrency_at
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

ServePlan plan_of(CsvRow& row, std::size_t first) {
    const auto size = [&](std::size_t offset) {
        return std::max(1.0, row.number(first + offset, 1));
    };
    ServePlan plan{.tp = size(0),
                   .pp = size(1),
                   .attention_dp = size(2),
                   .moe_tp = size(3),
                   .moe_ep = size(4)};
    if (plan.moe_tp > 1 && plan.moe_tp == plan.moe_ep &&
        plan.tp * plan.attention_dp == plan.moe_tp * plan.moe_ep) {
        (plan.tp > 1 ? plan.tp : plan.attention_dp) = plan.moe_ep;
        plan.moe_tp = 1;
    }
    // What the experts are divided over is what attention stands on.
    if (plan.moe_tp * plan.moe_ep < plan.tp * plan.attention_dp)
        plan.moe_ep = plan.tp * plan.attention_dp / plan.moe_tp;
    set_formats(row, plan);
    return plan;
}

std::string missing_of(const ServeRow& read, const Transformer* known) {
    if (known == nullptr) return "a model that data/plan/models.csv knows: " + read.model;
    if (read.load.isl <= 0 || read.load.osl <= 0) return "isl or osl";
    if (read.concurrency <= 0) return "concurrency or batch_size";
    return {};
}

// Of a row that leaves it out: what the batches of its workers hold.
double concurrency_of(CsvRow& row, bool is_split) {
    const double batches = is_split
                               ? row.number(decode_batch_at, 0) * row.number(decode_workers_at, 1)
                               : row.number(batch_at, 0);
    return row.number(concurrency_at, batches);
}

ServeRow row_of(CsvRow& row, const KnownModels& known) {
    ServeRow read;
    read.id = row.text(id_at);
    read.model = row.text(model_at);
    read.chip = row.text(system_at);
    read.engine = row.text(backend_at);
    read.version = row.text(version_at);
    const Transformer* const shape = known.find(read.model);
    if (shape != nullptr) read.shape = *shape;
    const bool is_split = row.text(mode_at) == "disagg";
    if (is_split) {
        read.split = SplitPlan{.prefill = plan_of(row, prefill_plan_at),
                               .prefill_workers = std::max(1.0, row.number(prefill_workers_at, 1)),
                               .decode = plan_of(row, decode_plan_at),
                               .decode_workers = std::max(1.0, row.number(decode_workers_at, 1))};
    } else {
        read.plan = plan_of(row, plan_at);
    }
    read.family = is_split ? "disaggregated" : read.shape.experts > 0 ? "moe" : "dense";
    read.load = {.isl = row.number(isl_at, 0), .osl = row.number(osl_at, 0)};
    read.concurrency = concurrency_of(row, is_split);
    read.missing = missing_of(read, shape);
    read.measured_ttft_s = milli * row.number(ttft_at, 0);
    read.measured_tpot_s = milli * row.number(tpot_at, 0);
    return read;
}

}  // namespace

Result<std::vector<ServeRow>> parse_serve_rows(std::string path, std::string text,
                                               const KnownModels& known) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_rows_invalid"}, std::move(text), columns));
    return rows_of(table, [&](CsvRow& row) { return row_of(row, known); });
}

}  // namespace dayu::plan
