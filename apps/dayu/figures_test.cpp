#include "dayu/figures.h"

#include <limits>

#include <gtest/gtest.h>

namespace dayu::app {
namespace {

TEST(Figures, AreOneObjectInTheOrderInWhichTheyAreTold) {
    EXPECT_EQ(figures_as_json({{"wall_s", 0.25},
                               {"completed", std::int64_t{3}},
                               {"policy", std::string("a \"b\"")},
                               {"allocation_pct", std::vector<double>{0, 95.14, 96}}}),
              "{\n  \"wall_s\": 0.25,\n  \"completed\": 3,\n  \"policy\": \"a \\\"b\\\"\",\n"
              "  \"allocation_pct\": [0, 95.14, 96]\n}\n");
}

TEST(Figures, SayNullForWhatIsNoNumber) {
    EXPECT_EQ(figures_as_json({{"ratio", std::numeric_limits<double>::quiet_NaN()}}),
              "{\n  \"ratio\": null\n}\n");
    EXPECT_EQ(figures_as_json({{"none", std::vector<double>{}}}), "{\n  \"none\": []\n}\n");
}

}  // namespace
}  // namespace dayu::app
