#include "dayu/plan_plot.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "dayu/plot.h"
#include "plan/plan_words.h"

namespace dayu::app {
namespace {

using plan::TrainOffer;

constexpr double width = 960;
constexpr double margin = 24;
constexpr double panel_height = 300;
constexpr double bar_height = 16;
constexpr double row_height = 42;  // of a step: a line of words and its bar
constexpr std::size_t most_steps = 12;

struct Part {
    std::string_view name;
    double plan::TrainStep::* seconds;
};
constexpr std::array<Part, 7> parts{{{"compute", &plan::TrainStep::compute_s},
                                     {"tensor exchange", &plan::TrainStep::tensor_exchange_s},
                                     {"pipeline sends", &plan::TrainStep::pipeline_send_s},
                                     {"bubble", &plan::TrainStep::bubble_s},
                                     {"data exchange", &plan::TrainStep::data_exchange_s},
                                     {"optimiser", &plan::TrainStep::optimizer_s},
                                     {"fixed", &plan::TrainStep::fixed_s}}};

struct Amount {
    std::string_view title;
    double plan::RunCost::* value;
};
constexpr Amount hours{"hours", &plan::RunCost::hours};
constexpr std::array<Amount, 3> upwards{{{"yuan", &plan::RunCost::cost_yuan},
                                         {"kg CO2e", &plan::RunCost::carbon_kg},
                                         {"kWh", &plan::RunCost::energy_kwh}}};

class Drawing {
   public:
    explicit Drawing(const TrainReport& report)
        : report_(report), picture_(width, "Plans of training compared") {
        for (const TrainOffer& offer : report.found.offers) {
            const std::string& chip = report.sites[offer.place].chip->name;
            if (std::ranges::find(chips_, chip) == chips_.end()) chips_.push_back(chip);
        }
    }

    std::string draw() {
        picture_.text({margin, y_ + 4}, "Hours, money and carbon of the run", Anchor::start,
                      "title");
        y_ += 20;
        picture_.text({margin, y_},
                      "Filled and joined: nothing else is better without being worse in another of "
                      "the three. Whiskers hold 90 %. Numbers are those of the steps below.",
                      Anchor::start, "faint");
        y_ += 16;
        draw_panels();
        y_ = draw_legend(picture_, {margin, y_}, width - margin, chips_) + 24;
        draw_steps();
        return picture_.svg(y_ + 8);
    }

   private:
    // Two panels side by side, of what is known: money and carbon, or energy in place of one that is not.
    void draw_panels() {
        std::vector<Amount> shown;
        for (const Amount& amount : upwards) {
            const bool is_known =
                std::ranges::any_of(report_.found.offers,
                                    [&](const TrainOffer& o) { return o.cost.*amount.value > 0; });
            if (is_known && shown.size() < 2) shown.push_back(amount);
        }
        const double each = (width - 2 * margin) / static_cast<double>(shown.size());
        for (std::size_t i = 0; i < shown.size(); ++i)
            draw_panel(margin + static_cast<double>(i) * each, each - 12, shown[i]);
        y_ += panel_height + axis_room;
    }

    Scale scale_of(const Amount& amount, Span places) const {
        double least = 1e300, most = 0;
        for (const TrainOffer& offer : report_.found.offers) {
            least = std::min(least, offer.cost_low.*amount.value);
            most = std::max(most, offer.cost.*amount.value);
            if (offer.is_pareto) most = std::max(most, offer.cost_high.*amount.value);
        }
        return {{least, most}, places};
    }

    void draw_panel(double left, double panel_width, const Amount& amount) {
        const Span xs{left + axis_room, left + panel_width};
        const Span ys{y_ + panel_height, y_ + 16};
        const Scale x = scale_of(hours, xs), y = scale_of(amount, ys);
        draw_axes(picture_, {hours.title, xs, x}, {amount.title, ys, y});
        draw_front(x, y, amount);
        draw_dots(x, y, amount);
    }

