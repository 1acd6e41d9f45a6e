#include "dayu/plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "base/html.h"
#include "dayu/display_width.h"

namespace dayu::app {
namespace {

constexpr std::array<std::string_view, 7> colours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                  "#e69f00", "#56b4e9", "#8a8a8a"};
constexpr double column_width = 6.8;  // of 12 px letters; a Chinese one has two columns
constexpr double line_height = 14;
constexpr double dot_radius = 5;
constexpr double legend_height = 20;

constexpr std::string_view style = R"(<style>
svg{background:#fff;color:#222}
text{font:12px system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif;fill:#222}
.title{font-size:15px;font-weight:600}.faint{fill:#666}
.grid{stroke:#ddd}.whisker{stroke:#999}.front{stroke:#444;stroke-width:1.5;stroke-dasharray:5 3}
.hollow{fill:#fff}
@media (prefers-color-scheme: dark){
svg{background:#16181d;color:#e6e6e6}text{fill:#e6e6e6}.faint{fill:#a8a8a8}
.grid{stroke:#33363d}.whisker{stroke:#777}.front{stroke:#c8c8c8}.hollow{fill:#16181d}
}
</style>
)";

// 1, 2 or 5 times a power of ten.
double round_step(double rough) {
    const double power = std::pow(10, std::floor(std::log10(rough)));
    for (const double step : {1.0, 2.0, 5.0})
        if (step * power >= rough) return step * power;
    return 10 * power;
}

std::string_view word_of(Anchor anchor) {
    switch (anchor) {
        case Anchor::start: return "start";
        case Anchor::middle: return "middle";
        case Anchor::end: break;
    }
    return "end";
}

}  // namespace

std::string_view series_colour(std::size_t index) { return colours[index % colours.size()]; }

std::string short_amount(double value) {
    constexpr std::array<std::string_view, 5> letters{"", "k", "M", "G", "T"};
    std::size_t thousands = 0;
    while (std::abs(value) >= 1000 && thousands + 1 < letters.size()) {
        value /= 1000;
        ++thousands;
    }
    const std::string digits =
        std::abs(value) >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
    return digits + std::string(letters[thousands]);
}

Scale::Scale(Span values, Span places) : values_(values), places_(places) {
    if (values_.to <= 0) values_.to = 1;
    is_log_ = values_.from > 0 && values_.to / values_.from > most_linear;
    if (is_log_) {
        values_ = {values_.from / 1.3, values_.to * 1.3};
    } else {
        const double room = std::max(values_.to - values_.from, 0.1 * values_.to);
        values_.from = values_.from < 1.5 * room ? 0 : values_.from - 0.2 * room;
        values_.to += 0.1 * room;
    }
}

double Scale::at(double value) const {
    const auto part = [&] {
        if (!is_log_) return (value - values_.from) / (values_.to - values_.from);
        return std::log(value / values_.from) / std::log(values_.to / values_.from);
    };
    return places_.from + part() * (places_.to - places_.from);
}

std::vector<double> Scale::ticks() const {
    std::vector<double> ticks;
    if (is_log_) {
        const bool is_short = values_.to / values_.from < 1000;
        for (double power = std::pow(10, std::floor(std::log10(values_.from))); power <= values_.to;
             power *= 10) {
            for (const double digit : {1.0, 2.0, 5.0}) {
                const double tick = digit * power;
                const bool is_shown = digit == 1 || is_short;
                if (is_shown && tick >= values_.from && tick <= values_.to) ticks.push_back(tick);
            }
        }
        return ticks;
    }
    const double step = round_step((values_.to - values_.from) / 6);
    for (double tick = std::ceil(values_.from / step) * step; tick <= values_.to; tick += step)
        ticks.push_back(tick);
    return ticks;
}

double text_width(std::string_view words) {
    return column_width * static_cast<double>(display_width(words));
}

void Picture::line(Point from, Point to, std::string_view kind) {
    shapes_ += fmt::format(
        "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind,
        from.x, from.y, to.x, to.y);
}

void Picture::whisker(Point from, Point to) {
    taken_.push_back({from.x, from.y - 1, to.x, to.y + 1});
    line(from, to, "whisker");
}

void Picture::bar(Point corner, Point size, std::string_view colour) {
    shapes_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>\n",
        corner.x, corner.y, size.x, size.y, colour);
}

void Picture::dot(Point at, std::string_view colour, bool is_filled) {
    taken_.push_back({at.x - dot_radius, at.y - dot_radius, at.x + dot_radius, at.y + dot_radius});
    shapes_ += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" stroke=\"{}\" stroke-width=\"1.5\" {}/>\n",
        at.x, at.y, dot_radius, colour,
        is_filled ? fmt::format("fill=\"{}\"", colour) : "class=\"hollow\"");
}

void Picture::text(Point at, std::string_view words, Anchor anchor, std::string_view kind) {
    shapes_ +=
        fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n",
                    kind, at.x, at.y, word_of(anchor), html_escaped(printable(words)));
}

bool Picture::is_free(const Box& box) const {
    if (box.left < 0 || box.right > width_) return false;
    return std::ranges::none_of(taken_, [&](const Box& other) {
        return box.left < other.right && other.left < box.right && box.top < other.bottom &&
               other.top < box.bottom;
    });
}

void Picture::label(Point beside, std::string_view words) {
    const double width = text_width(words);
    const double near = dot_radius + 2;
    // Above, below, on either side, and then on the corners; near first, and then farther out.
    for (const double away : {1.0, 1.8, 2.6}) {
        const double gap = near * away;
        const std::array<Point, 8> corners{{{-width / 2, -gap - line_height},
                                            {-width / 2, gap},
                                            {gap, -line_height / 2},
                                            {-gap - width, -line_height / 2},
                                            {gap, -gap - line_height / 2},
                                            {gap, gap - line_height / 2},
                                            {-gap - width, -gap - line_height / 2},
                                            {-gap - width, gap - line_height / 2}}};
        for (const Point& corner : corners) {
            const Box box{beside.x + corner.x, beside.y + corner.y, beside.x + corner.x + width,
                          beside.y + corner.y + line_height};
            if (!is_free(box)) continue;
            taken_.push_back({box.left - 3, box.top, box.right + 3, box.bottom});
            text({box.left, box.bottom - 3}, words);
            return;
        }
    }
}

std::string Picture::svg(double height) const {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
        "height=\"{1}\" role=\"img\" aria-label=\"{2}\">\n{3}"
        "<rect class=\"hollow\" width=\"{0}\" height=\"{1}\"/>\n{4}</svg>\n",
        width_, height, html_escaped(title_), style, shapes_);
}

void draw_axes(Picture& picture, const Axis& across, const Axis& upwards) {
    const Span xs = across.places, ys = upwards.places;
    for (const double tick : across.scale.ticks()) {
        const double x = across.scale.at(tick);
        picture.line({x, ys.from}, {x, ys.to}, "grid");
        picture.text({x, ys.from + 16}, short_amount(tick), Anchor::middle);
    }
    for (const double tick : upwards.scale.ticks()) {
        const double y = upwards.scale.at(tick);
        picture.line({xs.from, y}, {xs.to, y}, "grid");
        picture.text({xs.from - 6, y + 4}, short_amount(tick), Anchor::end);
    }
    picture.text({(xs.from + xs.to) / 2, ys.from + 34}, across.title, Anchor::middle, "faint");
    picture.text({xs.from - axis_room + 4, ys.to - 8}, upwards.title, Anchor::start, "faint");
}

double draw_legend(Picture& picture, Point at, double right, std::span<const std::string> words) {
    const double left = at.x;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const double wanted = 18 + text_width(words[i]) + 18;
        if (at.x > left && at.x + wanted > right) at = {left, at.y + legend_height};
        picture.bar({at.x, at.y}, {12, 12}, series_colour(i));
        picture.text({at.x + 18, at.y + 11}, words[i]);
        at.x += wanted;
    }
    return at.y + legend_height;
}

}  // namespace dayu::app
