#include "dayu/compare_page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/core.h>

#include "base/html.h"
#include "dayu/plot.h"

namespace dayu::app {
namespace {

// Most of the figures of the table lie too close together, or say the same again.
constexpr std::array<std::string_view, 8> with_bars{
    "jct_mean_s",    "wait_mean_s",       "wait_p999_s", "slowdown_mean",
    "fragmentation", "finish_ratio_mean", "cost_yuan",   "carbon_kg"};
constexpr int plot_width = 640;
constexpr int plot_height = 240;
constexpr int label_width = 160;
constexpr int row_height = 22;

constexpr std::string_view head = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Policies compared</title><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse}td,th{padding:.25rem .8rem;border-bottom:1px solid #ddd;text-align:right}
td:first-child,th:first-child{text-align:left}.spread{color:#666;font-size:85%}
svg text{font:12px system-ui,sans-serif;fill:#222}svg{max-width:100%}
</style></head><body>
)";

std::string number(double value) {
    if (value == 0) return "0";
    return std::abs(value) < 10 ? fmt::format("{:.3f}", value) : fmt::format("{:.1f}", value);
}

// The mean over the seeds, and in small how far they lie apart.
std::string cell(const PolicyRuns& runs, const SimFigure& figure) {
    const auto [least, most] = std::ranges::minmax(runs.by_seed, {}, figure.of);
    std::string text = number(mean_over_seeds(runs, figure) / figure.shown_in);
    if (figure.of(least) != figure.of(most)) {
        text += fmt::format(" <span class=\"spread\">{}&ndash;{}</span>",
                            number(figure.of(least) / figure.shown_in),
                            number(figure.of(most) / figure.shown_in));
    }
    return text;
}

std::string table(const std::vector<PolicyRuns>& runs) {
    std::string out = "<table><tr><th></th>";
    for (const PolicyRuns& one : runs) out += fmt::format("<th>{}</th>", html_escaped(one.policy));
    out += "</tr>\n";
    for (const SimFigure& figure : sim_figures) {
        out += fmt::format("<tr><td>{}</td>", figure.title);
        for (const PolicyRuns& one : runs) out += fmt::format("<td>{}</td>", cell(one, figure));
        out += "</tr>\n";
    }
    return out + "</table>\n";
}

std::string bars(const std::vector<PolicyRuns>& runs, const SimFigure& figure) {
    double most = 0;
    for (const PolicyRuns& one : runs) most = std::max(most, mean_over_seeds(one, figure));
    if (most <= 0) return {};
    const auto height = static_cast<int>(runs.size()) * row_height + 4;
    std::string out = fmt::format("<h3>{}</h3>\n<svg viewBox=\"0 0 {} {}\" width=\"{}\">\n",
                                  figure.title, plot_width, height, plot_width);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const double mean = mean_over_seeds(runs[i], figure);
        const auto y = static_cast<int>(i) * row_height;
        const double width = mean / most * (plot_width - label_width - 80);
        out += fmt::format(
            "<text x=\"0\" y=\"{}\">{}</text><rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" "
            "height=\"{}\" fill=\"{}\"/><text x=\"{:.1f}\" y=\"{}\">{}</text>\n",
            y + 15, html_escaped(runs[i].policy), label_width, y + 3, width, row_height - 6,
            series_colour(i), label_width + width + 6, y + 15, number(mean / figure.shown_in));
    }
    return out + "</svg>\n";
}

// A wait of `seconds` from the left, on a scale of its logarithm that begins at one second.
double x_of(double seconds, double most_s) {
    const double full = std::log10(std::max(most_s, 10.0));
    return label_width / 2.0 +
           std::log10(std::max(seconds, 1.0)) / full * (plot_width - label_width / 2.0 - 10);
}
double y_of(std::size_t percent) {
    return 10 + (100 - static_cast<double>(percent)) / 100 * (plot_height - 40);
}

std::string axes(double most_s) {
    struct Tick {
        double seconds;
        const char* text;
    };
    constexpr std::array<Tick, 6> ticks{{{1, "1 s"},
                                         {60, "1 min"},
                                         {3600, "1 h"},
                                         {86'400, "1 d"},
                                         {604'800, "7 d"},
                                         {2'592'000, "30 d"}}};
    std::string out;
    for (const Tick& tick : ticks) {
        if (tick.seconds > std::max(most_s, 10.0)) break;
        out += fmt::format(
            "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"10\" y2=\"{1:.1f}\" "
            "stroke=\"#ddd\"/><text x=\"{0:.1f}\" y=\"{2}\">{3}</text>\n",
            x_of(tick.seconds, most_s), y_of(0), plot_height - 10, tick.text);
    }
    for (const std::size_t percent : {0, 25, 50, 75, 100}) {
        out += fmt::format(
            "<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#ddd\"/>"
            "<text x=\"20\" y=\"{:.1f}\">{} %</text>\n",
            label_width / 2, plot_width - 10, y_of(percent), y_of(percent), y_of(percent) + 4,
            percent);
    }
    return out;
}

std::string waits(const std::vector<PolicyRuns>& runs) {
    double most_s = 0;
    for (const PolicyRuns& one : runs) {
        const std::vector<double>& waits_s = one.by_seed.front().wait_percentiles_s;
        if (!waits_s.empty()) most_s = std::max(most_s, waits_s.back());
    }
    std::string out = fmt::format(
        "<h3>jobs that waited no longer than, seed 0</h3>\n<svg viewBox=\"0 0 {} {}\" "
        "width=\"{}\">\n",
        plot_width, plot_height, plot_width);
    out += axes(most_s);
    std::string legend = "<p>";
    for (std::size_t i = 0; i < runs.size(); ++i) {
        std::string points;
        const std::vector<double>& waits_s = runs[i].by_seed.front().wait_percentiles_s;
        for (std::size_t percent = 0; percent < waits_s.size(); ++percent)
            points += fmt::format("{:.1f},{:.1f} ", x_of(waits_s[percent], most_s), y_of(percent));
        out += fmt::format(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" "
            "stroke-width=\"2\"/>\n",
            points, series_colour(i));
        legend += fmt::format("<span style=\"color:{}\">&#9644;</span> {} ", series_colour(i),
                              html_escaped(runs[i].policy));
    }
    return out + "</svg>\n" + legend + "</p>\n";
}

}  // namespace

double mean_over_seeds(const PolicyRuns& runs, const SimFigure& figure) {
    double sum = 0;
    for (const sim::RunReport& report : runs.by_seed) sum += figure.of(report);
    return sum / static_cast<double>(runs.by_seed.size());
}

std::string compare_page(const CompareTitle& title, const std::vector<PolicyRuns>& runs) {
    const sim::RunReport& first = runs.front().by_seed.front();
    std::string page(head);
    page += fmt::format(
        "<h1>Policies compared</h1>\n<p>{} jobs of {} in the world {}; {} refused "
        "as too large for it. Means over {} seed(s), and how far they lie apart; "
        "seed 0 is the trace as it is.</p>\n",
        first.jobs, html_escaped(title.trace), html_escaped(title.world), first.refused,
        runs.front().by_seed.size());
    page += table(runs);
    page += waits(runs);
    for (const std::string_view name : with_bars) page += bars(runs, sim_figure(name));
    return page + "</body></html>\n";
}

}  // namespace dayu::app
