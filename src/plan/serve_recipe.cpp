#include "plan/serve_recipe.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "base/csv.h"
#include "plan/csv_row.h"

namespace dayu::plan {
namespace {

constexpr std::array<std::string_view, 15> columns{
    "engine", "version",     "model",           "chip",         "precision",      "isl",
    "osl",    "concurrency", "prefill_workers", "prefill_plan", "decode_workers", "decode_plan",
    "places", "drafts",      "accepted"};
enum Column : std::size_t {
    engine_at,
    version_at,
    model_at,
    chip_at,
    precision_at,
    isl_at,
    osl_at,
    concurrency_at,
    prefill_workers_at,
    prefill_plan_at,
    decode_workers_at,
    decode_plan_at,
    places_at,
    drafts_at,
    accepted_at
};

// How attention and experts stand on the chips of a plan's word.
struct Shape {
    std::string_view word;
    bool has_attention_beside = false;
    bool spreads_experts = false;
};
constexpr std::array<Shape, 4> shapes{
    {{"tp", false, false}, {"tep", false, true}, {"dep", true, true}, {"dp", true, false}}};

ServePlan plan_of(CsvRow& row, std::size_t column) {
    const std::string text = row.text(column);
    const std::size_t digits = std::min(text.find_first_of("0123456789"), text.size());
    const auto shape = std::ranges::find(shapes, text.substr(0, digits), &Shape::word);
    unsigned chips = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + digits, end, chips);
    if (shape == shapes.end() || read.ptr != end || chips == 0) {
        row.refuse(column, "tp, tep, dep or dp with a number of chips");
        return {};
    }
    ServePlan plan;
    (shape->has_attention_beside ? plan.attention_dp : plan.tp) = chips;
    (shape->spreads_experts ? plan.moe_ep : plan.moe_tp) = chips;
    return plan;
}

bool is_said(double said, double is) { return said == 0 || said == is; }

}  // namespace

Result<ServeRecipes> ServeRecipes::parse(std::string path, std::string text) {
    const CsvTable table = TRY(CsvTable::parse(
        {.path = std::move(path), .error_code = "plan_data_invalid"}, std::move(text), columns));
    ServeRecipes recipes;
    recipes.recipes_ = TRY(rows_of(table, [](CsvRow& row) {
        return Recipe{.versions = row.list(version_at),
                      .models = row.list(model_at),
                      .engine = row.text(engine_at),
                      .chip = row.text(chip_at),
                      .precision = row.text(precision_at),
                      .isl = row.number(isl_at, 0),
                      .osl = row.number(osl_at, 0),
                      .concurrencies = row.list(concurrency_at),
                      .plan = {.prefill = plan_of(row, prefill_plan_at),
                               .prefill_workers = row.number(prefill_workers_at, 1),
                               .decode = plan_of(row, decode_plan_at),
                               .decode_workers = row.number(decode_workers_at, 1),
                               .places = row.number(places_at, 0),
                               .drafts = row.number(drafts_at, 0),
                               .accepted = std::max(1.0, row.number(accepted_at, 1))}};
    }));
    return recipes;
}

bool ServeRecipes::Recipe::is_of_version(std::string_view version) const {
    return std::ranges::find(versions, version.empty() ? "none" : version) != versions.end();
}

bool ServeRecipes::Recipe::has_shape_of(const SplitRun& run) const {
    const double prefill = plan.prefill.chips(), decode = plan.decode.chips();
    if (run.decode_workers > 0) {
        return run.decode_workers == plan.decode_workers && is_said(run.decode_chips, decode) &&
               is_said(run.prefill_workers, plan.prefill_workers) &&
               is_said(run.prefill_chips, prefill);
    }
    const double all = plan.prefill_workers * prefill + plan.decode_workers * decode;
    if (run.decode_chips == all && run.prefill_chips == all) return true;
    if (run.decode_chips == 0 && run.prefill_chips == 0) return true;
    return is_said(run.decode_chips, decode) && is_said(run.prefill_chips, prefill) &&
           is_said(run.prefill_experts, plan.prefill.moe_ep);
}

bool ServeRecipes::Recipe::fits(const SplitRun& run) const {
    return engine == run.engine && chip == run.chip && precision == run.precision &&
           isl == run.isl && osl == run.osl &&
           std::ranges::any_of(models, [&](const auto& one) { return run.model.ends_with(one); }) &&
           std::ranges::find(concurrencies, fmt::format("{}", run.concurrency)) !=
               concurrencies.end() &&
           has_shape_of(run);
}

std::vector<SplitPlan> ServeRecipes::plans_of(const SplitRun& run) const {
    std::vector<SplitPlan> of_version, of_any;
    for (const Recipe& recipe : recipes_) {
        if (!recipe.fits(run)) continue;
        (recipe.is_of_version(run.version) ? of_version : of_any).push_back(recipe.plan);
    }
    return of_version.empty() ? of_any : of_version;
}

}  // namespace dayu::plan
