#include "model/ignore_rules.h"

#include <gtest/gtest.h>

namespace dayu {
namespace {

// "yes", "no" (taken back), or "-" where nothing matches. A path that ends with '/' is a folder.
std::string ask(const std::string& rules, std::string path) {
    const bool is_folder = path.ends_with('/');
    if (is_folder) path.pop_back();
    const auto parsed = IgnoreRules::parse(rules);
    EXPECT_TRUE(parsed.ok());
    const auto verdict = parsed->ignores(path, is_folder);
    return !verdict ? "-" : *verdict ? "yes" : "no";
}

TEST(IgnoreRules, AName) {
    EXPECT_EQ(ask("*.o", "a.o"), "yes");
    EXPECT_EQ(ask("*.o", "sub/a.o"), "yes");
    EXPECT_EQ(ask("*.o", "a.oo"), "-");
    EXPECT_EQ(ask("a?c", "abc"), "yes");
    EXPECT_EQ(ask("a?c", "a/c"), "-");
    EXPECT_EQ(ask("*a*b*c*", "xxaxxbxxcxx"), "yes");
    EXPECT_EQ(ask("*a*b*c*", "xxaxxcxxbxx"), "-");
}

TEST(IgnoreRules, AFolder) {
    EXPECT_EQ(ask("build/", "build/"), "yes");
    EXPECT_EQ(ask("build/", "build"), "-");
    EXPECT_EQ(ask("build/", "sub/build/"), "yes");
    EXPECT_EQ(ask("/build", "build"), "yes");
    EXPECT_EQ(ask("/build", "sub/build"), "-");
    EXPECT_EQ(ask("sub/build", "sub/build"), "yes");
    EXPECT_EQ(ask("sub/build", "x/sub/build"), "-");
}

TEST(IgnoreRules, AnyFolders) {
    EXPECT_EQ(ask("**/logs", "logs"), "yes");
    EXPECT_EQ(ask("**/logs", "a/b/logs"), "yes");
    EXPECT_EQ(ask("logs/**", "logs/a/b"), "yes");
    EXPECT_EQ(ask("logs/**", "logs/"), "-");
    EXPECT_EQ(ask("a/**/z", "a/z"), "yes");
    EXPECT_EQ(ask("a/**/z", "a/b/c/z"), "yes");
    EXPECT_EQ(ask("a/**/z", "b/a/z"), "-");
    EXPECT_EQ(ask("a/**/m/**/z", "a/m/m/q/z"), "yes");
    EXPECT_EQ(ask("a**b", "axxb"), "yes");
    EXPECT_EQ(ask("a**b", "a/b"), "-");
}

TEST(IgnoreRules, TheLastOneCounts) {
    EXPECT_EQ(ask("*.log\n!keep.log", "keep.log"), "no");
    EXPECT_EQ(ask("*.log\n!keep.log", "other.log"), "yes");
    EXPECT_EQ(ask("!keep.log\n*.log", "keep.log"), "yes");
}

TEST(IgnoreRules, CommentsSpacesAndBackslashes) {
    EXPECT_EQ(ask("# a\n\n  \n", "# a"), "-");
    EXPECT_EQ(ask("\\#a", "#a"), "yes");
    EXPECT_EQ(ask("\\!a", "!a"), "yes");
    EXPECT_EQ(ask("a  ", "a"), "yes");
    EXPECT_EQ(ask("a\\ ", "a "), "yes");
    EXPECT_EQ(ask("a\r\nb\r\n", "a"), "yes");
    EXPECT_EQ(ask("a\\*b", "a*b"), "yes");
    EXPECT_EQ(ask("a\\*b", "axb"), "-");
}

TEST(IgnoreRules, Classes) {
    EXPECT_EQ(ask("[a-c]x", "bx"), "yes");
    EXPECT_EQ(ask("[a-c]x", "dx"), "-");
    EXPECT_EQ(ask("[!a-c]x", "dx"), "yes");
    EXPECT_EQ(ask("[^a]", "a"), "-");
    EXPECT_EQ(ask("[]]", "]"), "yes");
    EXPECT_EQ(ask("[a-]", "-"), "yes");
    EXPECT_EQ(ask("[\\]a]", "]"), "yes");
    EXPECT_EQ(ask("[a", "[a"), "yes");
    EXPECT_EQ(ask("*.py[co]", "m.pyc"), "yes");
}

TEST(IgnoreRules, WhatIsLeftOutAnyway) {
    EXPECT_EQ(ask(std::string(ignored_anyway), ".git/"), "yes");
    EXPECT_EQ(ask(std::string(ignored_anyway), ".git"), "-");  // of a submodule: a file
    EXPECT_EQ(ask(std::string(ignored_anyway), ".gitignore"), "-");
    EXPECT_EQ(ask(std::string(ignored_anyway), "sub/.dayuignore"), "yes");
}

TEST(IgnoreRules, AWildPatternTakesItsTimeNotForEver) {
    std::string pattern, name(200, 'a');
    for (int i = 0; i < 60; ++i) pattern += "a*";
    EXPECT_EQ(ask(pattern + "b", name), "-");
    std::string folders, path = "a";
    for (int i = 0; i < 60; ++i) folders += "**/a/";
    for (int i = 0; i < 300; ++i) path += "/a";
    EXPECT_EQ(ask(folders + "b", path), "-");
}

TEST(IgnoreRules, HasLimits) {
    EXPECT_FALSE(IgnoreRules::parse(std::string(300 * 1024, 'a')).ok());
    std::string many;
    for (int i = 0; i < 5000; ++i) many += "a\n";
    EXPECT_FALSE(IgnoreRules::parse(many).ok());
}

}  // namespace
}  // namespace dayu
