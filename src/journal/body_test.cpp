#include "journal/body.h"

#include <gtest/gtest.h>

#include "base/sha256.h"

namespace dayu::journal {
namespace {

TEST(Body, IsNamedByItsSaltedDigest) {
    const Body body = make_body("echo hello", "salt");
    EXPECT_EQ(body.ref, to_hex(sha256("saltecho hello")));
    EXPECT_NE(body.ref, make_body("echo hello", "other").ref);
}

TEST(BodyVault, SharesEqualBodiesOfOneProject) {
    BodyVault vault;
    const Scope poems{"acme", "poems"}, songs{"acme", "songs"};
    const Body first = vault.intern(poems, "echo hello", "s1");
    const Body again = vault.intern(poems, "echo hello", "s2");
    EXPECT_EQ(again.ref, first.ref);
    EXPECT_EQ(again.salt, "s1");
    EXPECT_EQ(again.content, "echo hello");
    EXPECT_NE(vault.intern(songs, "echo hello", "s3").ref, first.ref);
    EXPECT_NE(vault.intern({"acmepoems", ""}, "echo hello", "s3").ref, first.ref);
}

TEST(BodyVault, ForgetsAnErasedBody) {
    BodyVault vault;
    const Body first = vault.intern({}, "echo hello", "s1");
    vault.forget(first.ref);
    EXPECT_EQ(vault.intern({}, "echo hello", "s2").salt, "s2");
}

TEST(BodyVault, ForgetsTheOldestWhenItIsFull) {
    BodyVault vault;
    for (std::size_t i = 0; i <= BodyVault::max_remembered; ++i) {
        vault.intern({}, std::to_string(i), "first");
    }
    EXPECT_EQ(vault.intern({}, "0", "second").salt, "second");
    EXPECT_EQ(vault.intern({}, std::to_string(BodyVault::max_remembered), "second").salt, "first");
}

}  // namespace
}  // namespace dayu::journal
