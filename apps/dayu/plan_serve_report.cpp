#include "dayu/plan_serve_report.h"

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/output.h"

namespace dayu::app {
namespace {

constexpr double ms_per_s = 1000;

std::int64_t whole(double count) { return static_cast<std::int64_t>(count); }

void add_spread(std::vector<Figure>& figures, const std::string& name, const plan::Spread& spread) {
    figures.push_back({name + "_mean_ms", spread.mean * ms_per_s});
    figures.push_back({name + "_p50_ms", spread.p50 * ms_per_s});
    figures.push_back({name + "_p90_ms", spread.p90 * ms_per_s});
    figures.push_back({name + "_p99_ms", spread.p99 * ms_per_s});
}

void add_interval(std::vector<Figure>& figures, const std::string& name, double value,
                  const plan::Estimate& estimate) {
    figures.push_back({name + "_low", value * estimate.low / estimate.value});
    figures.push_back({name + "_high", value * estimate.high / estimate.value});
}

void add_plan(std::vector<Figure>& figures, const std::string& pool, const plan::ServePlan& plan,
              double replicas) {
    figures.push_back({pool + "replicas", whole(replicas)});
    figures.push_back({pool + "tp", whole(plan.tp)});
    figures.push_back({pool + "pp", whole(plan.pp)});
    figures.push_back({pool + "attention_dp", whole(plan.attention_dp)});
    figures.push_back({pool + "moe_tp", whole(plan.moe_tp)});
    figures.push_back({pool + "moe_ep", whole(plan.moe_ep)});
    figures.push_back({pool + "precision", std::string(word_of(plan.products))});
    figures.push_back({pool + "cache_precision", std::string(word_of(plan.cache))});
}

std::vector<Figure> figures_of(const ServeQuestion& question, const ServeAnswer& answer) {
    const plan::ServeOffer& offer = answer.confirmed.offer;
    const plan::ReplayFigures& replay = answer.confirmed.figures;
    const plan::ServePrice& price = answer.price;
    const plan::ServeBasis& basis = answer.place->basis;
    std::vector<Figure> figures{{"chip", basis.chip->name},
                                {"center", answer.place->center},
                                {"pool", answer.place->pool},
                                {"evidence", std::string(letter_of(basis.grade))},
                                {"evidence_words", std::string(description_of(basis.grade))},
                                {"framework", basis.calibration->engine},
                                {"plan", words_of(offer)},
                                {"disaggregated", offer.is_split()},
                                {"chips", whole(offer.chips())}};
    add_plan(figures, "", offer.plan, offer.replicas);
    if (offer.is_split()) add_plan(figures, "decode_", offer.decode_plan, offer.decode_replicas);
    add_spread(figures, "ttft", replay.ttft_s);
    add_interval(figures, "ttft_mean_ms", replay.ttft_s.mean * ms_per_s,
                 basis.ttft(1, offer.is_split()));
    add_spread(figures, "tpot", replay.tpot_s);
    add_interval(figures, "tpot_mean_ms", replay.tpot_s.mean * ms_per_s,
                 basis.tpot(1, offer.is_split()));
    add_spread(figures, "e2e", replay.e2e_s);
    add_spread(figures, "queue", replay.queue_s);
    const std::vector<Figure> rest{{"ttft_steady_ms", offer.ttft_s * ms_per_s},
                                   {"tpot_steady_ms", offer.tpot_s * ms_per_s},
                                   {"quantile", question.job.targets.quantile},
                                   {"attainment_pct", 100 * replay.attainment},
                                   {"goodput_per_s", replay.goodput},
                                   {"rate_per_s", question.job.rate},
                                   {"requests", static_cast<std::int64_t>(replay.requests)},
                                   {"preemptions", static_cast<std::int64_t>(replay.preemptions)},
                                   {"tokens_per_s", replay.tokens_per_s},
                                   {"answer_tokens_per_s", replay.answer_tokens_per_s},
                                   {"busy_pct", 100 * replay.busy_part},
                                   {"cache_hit_pct", 100 * replay.cache_hit_part},
                                   {"cache_use_pct", 100 * offer.cache_part},
                                   {"cache_peak_pct", 100 * replay.cache_peak_part},
                                   {"cost_yuan_per_h", price.yuan_per_h},
                                   {"cost_yuan_per_million_tokens", price.yuan_per_million_tokens}};
    figures.insert(figures.end(), rest.begin(), rest.end());
    add_interval(figures, "cost_yuan_per_million_tokens", price.yuan_per_million_tokens,
                 basis.tpot(1, offer.is_split()));
    figures.push_back(
        {"cost_yuan_per_million_output_tokens", price.yuan_per_million_answer_tokens});
    figures.push_back({"joule_per_token", price.joule_per_token});
    figures.push_back({"carbon_kg_per_million_tokens", price.carbon_kg_per_million_tokens});
    figures.push_back({"is_pareto", answer.is_pareto});
    if (!answer.launch.empty()) figures.push_back({"launch", answer.launch});
    if (!answer.decode_launch.empty()) figures.push_back({"decode_launch", answer.decode_launch});
    return figures;
}

// Nothing is known of a price, or of carbon, that was not given.
std::string known_or_dash(double value) { return value > 0 ? fmt::format("{:.3g}", value) : "-"; }

std::string place_of(const ServePlace& place) {
    return place.center.empty() ? place.basis.chip->name
                                : fmt::format("{} {}", place.center, place.basis.chip->name);
}

void print_lists(const ServeQuestion& question, const ServeReport& report) {
    FigureList plans, front, passed;
    for (const ServeAnswer& answer : report.answers) {
        plans.push_back(figures_of(question, answer));
        if (answer.is_pareto) front.push_back(plans.back());
    }
    for (const PassedPlace& place : report.passed) {
        passed.push_back({{"chip", place.place->basis.chip->name},
                          {"center", place.place->center},
                          {"pool", place.place->pool},
                          {"reason", place.reason}});
    }
    print_figure_lists({{"plans", plans}, {"pareto", front}, {"passed", passed}});
}

void print_rows(const Globals& globals, const ServeQuestion& question,
                const std::vector<ServeAnswer>& answers) {
    using Kind = Column::Kind;
    const std::string at = fmt::format("P{:.4g}", 100 * question.job.targets.quantile);
    Table table({{"CHIP"},
                 {"PLAN"},
                 {"CHIPS", Kind::number},
                 {"TTFT MS", Kind::number},
                 {at, Kind::number},
                 {"TPOT MS", Kind::number},
                 {at, Kind::number},
                 {"90 %", Kind::number},
                 {"KV %", Kind::number},
                 {"YUAN/M", Kind::number},
                 {"OUTPUT", Kind::number},
                 {"J/TOKEN", Kind::number},
                 {"KGCO2E/M", Kind::number},
                 {"PARETO"},
                 {"EVIDENCE"}});
    for (const ServeAnswer& answer : answers) {
        const plan::ReplayFigures& replay = answer.confirmed.figures;
        const plan::Estimate tpot = answer.place->basis.tpot(replay.tpot_s.mean * ms_per_s,
                                                             answer.confirmed.offer.is_split());
        table.add({place_of(*answer.place), words_of(answer.confirmed.offer),
                   fmt::format("{:.0f}", answer.confirmed.offer.chips()),
                   fmt::format("{:.0f}", replay.ttft_s.mean * ms_per_s),
                   fmt::format("{:.0f}", replay.ttft_s.at_quantile * ms_per_s),
                   fmt::format("{:.1f}", tpot.value),
                   fmt::format("{:.1f}", replay.tpot_s.at_quantile * ms_per_s),
                   fmt::format("{:.1f}-{:.1f}", tpot.low, tpot.high),
                   fmt::format("{:.0f}", 100 * replay.cache_peak_part),
                   known_or_dash(answer.price.yuan_per_million_tokens),
                   known_or_dash(answer.price.yuan_per_million_answer_tokens),
                   fmt::format("{:.2g}", answer.price.joule_per_token),
                   known_or_dash(answer.price.carbon_kg_per_million_tokens),
                   answer.is_pareto ? "yes" : "",
                   std::string(description_of(answer.place->basis.grade))});
    }
    print_table(globals, table);
}

}  // namespace

void print_serve_report(const Globals& globals, const ServeQuestion& question,
                        const ServeReport& report) {
    if (is_structured(globals)) return print_lists(question, report);
    print_rows(globals, question, report.answers);
    const ServeAnswer& first = report.answers.front();
    if (!first.launch.empty()) print_line("\n" + first.launch);
    if (!first.decode_launch.empty()) print_line(first.decode_launch);
    for (const PassedPlace& passed : report.passed)
        remark(fmt::format("{}: {}", place_of(*passed.place), passed.reason));
}

}  // namespace dayu::app
