// One line of JSON makes the tree that YAML makes of it, and what is refused is refused as by YAML.
#include "wire/json_line.h"

#include <gtest/gtest.h>

namespace dayu::wire {
namespace {

void expect_equal(const YamlNode& a, const YamlNode& b) {
    EXPECT_EQ(a.kind, b.kind) << a.path;
    EXPECT_EQ(a.key, b.key) << a.path;
    EXPECT_EQ(a.path, b.path);
    EXPECT_EQ(a.text, b.text) << a.path;
    EXPECT_EQ(a.quoted, b.quoted) << a.path;
    ASSERT_EQ(a.children.size(), b.children.size()) << a.path;
    for (std::size_t i = 0; i < a.children.size(); ++i) {
        expect_equal(a.children[i], b.children[i]);
    }
}

TEST(JsonLine, MakesTheTreeOfYaml) {
    const std::string text =
        R"({"run":"a\n\"b\" \\ \u00e9 \/ 大禹 \ud83d\ude00","nodes":2,"env":{"A":"1","B":""},)"
        R"("retry":{"on_exit":[75,-1],"max":null},"x":[],"y":{},"t":true,"f":false,"d":0.5e1,)"
        R"("deep":[[{"a":[1,{"b":2}]}]]})";
    const auto line = parse_json_line(text);
    ASSERT_TRUE(line);
    // The same text over two lines goes the way of YAML.
    const auto yaml = parse_yaml("{\n" + text.substr(1));
    ASSERT_TRUE(yaml) << yaml.error().message;
    expect_equal(*line, *yaml);
    EXPECT_TRUE(parse_json_line(text + "\n"));
}

TEST(JsonLine, LeavesToYamlWhatItDoesNotTake) {
    for (const char* text :
         {"", "[]", "run: a", "{run: a}", R"({"run":"a",})", "{\n\"run\":\"a\"}",
          R"({"run":"a","run":"b"})", R"({"run":"\ud83d"})", R"({"run":"a"} x)", "{\"run\":1"}) {
        EXPECT_FALSE(parse_json_line(text)) << text;
    }
    EXPECT_FALSE(parse_json_line("{\"k\":" + std::string(40, '[') + std::string(40, ']') + "}"));
    EXPECT_FALSE(parse_json_line("{\"" + std::string(257, 'k') + "\":1}"));
}

TEST(JsonLine, ErrorsAreThoseOfYaml) {
    EXPECT_EQ(parse_yaml(R"({"run":"a","run":"b"})").error().code, "yaml_duplicate_key");
    EXPECT_EQ(parse_yaml(R"({"run":)").error().code, "yaml_malformed");
}

}  // namespace
}  // namespace dayu::wire