    // Those of the front that none beats in hours and this axis alone, from the fastest on.
    void draw_front(const Scale& x, const Scale& y, const Amount& amount) {
        const TrainOffer* before = nullptr;
        for (const TrainOffer& offer : report_.found.offers) {
            if (!offer.is_pareto) continue;
            if (before != nullptr && offer.cost.*amount.value >= before->cost.*amount.value)
                continue;
            if (before != nullptr)
                picture_.line(place_of(x, y, amount, *before), place_of(x, y, amount, offer),
                              "front");
            before = &offer;
        }
    }

    static Point place_of(const Scale& x, const Scale& y, const Amount& amount,
                          const TrainOffer& offer) {
        return {x.at(offer.cost.hours), y.at(offer.cost.*amount.value)};
    }

    void draw_dots(const Scale& x, const Scale& y, const Amount& amount) {
        for (const bool is_front : {false, true}) {
            for (const TrainOffer& offer : report_.found.offers) {
                if (offer.is_pareto != is_front) continue;
                const Point at = place_of(x, y, amount, offer);
                if (is_front)
                    picture_.whisker({x.at(offer.cost_low.hours), at.y},
                                     {x.at(offer.cost_high.hours), at.y});
                picture_.dot(at, series_colour(chip_index(offer)), is_front);
            }
        }
        const std::vector<const TrainOffer*> numbered = best();
        for (std::size_t i = 0; i < numbered.size(); ++i)
            if (report_.places.size() > 1 || numbered[i]->is_pareto)
                picture_.label(place_of(x, y, amount, *numbered[i]), std::to_string(i + 1));
    }

    std::size_t chip_index(const TrainOffer& offer) const {
        return static_cast<std::size_t>(
            std::ranges::find(chips_, report_.sites[offer.place].chip->name) - chips_.begin());
    }

    // The front first, and then the shortest runs, as many as are drawn.
    std::vector<const TrainOffer*> best() const {
        std::vector<const TrainOffer*> chosen;
        for (const bool is_front : {true, false})
            for (const TrainOffer& offer : report_.found.offers)
                if (offer.is_pareto == is_front && chosen.size() < most_steps)
                    chosen.push_back(&offer);
        return chosen;
    }

    std::string words_of_offer(std::size_t number, const TrainOffer& offer) const {
        const PlanSite& site = report_.sites[offer.place];
        const std::string where =
            site.center.empty() ? "" : fmt::format("{}/{}, ", site.center, site.pool);
        return fmt::format("{}  {}{} x {}, {}", number, where, report_.places[offer.place].chips,
                           site.chip->name, words_of(offer.ranked.plan));
    }

    void draw_steps() {
        picture_.text({margin, y_}, "One step of the best plans", Anchor::start, "title");
        y_ += 12;
        std::vector<std::string> names;
        for (const Part& part : parts) names.emplace_back(part.name);
        y_ = draw_legend(picture_, {margin, y_}, width - margin, names) + 8;
        const std::vector<const TrainOffer*> chosen = best();
        for (std::size_t i = 0; i < chosen.size(); ++i) draw_step(i + 1, *chosen[i]);
    }

    // In parts of the whole: steps on unlike numbers of chips differ too much in length to be drawn to one scale.
    void draw_step(std::size_t number, const TrainOffer& offer) {
        const plan::TrainStep& step = offer.ranked.step;
        picture_.text({margin, y_ + 12}, words_of_offer(number, offer));
        picture_.text({width - margin, y_ + 12},
                      fmt::format("{} s, {:.0f} % compute", short_amount(step.step_s),
                                  100 * step.compute_s / step.step_s),
                      Anchor::end);
        double x = margin;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const double wide = step.*parts[i].seconds / step.step_s * (width - 2 * margin);
            if (wide > 0) picture_.bar({x, y_ + 18}, {wide, bar_height}, series_colour(i));
            x += wide;
        }
        y_ += row_height;
    }

    const TrainReport& report_;
    Picture picture_;
    std::vector<std::string> chips_;  // their colours are in this order
    double y_ = margin;
};

}  // namespace

std::string plan_picture(const TrainReport& report) { return Drawing(report).draw(); }

}  // namespace dayu::app
