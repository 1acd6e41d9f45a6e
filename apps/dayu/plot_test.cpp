#include "dayu/plot.h"

#include <cmath>
#include <regex>

#include <gtest/gtest.h>

namespace dayu::app {
namespace {

TEST(ShortAmount, HasThreeDigitsAndALetter) {
    EXPECT_EQ(short_amount(0), "0");
    EXPECT_EQ(short_amount(7.5), "7.5");
    EXPECT_EQ(short_amount(512), "512");
    EXPECT_EQ(short_amount(318'240), "318k");
    EXPECT_EQ(short_amount(1'254'000), "1.25M");
}

TEST(Scale, ShowsNearZeroAndOtherwiseWhereTheValuesAre) {
    EXPECT_EQ(Scale({10, 30}, {0, 100}).at(0), 0);
    const Scale high({1000, 1010}, {0, 100});
    EXPECT_GT(high.at(1000), 5);
    EXPECT_LT(high.at(1010), 95);
}

TEST(Scale, IsOfLogarithmsWhereTheValuesSpanMuch) {
    const Scale scale({100, 10'000}, {0, 100});
    EXPECT_NEAR(scale.at(1000), 50, 1e-9);
    const std::vector<double> ticks = scale.ticks();
    EXPECT_EQ(ticks.front(), 100);
    EXPECT_EQ(ticks.back(), 10'000);
    EXPECT_LE(ticks.size(), 8U);
}

TEST(Picture, ItsLabelsKeepOutOfOneAnothersWay) {
    Picture picture(400, "crowd");
    const std::vector<Point> dots{{100, 100}, {104, 100}, {108, 102}, {100, 108}, {396, 100}};
    for (const Point& dot : dots) picture.dot(dot, series_colour(0), true);
    picture.whisker({60, 100}, {180, 100});
    for (std::size_t i = 0; i < dots.size(); ++i) picture.label(dots[i], std::to_string(10 + i));
    const std::string svg = picture.svg(200);
    std::vector<Point> corners;
    const std::regex text(R"re(<text class="" x="([0-9.]+)" y="([0-9.]+)")re");
    for (auto at = std::sregex_iterator(svg.begin(), svg.end(), text); at != std::sregex_iterator();
         ++at)
        corners.push_back({std::stod((*at)[1]), std::stod((*at)[2])});
    ASSERT_GE(corners.size(), 4U);
    const double width = text_width("10");
    for (std::size_t i = 0; i < corners.size(); ++i) {
        EXPECT_LE(corners[i].x + width, 400);
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_TRUE(std::abs(corners[i].x - corners[j].x) >= width - 0.1 ||
                        std::abs(corners[i].y - corners[j].y) >= 13)
                << svg;
        }
    }
}

TEST(Picture, SaysWordsAsTheyAre) {
    Picture picture(100, "a < b");
    picture.text({0, 0}, "中卫 & <b>");
    const std::string svg = picture.svg(10);
    EXPECT_NE(svg.find("中卫 &amp; &lt;b&gt;"), std::string::npos);
    EXPECT_NE(svg.find("aria-label=\"a &lt; b\""), std::string::npos);
    EXPECT_EQ(text_width("中卫"), text_width("abcd"));
}

}  // namespace
}  // namespace dayu::app
