#include "agent/content_cache.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "base/testing/temporary_folder.h"

namespace dayu::agent {
namespace {

namespace fs = std::filesystem;

class ContentCacheTest : public testing::Test {
   protected:
    void SetUp() override { open(1'000'000); }
    void open(std::int64_t limit_bytes) {
        cache.reset();
        cache = std::move(*ContentCache::open(folder, limit_bytes));
    }
    static std::string digest(std::string_view bytes) { return to_hex(sha256(bytes)); }
    bool has(std::string_view bytes) {
        return bool(cache->find(digest(bytes), static_cast<std::int64_t>(bytes.size())));
    }
    // As if it had been used that long ago.
    void age(std::string_view bytes, int seconds) {
        const fs::path path = cache->path_of(digest(bytes));
        fs::last_write_time(path, fs::last_write_time(path) - std::chrono::seconds(seconds));
    }

    const TemporaryFolder temporary;
    const std::string& folder = temporary.path();
    std::unique_ptr<ContentCache> cache;
};

TEST_F(ContentCacheTest, KeepsWhatHasTheRightDigest) {
    EXPECT_FALSE(has("hello"));
    ASSERT_TRUE(cache->put(digest("hello"), "hello").ok());
    EXPECT_TRUE(has("hello"));
    EXPECT_EQ(cache->put(digest("other"), "hello").error().code, "content_spoilt");
    open(1'000'000);
    EXPECT_TRUE(has("hello"));
    EXPECT_EQ(cache->bytes(), 5);
    cache->drop(digest("hello"));
    EXPECT_FALSE(has("hello"));
    EXPECT_EQ(cache->bytes(), 0);
}

TEST_F(ContentCacheTest, ALargeOneComesInParts) {
    const std::string bytes = "abcdef";
    ASSERT_TRUE(cache->append(digest(bytes), 0, "abc").ok());
    open(1'000'000);
    EXPECT_EQ(cache->partial_bytes(digest(bytes)), 3);
    ASSERT_TRUE(cache->append(digest(bytes), 3, "def").ok());
    ASSERT_TRUE(cache->finish(digest(bytes)).ok());
    EXPECT_TRUE(has(bytes));
    ASSERT_TRUE(cache->append(digest("x"), 0, "y").ok());
    EXPECT_EQ(cache->finish(digest("x")).error().code, "content_spoilt");
    EXPECT_EQ(cache->partial_bytes(digest("x")), 0);
}

TEST_F(ContentCacheTest, DropsWhatWasNotUsedForLongest) {
    open(10'000);
    const std::string a(3000, 'a'), b(3000, 'b'), c(3000, 'c'), d(3000, 'd');
    for (const std::string* bytes : {&a, &b, &c})
        ASSERT_TRUE(cache->put(digest(*bytes), *bytes).ok());
    age(a, 30);
    age(b, 20);
    age(c, 10);
    EXPECT_TRUE(has(a));  // just now
    ASSERT_TRUE(cache->put(digest(d), d).ok());
    EXPECT_TRUE(has(a));
    EXPECT_FALSE(has(b));
    EXPECT_TRUE(has(c));
    EXPECT_TRUE(has(d));
    EXPECT_EQ(cache->bytes(), 9000);
}

TEST_F(ContentCacheTest, NeverWhatIsInUse) {
    open(5'000);
    const std::string a(3000, 'a'), b(3000, 'b'), c(3000, 'c');
    ContentCache::Pin in_use = *cache->put(digest(a), a);
    age(a, 60);
    ASSERT_TRUE(cache->put(digest(b), b).ok());
    EXPECT_TRUE(has(a));
    in_use = ContentCache::Pin();
    age(a, 60);
    age(b, 30);
    ASSERT_TRUE(cache->put(digest(c), c).ok());
    EXPECT_FALSE(has(a));
    EXPECT_TRUE(has(c));
}

}  // namespace
}  // namespace dayu::agent
