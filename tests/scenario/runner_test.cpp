// One test for each *.txt in this folder, found at run time. DAYU_SCENARIO_TRACE=1 prints every line.
#include "tests/scenario/runner.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include <gtest/gtest.h>

namespace dayu::scenario {
namespace {

const std::filesystem::path folder = DAYU_SCENARIOS;

std::vector<std::string> scenario_names() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::filesystem::path& path = entry.path();
        if (path.extension() != ".txt" || path.filename() == "CMakeLists.txt") continue;
        names.push_back(path.stem().string());
    }
    std::ranges::sort(names);
    return names;
}

std::string as_test_name(const testing::TestParamInfo<std::string>& scenario) {
    std::string name = scenario.param;
    std::ranges::replace(name, '-', '_');
    return name;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, GoesAsWritten) {
    const std::string file = "tests/scenario/" + GetParam() + ".txt";
    std::ifstream in(folder / (GetParam() + ".txt"));
    std::stringstream text;
    text << in.rdbuf();
    const std::vector<Line> lines = parse_script(text.str());
    ASSERT_FALSE(lines.empty()) << file << " says nothing";

    Runner runner;
    for (const Line& line : lines) {
        const std::string wrong = runner.run(line);
        if (std::getenv("DAYU_SCENARIO_TRACE") != nullptr)
            std::cout << file << ":" << line.number << ": " << runner.transcript(line) << "\n";
        if (wrong.empty()) continue;
        GTEST_MESSAGE_AT_(file.c_str(), line.number, wrong.c_str(),
                          testing::TestPartResult::kFatalFailure);
        return;
    }
    Line last{.left = "restart"};
    last.statements = {{.verb = "restart", .words = {}, .options = {}}};
    EXPECT_EQ(runner.run(last), "") << file << ", replayed at its end";
}

INSTANTIATE_TEST_SUITE_P(Text, Scenario, testing::ValuesIn(scenario_names()), as_test_name);

}  // namespace
}  // namespace dayu::scenario
