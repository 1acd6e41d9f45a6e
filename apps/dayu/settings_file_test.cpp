#include "dayu/settings_file.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace dayu::app {
namespace {

struct Settings {
    std::string listen_on;
    std::string file;
    bool loud = false;
    std::int64_t most = 0;
    std::vector<std::string> names;
};

class SettingsFile : public ::testing::Test {
   protected:
    Result<void> read(const std::string& text, Settings& into) const {
        const std::string path = folder_ + "/settings.yaml";
        std::ofstream(path) << text;
        const std::vector<Option> options = {{"-l,--listen-on", &into.listen_on, ""},
                                             {"--file", &into.file, ""},
                                             {"--loud", &into.loud, ""},
                                             {"--most", &into.most, ""},
                                             {"--names", &into.names, ""}};
        constexpr std::string_view paths[] = {"file"};
        return read_settings(path, options, paths);
    }
    std::string refusal(const std::string& text) const {
        Settings settings;
        const Result<void> done = read(text, settings);
        return done.ok() ? "" : done.error().code + " " + done.error().message;
    }

    const TemporaryFolder temporary_;
    const std::string& folder_ = temporary_.path();
};

TEST_F(SettingsFile, EveryKindOfOptionIsAKey) {
    Settings settings;
    const Result<void> done =
        read("listen_on: a:1\nfile: x/y\nloud: true\nmost: 7\nnames: [a, b]\n", settings);
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(settings.listen_on, "a:1");
    EXPECT_EQ(settings.file, folder_ + "/x/y");
    EXPECT_TRUE(settings.loud);
    EXPECT_EQ(settings.most, 7);
    EXPECT_EQ(settings.names, (std::vector<std::string>{"a", "b"}));
}

TEST_F(SettingsFile, TheCommandLineGoesBeforeIt) {
    Settings settings{
        .listen_on = "given", .file = "given", .loud = true, .most = 1, .names = {"given"}};
    ASSERT_TRUE(read("listen_on: a:1\nfile: x/y\nloud: false\nmost: 7\nnames: b\n", settings).ok());
    EXPECT_EQ(settings.listen_on, "given");
    EXPECT_EQ(settings.file, "given");
    EXPECT_TRUE(settings.loud);
    EXPECT_EQ(settings.most, 1);
    EXPECT_EQ(settings.names, std::vector<std::string>{"given"});
}

TEST_F(SettingsFile, MistakesNameFileLineAndKey) {
    const std::string unknown = refusal("most: 1\nlisten-on: x\n");
    EXPECT_EQ(unknown, "key_unknown " + folder_ +
                           "/settings.yaml: line 2, listen-on: unknown key; did "
                           "you mean \"listen_on\"?");
    EXPECT_NE(refusal("loud: perhaps\n").find("neither true nor false"), std::string::npos);
    EXPECT_NE(refusal("most: many\n").find("line 1, most"), std::string::npos);
    EXPECT_NE(refusal("most: 1\nmost: 2\n").find("yaml_duplicate_key"), std::string::npos);
    EXPECT_NE(refusal("just words\n").find("line 1"), std::string::npos);
}

}  // namespace
}  // namespace dayu::app
