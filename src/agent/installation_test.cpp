#include "agent/installation.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace dayu::agent {
namespace {

namespace fs = std::filesystem;

class InstallationTest : public testing::Test {
   protected:
    void SetUp() override { fs::remove_all(folder_); }
    void TearDown() override { fs::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_ + "/" + name) << text;
    }

    const std::string folder_ =
        (fs::temp_directory_path() / ("dayu-installation-" + std::to_string(getpid()))).string();
};

TEST_F(InstallationTest, KeepsItsIdAndCountsItsStarts) {
    std::string id;
    {
        const auto first = Installation::open(folder_);
        ASSERT_TRUE(first.ok()) << first.error().message;
        EXPECT_EQ(first->incarnation(), 1u);
        EXPECT_EQ(first->id().size(), 32u);
        id = first->id();
    }
    const auto second = Installation::open(folder_);
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(second->incarnation(), 2u);
    EXPECT_EQ(second->id(), id);
}

TEST_F(InstallationTest, TwoAgentsNeverShareAFolder) {
    const auto first = Installation::open(folder_);
    ASSERT_TRUE(first.ok());
    const auto second = Installation::open(folder_);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().kind, ErrorKind::conflict);
    EXPECT_EQ(second.error().code, "agent_runs_already");
}

// A counter that starts again from 1 would make the server take every request for an old one, and a new
// id would make it give the attempts up for lost: better not to start.
TEST_F(InstallationTest, RefusesToGuessWhoItIs) {
    fs::create_directories(folder_);
    write("agent-id", "garbage\n");
    EXPECT_EQ(Installation::open(folder_).error().code, "agent_folder");
    fs::remove(folder_ + "/agent-id");
    write("incarnation", "\n");
    EXPECT_EQ(Installation::open(folder_).error().code, "agent_folder");
}

}  // namespace
}  // namespace dayu::agent
