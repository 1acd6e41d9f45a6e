// The golden journal as a trace: what a release wrote is read for ever, here too.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"
#include "sim/replay/shapes.h"
#include "sim/trace.h"

namespace dayu::sim {
namespace {

constexpr const char* golden = "tests/golden/v1.jsonl";

std::string golden_text() {
    std::ostringstream text;
    text << std::ifstream(golden, std::ios::binary).rdbuf();
    return text.str();
}

class JournalTrace : public ::testing::Test {
   protected:
    Result<Trace> read(const std::string& text) {
        std::ofstream(path_, std::ios::binary) << text;
        return read_trace(path_, "journal", {});
    }

    TemporaryFolder folder_;
    std::string path_ = folder_.path() + "/journal.jsonl";
};

TEST_F(JournalTrace, HasTheJobsThatRanAndEndedAndWhatTheyAskedFor) {
    const Result<Trace> trace = read_trace(golden, "journal", {});
    ASSERT_TRUE(trace.ok()) << trace.error().message;
    // Job 1 ran for a minute, failed, and ran for a minute again; 2 came 12 s after it and was cancelled after a minute.
    ASSERT_GE(trace->jobs.size(), 2U);
    EXPECT_EQ(trace->projects.front(), "default");
    EXPECT_EQ(trace->jobs[0].arrival_s, 0);
    EXPECT_EQ(trace->jobs[0].duration_s, 120);
    EXPECT_EQ(trace->jobs[1].arrival_s, 12);
    EXPECT_EQ(trace->jobs[1].duration_s, 60);
    const JobSpec& asked = trace->specs[trace->jobs[0].spec - 1];
    EXPECT_EQ(asked.resources.chip, "A100-80GB");
    EXPECT_EQ(asked.resources.chips_milli, 8000);
    EXPECT_EQ(asked.time_limit, seconds(7200));
}

TEST_F(JournalTrace, JobsKeepTheirSpecsInAnotherWorld) {
    const Result<Trace> trace = read_trace(golden, "journal", {});
    ASSERT_TRUE(trace.ok());
    WorldFile world;
    Chip chip;
    chip.name = "A100-80GB";
    chip.memory_mib = 81'920;
    world.chips = {chip};
    Center center;
    center.name = "jiading";
    center.region = "cn/yangtze-delta/shanghai/jiading";
    center.pools = {{.name = "a100",
                     .chip = "A100-80GB",
                     .nodes = 1,
                     .chips_per_node = 8,
                     .cpus_per_node = 96,
                     .memory_mib_per_node = 1 << 20}};
    world.centers = {center};
    Shapes shapes(world, *trace);
    const std::optional<ShapeId> shape = shapes.of(trace->jobs[0]);
    ASSERT_TRUE(shape.has_value());
    EXPECT_EQ(shapes.spec(*shape).placement.regions,
              (std::vector<std::string>{"cn/yangtze-delta"}));
    EXPECT_EQ(shapes.spec(*shape).placement.move_after, std::nullopt);
    world.centers[0].region = "cn/elsewhere";
    EXPECT_FALSE(Shapes(world, *trace).of(trace->jobs[0]).has_value());
}

TEST_F(JournalTrace, ComplaintsNameTheLine) {
    EXPECT_TRUE(read(golden_text()).ok());
    const Result<Trace> torn = read(golden_text() + "{\"actor\":\n");
    ASSERT_FALSE(torn.ok());
    const auto lines = std::ranges::count(golden_text(), '\n');
    EXPECT_TRUE(torn.error().message.starts_with(path_ + ": line " + std::to_string(lines + 1) +
                                                 " is no entry of a journal: "))
        << torn.error().message;
    std::string text = golden_text();
    for (int line = 0; line < 6; ++line) text.erase(0, text.find('\n') + 1);
    EXPECT_EQ(read(text).error().message,
              path_ +
                  " begins in the middle: it does not tell what job 1 asked for; give the "
                  "journal from its first entry on");
    EXPECT_EQ(read_trace(folder_.path(), "journal", {}).error().message,
              folder_.path() +
                  " has no journal.db; name a server's data folder, or a file with an "
                  "entry a line");
}

}  // namespace
}  // namespace dayu::sim
