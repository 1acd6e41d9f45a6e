// Pieces of a picture as SVG that opens without a server and runs no script: scales, shapes, and labels that keep out of one
// another's way. A picture is light or dark as its reader's system is, and its letters are those that the system has, Chinese
// ones too.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dayu::app {

// Seven hues that people with common colour blindness tell apart (Okabe and Ito, 2008), without yellow, and grey for black.
std::string_view series_colour(std::size_t index);

// Three digits and a letter: "318k", "1.25M".
std::string short_amount(double value);

struct Span {
    double from = 0;
    double to = 0;
};

// From values to places in the picture, by logarithms where the values span more than `most_linear`.
class Scale {
   public:
    static constexpr double most_linear = 6;

    // A little more than the values is shown, and zero where it is near.
    Scale(Span values, Span places);

    double at(double value) const;
    std::vector<double> ticks() const;  // round values, at most about eight

   private:
    Span values_;
    Span places_;
    bool is_log_ = false;
};

struct Point {
    double x = 0;
    double y = 0;
};

enum class Anchor : unsigned char { start, middle, end };

class Picture {
   public:
    Picture(double width, std::string title) : width_(width), title_(std::move(title)) {}

    void line(Point from, Point to, std::string_view style);  // "grid", "front"
    void whisker(Point from, Point to);                       // across; labels keep off it
    void bar(Point corner, Point size, std::string_view colour);
    void dot(Point at, std::string_view colour, bool is_filled);
    void text(Point at, std::string_view words, Anchor anchor = Anchor::start,
              std::string_view style = "");  // "title", "faint"
    // A few letters beside a dot: on that side on which no dot and no other label stands, or not at all.
    void label(Point beside, std::string_view words);

    std::string svg(double height) const;

   private:
    struct Box {
        double left, top, right, bottom;
    };
    bool is_free(const Box& box) const;

    double width_;
    std::string title_;
    std::string shapes_;
    std::vector<Box> taken_;
};

// How wide words are in a picture.
double text_width(std::string_view words);

// The grid of a panel, with numbers at its ticks and a word on what each axis tells. Numbers stand left of the panel and below
// it, in `axis_room`.
inline constexpr double axis_room = 56;
struct Axis {
    std::string_view title;
    Span places;
    Scale scale;
};
void draw_axes(Picture& picture, const Axis& across, const Axis& upwards);

// Words with the colours of their series, from the left, over as many lines as they take. Returns where the next line is.
double draw_legend(Picture& picture, Point at, double right, std::span<const std::string> words);

}  // namespace dayu::app
