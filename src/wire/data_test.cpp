// The files under data/: each loads, says where it comes from, and holds what it should.
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "wire/chip_file.h"
#include "wire/yaml.h"

namespace dayu::wire {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path << ": tests run in the source folder";
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

YamlNode load(const std::string& path) {
    const Result<YamlNode> root = parse_yaml(read_file(path));
    EXPECT_TRUE(root.ok()) << path << ": " << (root.ok() ? "" : root.error().message);
    return root.ok() ? *root : YamlNode{};
}

std::string text_of(const YamlNode& node, std::string_view key) {
    const YamlNode* child = node.find(key);
    return child == nullptr ? "" : child->text;
}

TEST(Data, ChipsLoad) {
    const Result<std::vector<Chip>> chips = parse_chip_file(read_file("data/chips.yaml"));
    ASSERT_TRUE(chips.ok()) << chips.error().message;
    EXPECT_EQ(chips->size(), 39U);
    const ChipNames names = chip_names(*chips);
    const std::pair<std::string_view, std::string_view> known[] = {
        {"A100-80GB", "A100-80GB"},
        {"a100", "A100-80GB"},
        {"H100", "H100"},
        {"gres/npu:910b", "Ascend910B"},
        {"ascend910b3", "Ascend910B"},
        {"mlu590", "MLU590"},
        {"huawei.com/Ascend910B", "Ascend910B"},
    };
    for (const auto& [word, name] : known) {
        const Chip* chip = names.find(word);
        ASSERT_NE(chip, nullptr) << word;
        EXPECT_EQ(chip->name, name);
    }
    EXPECT_EQ(names.find("L20")->fp16_gflops, 119'500);
    EXPECT_EQ(names.find("RTX5090"), nullptr);
}

TEST(Data, ChipMistakesAreRefused) {
    const auto code = [](std::string_view text) { return parse_chip_file(text).error().code; };
    constexpr std::string_view rest = "vendor: V, memory_gib: 1, source: s, confidence: A}\n";
    const std::string one = "chips:\n- {name: X, aliases: [y], " + std::string(rest);
    EXPECT_EQ(code(one + "- {name: Y, " + std::string(rest)), "chip_ambiguous");
    EXPECT_EQ(code(one + "- {name: x, " + std::string(rest)), "chip_ambiguous");
    EXPECT_EQ(code("chips:\n- {name: X}\n"), "key_missing");
    EXPECT_EQ(code("chips:\n- {name: X, confidence: Z}\n"), "value_unknown");
}

TEST(Data, EmissionFactorsCoverThirtyProvinces) {
    const YamlNode root = load("data/emission_factors.yaml");
    EXPECT_NE(text_of(root, "source"), "");
    EXPECT_EQ(text_of(root, "confidence"), "A");
    std::set<std::string> provinces;
    ASSERT_NE(root.find("factors"), nullptr);
    for (const YamlNode& row : root.find("factors")->children) {
        ASSERT_NE(row.find("kg_per_kwh"), nullptr);
        const Result<std::int64_t> mg = read_decimal(*row.find("kg_per_kwh"), 6);
        ASSERT_TRUE(mg.ok()) << mg.error().message;
        EXPECT_TRUE(*mg > 100'000 && *mg < 1'000'000) << text_of(row, "region");
        if (text_of(row, "scope") == "province") provinces.insert(text_of(row, "region"));
    }
    EXPECT_EQ(provinces.size(), 30U);
    EXPECT_TRUE(provinces.contains("宁夏"));
}

TEST(Data, HubsNameProvincesThatHaveAFactor) {
    const YamlNode root = load("data/hubs.yaml");
    const std::string factors = read_file("data/emission_factors.yaml");
    EXPECT_NE(text_of(root, "source"), "");
    ASSERT_NE(root.find("hubs"), nullptr);
    EXPECT_EQ(root.find("hubs")->children.size(), 10U);
    for (const YamlNode& hub : root.find("hubs")->children) {
        EXPECT_NE(factors.find("region: " + text_of(hub, "factor_of") + ","), std::string::npos);
        const Result<std::int64_t> pue = read_decimal(*hub.find("pue_max"), 3);
        ASSERT_TRUE(pue.ok());
        EXPECT_TRUE(*pue == 1200 || *pue == 1250);
    }
}

}  // namespace
}  // namespace dayu::wire
