#include "model/center.h"

#include <functional>

#include <gtest/gtest.h>

namespace dayu {
namespace {

Center sound_center() {
    Center center;
    center.name = "zhongwei";
    center.region = "cn/ningxia/zhongwei";
    center.engine.kind = "process";
    Pool pool;
    pool.name = "a100";
    pool.chip = "A100-80GB";
    pool.nodes = 2;
    pool.chips_per_node = 8;
    pool.cpus_per_node = 64;
    pool.memory_mib_per_node = 1 << 20;
    center.pools = {pool};
    return center;
}

// The refusal's code and path, after `spoil` had its way with a sound centre.
std::string refusal(const std::function<void(Center&)>& spoil) {
    Center center = sound_center();
    spoil(center);
    const Result<void> result = validate(center);
    if (result.ok()) return "";
    return result.error().code + " " +
           result.error().message.substr(0, result.error().message.find(": "));
}

TEST(Center, ASoundOnePasses) {
    EXPECT_EQ(refusal([](Center&) {}), "");
    EXPECT_EQ(refusal([](Center& c) { c.pools[0].chip = "", c.pools[0].chips_per_node = 0; }), "");
}

TEST(Center, EachMistakeNamesItsField) {
    EXPECT_EQ(refusal([](Center& c) { c.name = ""; }), "value_malformed name");
    EXPECT_EQ(refusal([](Center& c) { c.name = "Zhong Wei"; }), "value_malformed name");
    EXPECT_EQ(refusal([](Center& c) { c.title = "a\nb"; }), "value_malformed title");
    EXPECT_EQ(refusal([](Center& c) { c.region = "cn//x"; }), "value_malformed region");
    EXPECT_EQ(refusal([](Center& c) { c.security_level = 6; }),
              "value_out_of_range security_level");
    EXPECT_EQ(refusal([](Center& c) { c.energy.pue_milli = 999; }),
              "value_out_of_range energy.pue_milli");
    EXPECT_EQ(refusal([](Center& c) { c.link.price_per_gib = {-1}; }),
              "value_out_of_range link.price_per_gib");
    EXPECT_EQ(refusal([](Center& c) { c.pools.clear(); }), "value_out_of_range pools");
    EXPECT_EQ(refusal([](Center& c) { c.pools[0].nodes = 0; }),
              "value_out_of_range pools[0].nodes");
    EXPECT_EQ(refusal([](Center& c) { c.pools[0].chip = ""; }), "pool_chip_mismatch pools[0].chip");
    EXPECT_EQ(refusal([](Center& c) { c.pools.push_back(c.pools[0]); }),
              "pool_duplicate pools[1].name");
}

TEST(Region, CoversItselfAndWhatLiesInside) {
    EXPECT_TRUE(region_covers("cn/yangtze-delta", "cn/yangtze-delta"));
    EXPECT_TRUE(region_covers("cn/yangtze-delta", "cn/yangtze-delta/shanghai/jiading"));
    EXPECT_FALSE(region_covers("cn/yangtze-delta", "cn/yangtze-delta-2"));
    EXPECT_FALSE(region_covers("cn/yangtze-delta/shanghai", "cn/yangtze-delta"));
    EXPECT_FALSE(region_covers("", "cn"));
}

}  // namespace
}  // namespace dayu
