#include "dayu/workdir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace dayu::app {
namespace {

namespace fs = std::filesystem;

class LocalWorkdirTest : public testing::Test {
   protected:
    void SetUp() override { fs::create_directory(root + "/src"); }

    void write(const std::string& path, const std::string& content, mode_t mode = 0644) {
        const std::string whole = root + "/src/" + path;
        fs::create_directories(fs::path(whole).parent_path());
        std::ofstream(whole) << content;
        ::chmod(whole.c_str(), mode);
    }
    Result<LocalWorkdir> read() { return read_workdir("src", root + "/job.yaml"); }
    // "a b/c*": a file that runs is marked by *, a link by @, an empty folder by /.
    std::string listed() {
        const auto workdir = read();
        if (!workdir) return workdir.error().code + ": " + workdir.error().message;
        std::string words;
        for (const WorkdirEntry& entry : workdir->manifest.entries) {
            constexpr std::string_view marks[] = {"", "*", "@", "/"};
            words += (words.empty() ? "" : " ") + entry.path +
                     std::string(marks[static_cast<int>(entry.kind)]);
        }
        return words;
    }

    const TemporaryFolder temporary;
    const std::string& root = temporary.path();
};

TEST_F(LocalWorkdirTest, ListsWhatLiesInIt) {
    write("b/c", "x");
    write("a", "y", 0755);
    write(".hidden", "");
    write(".git/config", "z");
    fs::create_directory(root + "/src/empty");
    ::symlink("b/c", (root + "/src/to").c_str());
    EXPECT_EQ(listed(), ".hidden a* b/c empty/ to@");
    const auto first = read(), second = read();
    EXPECT_EQ(first->summary, second->summary);
    EXPECT_EQ(first->summary.files, 3);
    EXPECT_EQ(first->summary.bytes, 2);
    write("b/c", "other");
    EXPECT_NE(read()->summary.manifest, first->summary.manifest);
}

TEST_F(LocalWorkdirTest, LeavesOutWhatItsRulesSay) {
    write("keep.txt", "");
    write("a.log", "");
    write("keep.log", "");
    write("build/x", "");
    write("data/raw/big", "");
    write("data/small", "");
    write("sub/a.tmp", "");
    write("sub/b.log", "");
    write(".dayuignore", "# logs\n*.log\n!keep.log\nbuild/\n/data/raw\n");
    write("sub/.dayuignore", "*.tmp\n!b.log\n");
    EXPECT_EQ(listed(), "data/small keep.log keep.txt sub/b.log");
}

TEST_F(LocalWorkdirTest, RefusesWhatLeadsOut) {
    write("a", "");
    ::symlink("../../etc/passwd", (root + "/src/out").c_str());
    EXPECT_TRUE(listed().starts_with("workdir_link_outside: workdir: the link \"out\""))
        << listed();
    write(".dayuignore", "out\n");
    EXPECT_EQ(listed(), "a");
}

TEST_F(LocalWorkdirTest, RefusesWhatIsNoFile) {
    ::mkfifo((root + "/src/pipe").c_str(), 0600);
    EXPECT_TRUE(listed().starts_with("workdir_special_file: ")) << listed();
}

TEST_F(LocalWorkdirTest, NamesTheLargestWhereItIsTooMuch) {
    write("small", "x");
    write("large.bin", "");
    fs::resize_file(root + "/src/large.bin", (std::uint64_t{2} << 30) + 1);  // takes no room
    const std::string refusal = listed();
    EXPECT_TRUE(refusal.starts_with("workdir_file_too_large: ")) << refusal;
    EXPECT_NE(refusal.find("large.bin (2.0G)"), std::string::npos) << refusal;
}

TEST_F(LocalWorkdirTest, HasToBeAFolder) {
    EXPECT_EQ(read_workdir("none", root + "/job.yaml").error().code, "workdir_no_folder");
    write("a", "");
    EXPECT_EQ(read_workdir("src/a", root + "/job.yaml").error().code, "workdir_no_folder");
    EXPECT_TRUE(read_workdir(root + "/src", "-").ok());
}

}  // namespace
}  // namespace dayu::app
