#include "base/id_map.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace dayu {
namespace {

using ThingId = Id<struct ThingTag>;

TEST(IdMap, FindsWhatWasPutAndNothingElse) {
    IdMap<ThingId, int> map;
    EXPECT_EQ(map.find({7}), nullptr);
    map[{7}] = 70;
    map[{8}] = 80;
    ASSERT_NE(map.find({7}), nullptr);
    EXPECT_EQ(*map.find({7}), 70);
    EXPECT_EQ(map.find({9}), nullptr);
    EXPECT_EQ(map.find({}), nullptr);
    map.erase({7});
    map.erase({9});
    EXPECT_EQ(map.find({7}), nullptr);
    EXPECT_EQ(map[{8}], 80);
    EXPECT_EQ(map.size(), 1U);
}

// Against std::map, with ids that often share a place.
TEST(IdMap, IsAMap) {
    std::mt19937_64 dice(1);
    for (const std::uint64_t stride : {1ULL, 64ULL, 1ULL << 40, 0x9e37'79b9'7f4a'7c15ULL}) {
        IdMap<ThingId, std::uint64_t> map;
        std::map<std::uint64_t, std::uint64_t> expected;
        for (int i = 0; i < 20'000; ++i) {
            const std::uint64_t id = (1 + dice() % 500) * stride;
            if (dice() % 2 == 0) {
                map[{id}] = expected[id] = dice();
            } else {
                map.erase({id});
                expected.erase(id);
            }
            ASSERT_EQ(map.size(), expected.size());
        }
        std::map<std::uint64_t, std::uint64_t> visited;
        map.visit([&](ThingId id, std::uint64_t value) { visited.emplace(id.value, value); });
        EXPECT_EQ(visited, expected);
        for (const auto& [id, value] : expected) {
            ASSERT_NE(map.find({id}), nullptr);
            EXPECT_EQ(*map.find({id}), value);
        }
    }
}

}  // namespace
}  // namespace dayu
