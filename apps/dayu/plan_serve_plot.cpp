#include "dayu/plan_serve_plot.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "dayu/plot.h"

namespace dayu::app {
namespace {

constexpr double width = 960;
constexpr double margin = 24;
constexpr double panel_height = 300;
constexpr double bar_height = 14;
constexpr double row_height = 42;     // of an answer: a line of words and its bars
constexpr double latency_room = 130;  // right of a bar, for its numbers
constexpr std::size_t most_rows = 12;
constexpr double ms_per_s = 1000;

// What a way to serve takes, as one of the panels shows it.
struct Amount {
    std::string_view title;
    std::function<double(const ServeAnswer&)> of;
};

double chips_of(const ServeAnswer& answer) { return answer.confirmed.offer.chips(); }
double yuan_of(const ServeAnswer& answer) { return answer.price.yuan_per_million_tokens; }
double carbon_of(const ServeAnswer& answer) { return answer.price.carbon_kg_per_million_tokens; }
double joule_of(const ServeAnswer& answer) { return answer.price.joule_per_token; }
double seconds_of(const ServeAnswer& answer) { return answer.confirmed.figures.e2e_s.mean; }

const Amount seconds{"seconds of a request, in the mean", seconds_of};

// Prices and carbon are known where they were given. Chips and energy stand for what is not.
std::vector<Amount> amounts_of(const std::vector<ServeAnswer>& answers) {
    const auto is_known = [&](double (*of)(const ServeAnswer&)) {
        return std::ranges::any_of(answers, [&](const ServeAnswer& one) { return of(one) > 0; });
    };
    return {
        is_known(yuan_of) ? Amount{"yuan a million tokens", yuan_of} : Amount{"chips", chips_of},
        is_known(carbon_of) ? Amount{"kg CO2e a million tokens", carbon_of}
                            : Amount{"J a token", joule_of}};
}

// One of the two that are promised. `target_s` is 0 where nothing is.
struct Latency {
    std::string_view name;
    plan::Spread plan::ReplayFigures::* spread;
    double target_s = 0;
};

class Drawing {
   public:
    Drawing(const ServeQuestion& question, const ServeReport& report)
        : question_(question),
          answers_(report.answers),
          picture_(width, "Ways to serve a model compared") {
        for (const ServeAnswer& answer : answers_) {
            const std::string& chip = answer.place->basis.chip->name;
            if (std::ranges::find(chips_, chip) == chips_.end()) chips_.push_back(chip);
        }
    }

    std::string draw() {
        picture_.text({margin, y_ + 4}, "Time and money of what keeps the promises", Anchor::start,
                      "title");
        y_ += 20;
        picture_.text({margin, y_},
                      "Filled: nothing else is both cheaper and faster. Numbers are those of the "
                      "latencies below, the cheapest first.",
                      Anchor::start, "faint");
        y_ += 16;
        draw_panels();
        y_ = draw_legend(picture_, {margin, y_}, width - margin, chips_) + 24;
        draw_latencies();
        return picture_.svg(y_ + 8);
    }

   private:
    void draw_panels() {
        const std::vector<Amount> shown = amounts_of(answers_);
        const double each = (width - 2 * margin) / static_cast<double>(shown.size());
        for (std::size_t i = 0; i < shown.size(); ++i)
            draw_panel(margin + static_cast<double>(i) * each, each - 12, shown[i]);
        y_ += panel_height + axis_room;
    }

    Scale scale_of(const Amount& amount, Span places) const {
        const auto [least, most] = std::ranges::minmax(answers_, {}, amount.of);
        return {{amount.of(least), amount.of(most)}, places};
    }

