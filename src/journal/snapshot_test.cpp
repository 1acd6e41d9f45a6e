#include "journal/snapshot.h"

#include <gtest/gtest.h>

#include "journal/testing/story.h"

namespace dayu::journal {
namespace {

TEST(Snapshot, LoadsTheStateThatWasWritten) {
    const auto events = testing::story();
    for (std::size_t count = 0; count <= events.size(); ++count) {
        const control::State state = testing::state_after(std::span(events).first(count));
        const Result<LoadedSnapshot> loaded = decode_snapshot(encode_snapshot(state, "hash"));
        ASSERT_TRUE(loaded) << loaded.error().message;
        EXPECT_EQ(loaded->hash, "hash");
        EXPECT_EQ(digest_of(loaded->state), digest_of(state));
        EXPECT_EQ(loaded->state.shape_index.rows(), state.shape_index.rows());
        EXPECT_EQ(loaded->state.attempts_at.size(), state.attempts_at.size());
    }
}

TEST(Snapshot, DigestTellsStatesApart) {
    const auto events = testing::story();
    std::string previous;
    for (std::size_t count = 0; count <= events.size(); ++count) {
        const std::string digest = digest_of(testing::state_after(std::span(events).first(count)));
        EXPECT_NE(digest, previous);
        previous = digest;
    }
}

TEST(Snapshot, RefusesAnyChangedByte) {
    const std::string bytes = encode_snapshot(testing::state_after(testing::story()), "hash");
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 0x20);
        const Result<LoadedSnapshot> loaded = decode_snapshot(changed);
        ASSERT_FALSE(loaded) << at;
        const bool in_fingerprint = at >= 8 && at < 40;
        EXPECT_EQ(loaded.error().code,
                  in_fingerprint ? "snapshot_of_other_layout" : "snapshot_damaged");
    }
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_snapshot(std::string_view(bytes).substr(0, size))) << size;
    }
}

}  // namespace
}  // namespace dayu::journal
