#include "model/hook.h"

#include <gtest/gtest.h>

namespace dayu {
namespace {

Hook hook() { return {.name = "ops", .host = "example.org", .events = {NoticeTopic::job_ended}}; }

TEST(Hook, SaysWhatIsWrong) {
    EXPECT_TRUE(validate(hook()).ok());
    Hook bad = hook();
    bad.events.clear();
    EXPECT_TRUE(validate(bad).error().message.starts_with("events: "));
    bad = hook();
    bad.events = {NoticeTopic::job_held, NoticeTopic::job_held};
    EXPECT_EQ(validate(bad).error().code, "value_malformed");
    bad = hook();
    bad.name = "Ops!";
    EXPECT_TRUE(validate(bad).error().message.starts_with("name: "));
    bad = hook();
    bad.filter.name = "a\nb";
    EXPECT_TRUE(validate(bad).error().message.starts_with("filter.name: "));
}

TEST(Hook, PatternsTakeStars) {
    EXPECT_TRUE(matches_pattern("bert-*", "bert-large"));
    EXPECT_TRUE(matches_pattern("bert-*", "bert-"));
    EXPECT_TRUE(matches_pattern("*-eval*", "a-eval-b-eval"));
    EXPECT_TRUE(matches_pattern("*aab", "aaaab"));
    EXPECT_TRUE(matches_pattern("same", "same"));
    EXPECT_TRUE(matches_pattern("**", ""));
    EXPECT_FALSE(matches_pattern("bert-*", "albert-large"));
    EXPECT_FALSE(matches_pattern("same", "sames"));
    EXPECT_FALSE(matches_pattern("*x", "xa"));
    EXPECT_FALSE(matches_pattern("", "a"));
}

}  // namespace
}  // namespace dayu
