#include "runtime/content_store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/testing/temporary_folder.h"

namespace dayu::runtime {
namespace {

namespace fs = std::filesystem;

const ContentOwner poems{.scope = {}, .actor = "token:li-bai"};
const ContentOwner others{.scope = {}, .actor = "token:du-fu"};

class ContentStoreTest : public testing::Test {
   protected:
    void SetUp() override { open(); }
    void open(const ContentLimits& limits = {}) {
        store = std::move(*ContentStore::open(folder, limits));
    }

    static std::string digest(std::string_view bytes) { return to_hex(sha256(bytes)); }
    Result<std::vector<ContentStore::Progress>> put(std::string_view bytes, std::int64_t offset,
                                                    std::size_t length,
                                                    const ContentOwner& scope = poems) {
        const ContentPiece piece{.sha256 = digest(bytes),
                                 .offset = offset,
                                 .total = static_cast<std::int64_t>(bytes.size()),
                                 .bytes = bytes.substr(static_cast<std::size_t>(offset), length)};
        return store->take(scope, {&piece, 1});
    }
    static ContentPiece whole(std::string_view bytes) {
        return {.sha256 = digest(bytes),
                .total = static_cast<std::int64_t>(bytes.size()),
                .bytes = bytes};
    }
    // Of ten bytes each.
    static std::vector<std::string> small_contents(int count) {
        std::vector<std::string> contents;
        for (int i = 0; i < count; ++i) contents.push_back(std::to_string(1'000'000'000 + i));
        return contents;
    }
    // -1: it is here whole; else how much of it is.
    std::int64_t received(std::string_view bytes, const ContentOwner& scope = poems) {
        const ContentStore::Wanted wanted{digest(bytes), static_cast<std::int64_t>(bytes.size())};
        const auto missing = store->missing(scope, {&wanted, 1});
        EXPECT_TRUE(missing.ok());
        return missing->empty() ? -1 : missing->front().received;
    }
    std::string put_manifest(const std::vector<std::string>& contents) {
        Manifest manifest;
        for (std::size_t i = 0; i < contents.size(); ++i) {
            manifest.entries.push_back({.path = "f" + std::to_string(i),
                                        .sha256 = digest(contents[i]),
                                        .bytes = static_cast<std::int64_t>(contents[i].size())});
        }
        const std::string text = to_text(manifest);
        EXPECT_TRUE(put(text, 0, text.size()).ok());
        return digest(text);
    }
    void age(Duration by) {
        for (const auto& entry : fs::recursive_directory_iterator(folder)) {
            if (entry.is_regular_file())
                fs::last_write_time(entry,
                                    entry.last_write_time() - std::chrono::milliseconds(by.ms));
        }
    }

    const TemporaryFolder temporary;
    const std::string& folder = temporary.path();
    std::unique_ptr<ContentStore> store;
};

TEST_F(ContentStoreTest, KeepsWhatHasTheRightDigest) {
    EXPECT_EQ(received("hello"), 0);
    ASSERT_TRUE(put("hello", 0, 5)->front().complete);
    EXPECT_EQ(received("hello"), -1);
    EXPECT_EQ(store->read(poems, digest("hello"), 1, 3)->bytes, "ell");
    EXPECT_EQ(store->read(poems, digest("hello"), 9, 3)->bytes, "");
    EXPECT_TRUE(put("", 0, 0)->front().complete);
    EXPECT_EQ(store->bytes(), 5);
    open();
    EXPECT_EQ(received("hello"), -1);
    EXPECT_EQ(store->bytes(), 5);
}

TEST_F(ContentStoreTest, DropsWhatHasAnother) {
    const ContentPiece wrong{.sha256 = digest("a"), .offset = 0, .total = 1, .bytes = "b"};
    EXPECT_EQ(store->take(poems, {&wrong, 1}).error().code, "content_mismatch");
    const ContentPiece begin{.sha256 = digest("ab"), .offset = 0, .total = 2, .bytes = "x"};
    EXPECT_EQ(store->take(poems, {&begin, 1})->front().received, 1);
    EXPECT_EQ(put("ab", 1, 1).error().code, "content_mismatch");
    EXPECT_EQ(received("ab"), 0);
    EXPECT_EQ(store->bytes(), 0);
}

TEST_F(ContentStoreTest, GoesOnWhereItBrokeOff) {
    EXPECT_EQ(put("abcdef", 0, 2)->front().received, 2);
    open();  // as after a crash
    EXPECT_EQ(received("abcdef"), 2);
    EXPECT_EQ(put("abcdef", 0, 2)->front().received, 2);  // twice
    EXPECT_EQ(put("abcdef", 4, 2)->front().received, 2);  // a gap
    EXPECT_EQ(put("abcdef", 1, 3)->front().received, 4);  // overlaps
    EXPECT_TRUE(put("abcdef", 4, 2)->front().complete);
    EXPECT_TRUE(put("abcdef", 0, 2)->front().complete);  // late
    EXPECT_EQ(store->read(poems, digest("abcdef"), 0, 9)->bytes, "abcdef");
    EXPECT_EQ(store->bytes(), 6);
}

TEST_F(ContentStoreTest, TakesOneContentFromManyAtOnce) {
    const std::string bytes(300'000, 'x');
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (std::int64_t at = 0; at < 300'000; at += 30'000)
                EXPECT_TRUE(put(bytes, at, 30'000).ok());
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(received(bytes), -1);
    EXPECT_EQ(store->bytes(), 300'000);
}

TEST_F(ContentStoreTest, TakesManySmallOnesAtOnce) {
    const std::vector<std::string> contents = small_contents(100);
    std::vector<ContentPiece> pieces;
    for (const std::string& bytes : contents) pieces.push_back(whole(bytes));
    pieces.push_back(pieces.front());  // twice
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] { EXPECT_TRUE(store->take(poems, pieces).ok()); });
    for (std::thread& thread : threads) thread.join();
    for (const std::string& bytes : contents) EXPECT_EQ(received(bytes), -1);
    EXPECT_EQ(store->bytes(), 100 * 10);
    open();
    EXPECT_EQ(store->bytes(), 100 * 10);
}

TEST_F(ContentStoreTest, KeepsWhatCameBeforeARefusal) {
    const std::vector<std::string> contents = small_contents(2);
    ContentPiece wrong = whole("right");
    wrong.bytes = "wrong";
    const std::vector<ContentPiece> pieces{whole(contents[0]), wrong, whole(contents[1])};
    EXPECT_EQ(store->take(poems, pieces).error().code, "content_mismatch");
    EXPECT_EQ(received(contents[0]), -1);
    EXPECT_EQ(received(contents[1]), 0);
    EXPECT_EQ(store->bytes(), 10);
}

TEST_F(ContentStoreTest, AWholeOneEndsWhatHadBegun) {
    EXPECT_EQ(put("abcdef", 0, 2)->front().received, 2);
    EXPECT_TRUE(put("abcdef", 0, 6)->front().complete);
    EXPECT_EQ(received("abcdef"), -1);
    EXPECT_EQ(store->bytes(), 6);
}

TEST_F(ContentStoreTest, ForgetsWhatWasNeverSynced) {
    ASSERT_TRUE(put("hello", 0, 5).ok());
    const fs::path owner = fs::directory_iterator(folder)->path();
    std::ofstream(owner / "partial" / "7.tmp") << "half";
    open();  // as after a crash
    EXPECT_FALSE(fs::exists(owner / "partial" / "7.tmp"));
    EXPECT_EQ(store->bytes(), 5);
}

TEST_F(ContentStoreTest, ADigestIsNoKeyToWhatIsAnothers) {
    ASSERT_TRUE(put("secret", 0, 6).ok());
    EXPECT_EQ(received("secret", others), 0);
    EXPECT_EQ(store->read(others, digest("secret"), 0, 9).error().code, "content_unknown");
    const std::string manifest = put_manifest({"secret"});
    EXPECT_TRUE(store->check(poems, manifest).ok());
    EXPECT_EQ(store->check(others, manifest).error().code, "contents_missing");
}

TEST_F(ContentStoreTest, ChecksAManifest) {
    ASSERT_TRUE(put("one", 0, 3).ok());
    const std::string manifest = put_manifest({"one", "two"});
    const auto refused = store->check(poems, manifest);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "contents_missing");
    EXPECT_NE(refused.error().message.find("f1"), std::string::npos);
    ASSERT_TRUE(put("two", 0, 3).ok());
    EXPECT_EQ(*store->check(poems, manifest),
              (Workdir{.manifest = manifest, .files = 2, .bytes = 6}));
    EXPECT_TRUE(*store->belongs(poems, manifest, digest("two")));
    EXPECT_TRUE(*store->belongs(poems, manifest, manifest));
    EXPECT_FALSE(*store->belongs(poems, manifest, digest("three")));
    EXPECT_EQ(store->check(poems, digest("one")).error().code, "manifest_malformed");
    EXPECT_EQ(store->check(poems, "../../etc/passwd").error().code, "contents_missing");
}

TEST_F(ContentStoreTest, RemovesWhatNobodyUses) {
    for (const char* bytes : {"used", "unused", "asked"}) ASSERT_TRUE(put(bytes, 0, 9).ok());
    ASSERT_TRUE(put("partial", 0, 3).ok());
    const std::string manifest = put_manifest({"used"});
    age(seconds(8 * 24 * 3600));
    EXPECT_EQ(received("asked"), -1);
    EXPECT_EQ(*store->sweep({{poems, manifest}}, system_clock().now()), 2);  // unused, and partial
    EXPECT_EQ(received("used"), -1);
    EXPECT_EQ(received("asked"), -1);
    EXPECT_EQ(received("unused"), 0);
    EXPECT_EQ(received("partial"), 0);
    age(seconds(6 * 24 * 3600));
    EXPECT_EQ(*store->sweep({}, system_clock().now()), 0);
    age(seconds(2 * 24 * 3600));
    EXPECT_EQ(*store->sweep({}, system_clock().now()), 3);
    EXPECT_EQ(store->bytes(), 0);
}

TEST_F(ContentStoreTest, CountsWhatComesAndGoes) {
    ASSERT_TRUE(put("hello", 0, 5).ok());
    ASSERT_TRUE(put("part", 0, 1).ok());
    EXPECT_EQ(received("hello"), -1);
    EXPECT_EQ(received("other"), 0);
    const ContentFigures before = store->figures();
    EXPECT_EQ(before.contents, 1);
    EXPECT_EQ(before.bytes, 6);
    EXPECT_EQ(before.asked, 2);
    EXPECT_EQ(before.found, 1);
    EXPECT_EQ(before.taken, 1);
    EXPECT_EQ(before.taken_bytes, 5);
    open();
    EXPECT_EQ(store->figures().contents, 1);
    EXPECT_EQ(store->figures().bytes, 6);
    EXPECT_EQ(store->figures().asked, 0);
    age(seconds(8 * 24 * 3600));
    EXPECT_EQ(*store->sweep({}, system_clock().now()), 2);
    EXPECT_EQ(store->figures().contents, 0);
    EXPECT_EQ(store->figures().removed, 2);
}

TEST_F(ContentStoreTest, HasAQuota) {
    open({.quota_bytes = 10});
    ASSERT_TRUE(put("12345678", 0, 8).ok());
    EXPECT_EQ(put("abc", 0, 3).error().code, "contents_full");
    EXPECT_TRUE(put("12345678", 0, 8).ok());  // is here
    open({.reserve_bytes = INT64_MAX / 2});
    EXPECT_EQ(put("abc", 0, 3).error().code, "contents_full");
}

TEST_F(ContentStoreTest, WhatWasCutOnDiskIsMissing) {
    ASSERT_TRUE(put("12345678", 0, 8).ok());
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) fs::resize_file(entry, 3);
    }
    EXPECT_EQ(received("12345678"), 0);
    EXPECT_TRUE(put("12345678", 0, 8)->front().complete);
    EXPECT_EQ(received("12345678"), -1);
}

}  // namespace
}  // namespace dayu::runtime