    void draw_panel(double left, double panel_width, const Amount& amount) {
        const Span xs{left + axis_room, left + panel_width};
        const Span ys{y_ + panel_height, y_ + 16};
        const Scale x = scale_of(seconds, xs), y = scale_of(amount, ys);
        draw_axes(picture_, {seconds.title, xs, x}, {amount.title, ys, y});
        const auto place = [&](const ServeAnswer& answer) {
            return Point{x.at(seconds.of(answer)), y.at(amount.of(answer))};
        };
        for (const ServeAnswer& answer : answers_)
            picture_.dot(place(answer), series_colour(chip_index(answer)), answer.is_pareto);
        for (std::size_t i = 0; i < rows(); ++i)
            picture_.label(place(answers_[i]), std::to_string(i + 1));
    }

    std::size_t chip_index(const ServeAnswer& answer) const {
        return static_cast<std::size_t>(std::ranges::find(chips_, answer.place->basis.chip->name) -
                                        chips_.begin());
    }

    std::size_t rows() const { return std::min(answers_.size(), most_rows); }

    void draw_latencies() {
        const plan::ServeTargets& targets = question_.job.targets;
        picture_.text({margin, y_}, "Latencies of the cheapest", Anchor::start, "title");
        y_ += 12;
        const std::vector<std::string> words{
            "the mean", fmt::format("{:.4g} % of requests stay below", 100 * targets.quantile)};
        y_ = draw_legend(picture_, {margin, y_}, width - margin, words);
        picture_.text({margin, y_ + 8}, "Dashed: what is promised.", Anchor::start, "faint");
        y_ += 20;
        const Latency ttft{"TTFT", &plan::ReplayFigures::ttft_s, targets.ttft_s};
        const Latency tpot{"TPOT", &plan::ReplayFigures::tpot_s, targets.tpot_s};
        const double half = (width - 2 * margin) / 2;
        for (std::size_t i = 0; i < rows(); ++i) {
            picture_.text({margin, y_ + 12}, words_of_answer(i));
            draw_bar({margin, y_ + 18}, half - latency_room, ttft, answers_[i]);
            draw_bar({margin + half, y_ + 18}, half - latency_room, tpot, answers_[i]);
            y_ += row_height;
        }
    }

    std::string words_of_answer(std::size_t index) const {
        const ServeAnswer& answer = answers_[index];
        const ServePlace& place = *answer.place;
        const std::string where =
            place.center.empty() ? "" : fmt::format("{}/{}, ", place.center, place.pool);
        return fmt::format("{}  {}{:.0f} x {}, {}", index + 1, where, chips_of(answer),
                           place.basis.chip->name, words_of(answer.confirmed.offer));
    }

    // To one scale for all rows, up to the promise or the slowest.
    double longest_s(const Latency& latency) const {
        double most = latency.target_s;
        for (std::size_t i = 0; i < rows(); ++i)
            most = std::max(most, (answers_[i].confirmed.figures.*latency.spread).at_quantile);
        return most;
    }

    void draw_bar(Point corner, double longest, const Latency& latency, const ServeAnswer& answer) {
        const plan::Spread& spread = answer.confirmed.figures.*latency.spread;
        const double per_s = longest / longest_s(latency);
        const double mean = spread.mean * per_s, at_quantile = spread.at_quantile * per_s;
        picture_.bar(corner, {mean, bar_height}, series_colour(0));
        if (at_quantile > mean)
            picture_.bar({corner.x + mean, corner.y}, {at_quantile - mean, bar_height},
                         series_colour(1));
        if (latency.target_s > 0) {
            const double x = corner.x + latency.target_s * per_s;
            picture_.line({x, corner.y - 3}, {x, corner.y + bar_height + 3}, "front");
        }
        picture_.text(
            {corner.x + longest + 8, corner.y + 11},
            fmt::format("{} {} / {} ms", latency.name, short_amount(spread.mean * ms_per_s),
                        short_amount(spread.at_quantile * ms_per_s)));
    }

    const ServeQuestion& question_;
    const std::vector<ServeAnswer>& answers_;
    Picture picture_;
    std::vector<std::string> chips_;  // their colours are in this order
    double y_ = margin;
};

}  // namespace

std::string serve_picture(const ServeQuestion& question, const ServeReport& report) {
    return Drawing(question, report).draw();
}

}  // namespace dayu::app
