#include "dayu/plan_train_report.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/core.h>

#include "dayu/figures.h"
#include "dayu/output.h"
#include "plan/plan_words.h"

namespace dayu::app {
namespace {

using plan::TrainOffer;

constexpr double gibi = 1073741824.0;
constexpr double chips_per_server = 8;  // of the usual one; a switch may join those of many

std::int64_t whole(double count) { return static_cast<std::int64_t>(count); }

double mfu_of(const TrainReport& report, const TrainOffer& offer) {
    const plan::TrainPlace& place = report.places[offer.place];
    const plan::Machine& machine = place.basis.machine;
    const plan::TrainJob& job = report.question.job;
    const bool is_fp8 = job.precision == plan::Precision::fp8 && machine.fp8_peak > 0;
    const double peak = is_fp8 ? machine.fp8_peak : machine.peak;
    return plan::model_flops(job, true) / (offer.step_s.value * place.chips * peak);
}

double chips_per_node(const PlanSite& site) {
    if (site.chips_per_node > 0) return site.chips_per_node;
    return std::min(site.chip->fabric.node.chips, chips_per_server);
}

// The command line that starts the offer's plan.
Result<std::string> launch_line(const TrainReport& report, const TrainOffer& offer,
                                const plan::Launchers& launchers) {
    const PlanSite& site = report.sites[offer.place];
    const plan::TrainLaunch setting{.launcher = TRY(launchers.for_training(site.chip->name)),
                                    .tokens = report.question.run.tokens,
                                    .chips_per_node = chips_per_node(site)};
    return shell_line(TRY(plan::launch_training(report.question.job, offer.ranked.plan, setting)));
}

// Of both kinds together; empty where no framework has both, or their nodes differ.
Result<std::string> launch_line(const TrainReport& report, const plan::MixedOffer& offer,
                                const plan::Launchers& launchers) {
    const PlanSite& one = report.sites[offer.places[0]];
    const PlanSite& other = report.sites[offer.places[1]];
    const plan::TrainLauncher launcher = TRY(launchers.for_training(one.chip->name));
    const bool is_one_job = launcher == TRY(launchers.for_training(other.chip->name)) &&
                            chips_per_node(one) == chips_per_node(other);
    if (!is_one_job) return std::string();
    const plan::TrainLaunch setting{
        .launcher = launcher,
        .tokens = report.question.run.tokens,
        .chips_per_node = chips_per_node(one),
        .stage_layers = stage_layers(report.question.job.model, offer.mixed)};
    return shell_line(TRY(plan::launch_training(report.question.job, offer.mixed.plan, setting)));
}

// Where, on what, and whether something else there is better in no way.
std::vector<Figure> figures_of_place(const TrainReport& report, const TrainOffer& offer) {
    const PlanSite& site = report.sites[offer.place];
    std::vector<Figure> figures;
    if (!site.center.empty()) {
        figures = {{"center", site.center},
                   {"pool", site.pool},
                   {"chips_free", whole(site.free_chips)},
                   {"chips_total", whole(site.chips)},
                   {"note", site.note}};
    }
    figures.push_back({"chip", site.chip->name});
    figures.push_back({"chips", whole(report.places[offer.place].chips)});
    figures.push_back({"plan", words_of(offer.ranked.plan)});
    return figures;
}

void add_plan(std::vector<Figure>& figures, const plan::TrainPlan& plan) {
    const std::vector<Figure> more{{"tp", whole(plan.tp)},
                                   {"pp", whole(plan.pp)},
                                   {"vpp", whole(plan.vpp)},
                                   {"dp", whole(plan.dp)},
                                   {"cp", whole(plan.cp)},
                                   {"ep", whole(plan.ep)},
                                   {"zero", whole(plan.zero)},
                                   {"micro_batch", whole(plan.micro_batch)},
                                   {"recompute", std::string(words_of(plan.recompute))},
                                   {"sequence_parallel", plan.sequence_parallel}};
    figures.insert(figures.end(), more.begin(), more.end());
}

void add_step(std::vector<Figure>& figures, const plan::TrainStep& step,
              const plan::Estimate& step_s) {
    const std::vector<Figure> more{{"step_s", step_s.value},
                                   {"step_s_low", step_s.low},
                                   {"step_s_high", step_s.high},
                                   {"compute_s", step.compute_s},
                                   {"tensor_exchange_s", step.tensor_exchange_s},
                                   {"pipeline_send_s", step.pipeline_send_s},
                                   {"bubble_s", step.bubble_s},
                                   {"data_exchange_s", step.data_exchange_s},
                                   {"optimizer_s", step.optimizer_s},
                                   {"fixed_s", step.fixed_s}};
    figures.insert(figures.end(), more.begin(), more.end());
}

// Each with the ends of its interval, which come from that of the step.
template <class Offer>
void add_cost(std::vector<Figure>& figures, const Offer& offer) {
    const auto add = [&](const std::string& name, double plan::RunCost::* figure) {
        figures.push_back({name, offer.cost.*figure});
        figures.push_back({name + "_low", offer.cost_low.*figure});
        figures.push_back({name + "_high", offer.cost_high.*figure});
    };
    add("hours", &plan::RunCost::hours);
    add("cost_yuan", &plan::RunCost::cost_yuan);
    add("energy_kwh", &plan::RunCost::energy_kwh);
    add("carbon_kg", &plan::RunCost::carbon_kg);
    figures.push_back({"goodput", offer.cost.goodput});
    figures.push_back({"joule_per_token", offer.cost.joule_per_token});
}

Result<std::vector<Figure>> figures_of(const TrainReport& report, const TrainOffer& offer,
                                       const plan::Launchers& launchers) {
    const plan::Grade grade = report.places[offer.place].basis.grade;
    std::vector<Figure> figures = figures_of_place(report, offer);
    figures.push_back({"evidence", std::string(letter_of(grade))});
    figures.push_back({"evidence_words", std::string(description_of(grade))});
    add_plan(figures, offer.ranked.plan);
    add_step(figures, offer.ranked.step, offer.step_s);
    figures.push_back({"mfu_pct", 100 * mfu_of(report, offer)});
    figures.push_back({"memory_gib", offer.ranked.memory.used() / gibi});
    figures.push_back({"memory_margin_gib", offer.ranked.memory.margin() / gibi});
    add_cost(figures, offer);
    figures.push_back({"is_pareto", offer.is_pareto});
    if (report.shows_launch)
        figures.push_back({"launch", TRY(launch_line(report, offer, launchers))});
    return figures;
}

// "tp8 pp12 dp2 zero1 mbs1, 8 x 8 + 4 x 4 layers"
std::string words_of_mixed(const plan::MixedPlan& mixed) {
    const auto& [first, second] = mixed.blocks;
    return fmt::format("{}, {} x {} + {} x {} layers", words_of(mixed.plan), first.stages,
                       first.layers, second.stages, second.layers);
}

// In the order of the pipeline.
const PlanSite& site_of(const TrainReport& report, const plan::MixedOffer& offer,
                        std::size_t block) {
    return report.sites[offer.places[offer.mixed.blocks[block].kind]];
}

double chips_of(const plan::MixedOffer& offer, std::size_t block) {
    const plan::TrainPlan& plan = offer.mixed.plan;
    return offer.mixed.blocks[block].stages * plan.chips() / plan.pp;
}

Result<std::vector<Figure>> figures_of(const TrainReport& report, const plan::MixedOffer& offer,
                                       const plan::Launchers& launchers) {
    const PlanSite& site = site_of(report, offer, 0);
    const std::vector<double> layers = stage_layers(report.question.job.model, offer.mixed);
    std::vector<Figure> figures{{"center", site.center},
                                {"chip", site.chip->name},
                                {"chips", whole(chips_of(offer, 0))},
                                {"other_chip", site_of(report, offer, 1).chip->name},
                                {"other_chips", whole(chips_of(offer, 1))},
                                {"plan", words_of(offer.mixed.plan)},
                                {"stage_layers", layers},
                                {"evidence", std::string(letter_of(offer.grade))}};
    add_plan(figures, offer.mixed.plan);
    add_step(figures, offer.mixed.step, offer.step_s);
    for (std::size_t block = 0; block < 2; ++block) {
        const plan::TrainMemory& memory = offer.mixed.blocks[block].memory;
        const std::string name = block == 0 ? "" : "other_";
        figures.push_back({name + "memory_gib", memory.used() / gibi});
        figures.push_back({name + "memory_margin_gib", memory.margin() / gibi});
    }
    add_cost(figures, offer);
    figures.push_back({"gain_pct", 100 * offer.gain});
    if (report.shows_launch)
        figures.push_back({"launch", TRY(launch_line(report, offer, launchers))});
    return figures;
}

Result<void> print_lists(const TrainReport& report, const plan::Launchers& launchers) {
    FigureList plans, front, passed;
    for (const TrainOffer& offer : report.found.offers) {
        plans.push_back(TRY(figures_of(report, offer, launchers)));
        if (!offer.is_pareto) continue;
        front.push_back(figures_of_place(report, offer));
        add_cost(front.back(), offer);
    }
    for (const plan::PassedPlace& one : report.found.passed) {
        const PlanSite& site = report.sites[one.place];
        passed.push_back({{"center", site.center},
                          {"pool", site.pool},
                          {"chip", site.chip->name},
                          {"chips", whole(report.places[one.place].chips)},
                          {"reason", one.reason}});
    }
    for (const PassedSite& one : report.passed)
        passed.push_back({{"center", one.center}, {"pool", one.pool}, {"reason", one.reason}});
    FigureList mixed;
    for (const plan::MixedOffer& offer : report.mixed)
        mixed.push_back(TRY(figures_of(report, offer, launchers)));
    print_figure_lists({{"plans", plans}, {"pareto", front}, {"mixed", mixed}, {"passed", passed}});
    return {};
}

// Three digits, or all before the point.
std::string amount(double value) {
    return value < 100 ? fmt::format("{:.3g}", value) : fmt::format("{:.0f}", value);
}

// Nothing is known of a price, or of carbon, that was not given.
std::string known_or_dash(double value) { return value > 0 ? amount(value) : "-"; }

struct Field {
    Column column;
    std::function<std::string(const TrainOffer&)> text;
};

std::vector<Field> fields_of_place(const TrainReport& report) {
    using Kind = Column::Kind;
    const auto site = [&](const TrainOffer& offer) -> const PlanSite& {
        return report.sites[offer.place];
    };
    std::vector<Field> fields;
    if (report.places.size() > 1)
        fields.push_back({{"PARETO"}, [](const TrainOffer& o) { return o.is_pareto ? "*" : " "; }});
    const bool is_of_centers = !report.sites.empty() && !report.sites.front().center.empty();
    if (is_of_centers) {
        fields.push_back({{"CENTER"}, [=](const TrainOffer& o) { return site(o).center; }});
        fields.push_back({{"POOL"}, [=](const TrainOffer& o) { return site(o).pool; }});
    }
    fields.push_back({{"CHIP"}, [=](const TrainOffer& o) { return site(o).chip->name; }});
    fields.push_back({{"CHIPS", Kind::number}, [&report](const TrainOffer& o) {
                          return fmt::format("{}", report.places[o.place].chips);
                      }});
    if (is_of_centers) {
        fields.push_back({{"FREE/ALL", Kind::number}, [=](const TrainOffer& o) {
                              return fmt::format("{}/{}", site(o).free_chips, site(o).chips);
                          }});
        if (std::ranges::any_of(report.sites,
                                [](const PlanSite& one) { return !one.note.empty(); }))
            fields.push_back({{"NOTE"}, [=](const TrainOffer& o) { return site(o).note; }});
    }
    return fields;
}

std::vector<Field> fields_of_plan() {
    using Kind = Column::Kind;
    return {
        {{"PLAN"}, [](const TrainOffer& o) { return words_of(o.ranked.plan); }},
        {{"STEP S", Kind::number}, [](const TrainOffer& o) { return amount(o.step_s.value); }},
        {{"BUBBLE %", Kind::number},
         [](const TrainOffer& o) {
             return fmt::format("{:.0f}", 100 * o.ranked.step.bubble_s / o.ranked.step.step_s);
         }},
        {{"GIB", Kind::number},
         [](const TrainOffer& o) { return fmt::format("{:.1f}", o.ranked.memory.used() / gibi); }},
        {{"SPARE", Kind::number}, [](const TrainOffer& o) {
             return fmt::format("{:.1f}", o.ranked.memory.margin() / gibi);
         }}};
}

std::vector<Field> fields_of_cost(const TrainReport& report) {
    using Kind = Column::Kind;
    return {{{"HOURS", Kind::number}, [](const TrainOffer& o) { return amount(o.cost.hours); }},
            {{"90 %", Kind::number},
             [](const TrainOffer& o) {
                 return amount(o.cost_low.hours) + "-" + amount(o.cost_high.hours);
             }},
            {{"YUAN", Kind::number},
             [](const TrainOffer& o) { return known_or_dash(o.cost.cost_yuan); }},
            {{"KWH", Kind::number}, [](const TrainOffer& o) { return amount(o.cost.energy_kwh); }},
            {{"KGCO2E", Kind::number},
             [](const TrainOffer& o) { return known_or_dash(o.cost.carbon_kg); }},
            {{"EVIDENCE"}, [&report](const TrainOffer& o) {
                 return std::string(description_of(report.places[o.place].basis.grade));
             }}};
}

void print_offers(const Globals& globals, const TrainReport& report) {
    std::vector<Field> fields = fields_of_place(report);
    for (const std::vector<Field>& more : {fields_of_plan(), fields_of_cost(report)})
        fields.insert(fields.end(), more.begin(), more.end());
    std::vector<Column> columns;
    for (const Field& field : fields) columns.push_back(field.column);
    Table table(columns);
    for (const TrainOffer& offer : report.found.offers) {
        std::vector<Cell> cells;
        for (const Field& field : fields) cells.emplace_back(field.text(offer));
        table.add(std::move(cells));
    }
    print_table(globals, table);
}

// Whether two kinds are worth the trouble.
std::string verdict_on(const plan::MixedOffer& offer) {
    if (offer.gain >= 1) return "neither kind can alone";
    const double percent = 100 * std::abs(offer.gain);
    return offer.gain > 0 ? fmt::format("{:.1f} % less than the better kind alone", percent)
                          : fmt::format("one kind alone is better, by {:.1f} %", percent);
}

void print_mixed(const Globals& globals, const TrainReport& report) {
    using Kind = Column::Kind;
    Table table({{"TWO KINDS"},
                 {"PLAN"},
                 {"STEP S", Kind::number},
                 {"HOURS", Kind::number},
                 {"90 %", Kind::number},
                 {"YUAN", Kind::number},
                 {"KWH", Kind::number},
                 {"KGCO2E", Kind::number},
                 {"HOURS ARE"}});
    for (const plan::MixedOffer& offer : report.mixed) {
        const PlanSite& first = site_of(report, offer, 0);
        const std::string center = first.center.empty() ? "" : first.center + ": ";
        table.add({fmt::format("{}{} x {} + {} x {}", center, chips_of(offer, 0), first.chip->name,
                               chips_of(offer, 1), site_of(report, offer, 1).chip->name),
                   words_of_mixed(offer.mixed), amount(offer.step_s.value),
                   amount(offer.cost.hours),
                   amount(offer.cost_low.hours) + "-" + amount(offer.cost_high.hours),
                   known_or_dash(offer.cost.cost_yuan), amount(offer.cost.energy_kwh),
                   known_or_dash(offer.cost.carbon_kg), verdict_on(offer)});
    }
    print_line("");
    print_table(globals, table);
}

void remark_passed(const TrainReport& report) {
    for (const plan::PassedPlace& one : report.found.passed) {
        const PlanSite& site = report.sites[one.place];
        const std::string where =
            site.center.empty() ? site.chip->name : site.center + "/" + site.pool;
        remark(fmt::format("{}: {}", where, one.reason));
    }
    for (const PassedSite& one : report.passed)
        remark(fmt::format("{}/{}: {}", one.center, one.pool, one.reason));
}

}  // namespace

Result<void> print_report(const Globals& globals, const TrainReport& report,
                          const plan::Launchers& launchers) {
    if (is_structured(globals)) return print_lists(report, launchers);
    if (!report.found.offers.empty()) print_offers(globals, report);
    if (!report.mixed.empty()) print_mixed(globals, report);
    remark_passed(report);
    if (report.shows_launch && !report.found.offers.empty())
        print_line("\n" + TRY(launch_line(report, report.found.offers.front(), launchers)));
    return {};
}

}  // namespace dayu::app
