#include "model/attempt.h"

#include <rapidcheck.h>

#include <gtest/gtest.h>

namespace dayu {
namespace {

constexpr std::string_view cluster = "5e3f09c1a2b4d687";

TEST(Token, NamesClusterJobAndAttempt) {
    EXPECT_EQ(make_token(cluster, {{41}, 2}).text, "5e3f09c1a2b4d687-41-2");
    EXPECT_EQ(parse_token(cluster, {"5e3f09c1a2b4d687-41-2"}), (AttemptKey{{41}, 2}));
}

TEST(Token, ForeignAndMalformedOnesAreNobodys) {
    for (const std::string text :
         {"", "5e3f09c1a2b4d687", "5e3f09c1a2b4d687-41", "5e3f09c1a2b4d687-41-",
          "5e3f09c1a2b4d687-41-0", "5e3f09c1a2b4d687-0-1", "5e3f09c1a2b4d687-041-2",
          "5e3f09c1a2b4d687-41-2 ", "5e3f09c1a2b4d687-41-2-3", "5e3f09c1a2b4d687-41--2",
          "5e3f09c1a2b4d688-41-2", "5e3f09c1a2b4d687-99999999999999999999-1"}) {
        EXPECT_EQ(parse_token(cluster, {text}), std::nullopt) << text;
    }
    EXPECT_EQ(parse_token("", {"-41-2"}), std::nullopt);
}

TEST(Token, EveryKeyComesBack) {
    EXPECT_TRUE(rc::check([](std::uint64_t job, std::uint32_t number) {
        const AttemptKey key{{job | 1}, std::int64_t{number} + 1};
        RC_ASSERT(parse_token(cluster, make_token(cluster, key)) == key);
    }));
}

}  // namespace
}  // namespace dayu
