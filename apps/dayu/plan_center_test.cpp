#include "dayu/plan_center.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace dayu::app {
namespace {

wire::Json parse(std::string_view text) { return *wire::parse_json(text); }

const wire::Json registry = parse(R"({"chips":[
    {"name":"DCU-1","aliases":["gres/dcu:1","Hygon-K100_AI"]},{"name":"Unknown","aliases":[]}]})");

const wire::Json centers = parse(R"({"centers":[
    {"name":"suzhou","contact":"ok","drained":false,
     "energy":{"pue":"1.300","grid_gco2e_per_kwh":"550.500"},
     "pools":[{"name":"gpu","chip":"A100","chips_milli":64000,"free_chips_milli":16500,
               "price_per_chip_hour":"12.500000"},
              {"name":"dcu","chip":"DCU-1","chips_milli":8000,"free_chips_milli":8000,
               "price_per_chip_hour":"3.000000"},
              {"name":"odd","chip":"Unknown","chips_milli":8000,"free_chips_milli":0,
               "price_per_chip_hour":"1.000000"},
              {"name":"cpu","chip":"","chips_milli":0,"free_chips_milli":0,
               "price_per_chip_hour":"0.000000"}]},
    {"name":"wuhan","contact":"lost","drained":false,
     "energy":{"pue":"1.200","grid_gco2e_per_kwh":"527.000"},
     "pools":[{"name":"gpu","chip":"a100","chips_milli":8000,"free_chips_milli":0,
               "price_per_chip_hour":"9.000000"}]}]})");

plan::Chips planner_chips() {
    std::ifstream file("data/plan/chips.csv");
    return *plan::Chips::parse("chips.csv", {std::istreambuf_iterator<char>(file), {}});
}

TEST(PlanSites, AreThePoolsWhoseChipsThePlannerKnows) {
    const plan::Chips chips = planner_chips();
    const auto found = sites_of(centers, registry, {"suzhou"}, chips, {});
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->sites.size(), 2U);
    const PlanSite& gpu = found->sites[0];
    EXPECT_EQ(gpu.center, "suzhou");
    EXPECT_EQ(gpu.chip->name, "A100-80GB");
    EXPECT_EQ(gpu.chips, 64);
    EXPECT_EQ(gpu.free_chips, 16);
    ASSERT_EQ(gpu.terms.size(), 1U);
    EXPECT_EQ(gpu.terms[0].price_per_chip_h, 12.5);
    EXPECT_EQ(gpu.terms[0].carbon_g_per_kwh, 550.5);
    EXPECT_EQ(gpu.terms[0].pue, 1.3);
    EXPECT_EQ(gpu.note, "");
    // By an alias of the registry.
    EXPECT_EQ(found->sites[1].chip->name, "K100-AI");
    ASSERT_EQ(found->passed.size(), 1U);
    EXPECT_EQ(found->passed[0].pool, "odd");
}

TEST(PlanSites, OfAllCentresSayWhichTakeNothingNow) {
    const plan::Chips chips = planner_chips();
    const auto found = sites_of(centers, registry, {"all"}, chips, {});
    ASSERT_TRUE(found);
    ASSERT_EQ(found->sites.size(), 3U);
    EXPECT_EQ(found->sites[2].center, "wuhan");
    EXPECT_EQ(found->sites[2].note, "no contact");
}

TEST(PlanSites, OfACentreThatIsNotThereNameTheNearest) {
    const plan::Chips chips = planner_chips();
    const auto found = sites_of(centers, registry, {"suzhuo"}, chips, {});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, "center_unknown");
    EXPECT_NE(found.error().message.find("suzhou?"), std::string::npos);
}

TEST(PlanSites, TakeTheHoursOfATable) {
    const plan::Chips chips = planner_chips();
    const auto hours = plan::HourTable::parse(
        "hours.csv", "center,price_part,carbon_g_per_kwh,pue\nsuzhou,0.4,300,\nsuzhou,1.6,,\n");
    ASSERT_TRUE(hours);
    const auto found = sites_of(centers, registry, {"suzhou"}, chips, *hours);
    ASSERT_TRUE(found);
    const plan::Terms& terms = found->sites[0].terms;
    ASSERT_EQ(terms.size(), 2U);
    EXPECT_EQ(terms[0].price_per_chip_h, 5);
    EXPECT_EQ(terms[0].carbon_g_per_kwh, 300);
    EXPECT_EQ(terms[1].carbon_g_per_kwh, 550.5);
}

}  // namespace
}  // namespace dayu::app
