#include "sim/traces/openb.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace dayu::sim {
namespace {

// A file for as long as the test lasts.
class TraceFile {
   public:
    explicit TraceFile(const std::string& text)
        : path_(std::filesystem::temp_directory_path() /
                ("openb_test_" + std::to_string(reinterpret_cast<std::uintptr_t>(this)) + ".csv")) {
        std::ofstream(path_) << text;
    }
    ~TraceFile() { std::filesystem::remove(path_); }
    std::string path() const { return path_.string(); }

   private:
    std::filesystem::path path_;
};

constexpr const char* pod_header =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,"
    "deletion_time,scheduled_time\n";

TEST(Openb, ReadsNodesWithGpusAndNumbersTheirModels) {
    const TraceFile file(
        "sn,cpu_milli,memory_mib,gpu,model\nn0,64000,262144,2,P100\nn1,8000,1024,0,\n"
        "n2,96000,393216,8,G2\n");
    const auto read = read_openb_nodes(file.path());
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->nodes.size(), 2U);
    EXPECT_EQ(read->models, (std::vector<std::string>{"P100", "G2"}));
    EXPECT_EQ(read->nodes[1].model, 1);
    EXPECT_EQ(read->gpus(), 10);
}

TEST(Openb, ReadsPodsInTheOrderOfTheirNames) {
    const TraceFile file(std::string(pod_header) +
                         "b,4000,10,1,1200,G2|P100|Z9,LS,Running,5,25,5\n"
                         "a,2000,10,0,0,,LS,Running,0,9,0\n");
    const auto pods = read_openb_pods(file.path(), {"P100", "G2", "T4"});
    ASSERT_TRUE(pods) << pods.error().message;
    EXPECT_EQ((*pods)[0].request, (sched::PackRequest{.cpu_milli = 2000, .memory_mib = 10}));
    EXPECT_EQ((*pods)[1].request.chip_milli, 1000);  // no more than a whole one
    EXPECT_EQ((*pods)[1].request.models, 0b011U);
    EXPECT_EQ((*pods)[1].deleted_s - (*pods)[1].created_s, 20);
}

TEST(Openb, TakesListsWithoutModelsAndTimes) {
    const TraceFile file("name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,2000,10,8,1000\n");
    const auto pods = read_openb_pods(file.path(), {"G2"});
    ASSERT_TRUE(pods) << pods.error().message;
    EXPECT_EQ((*pods)[0].request.models, sched::any_model);
    EXPECT_EQ((*pods)[0].request.total_milli(), 8000);
}

TEST(Openb, SaysWhichFieldIsWrong) {
    const TraceFile file(std::string(pod_header) + "a,4000,10,17,1000,,LS,Running,5,25,5\n");
    const auto pods = read_openb_pods(file.path(), {"G2"});
    ASSERT_FALSE(pods);
    EXPECT_EQ(pods.error().message,
              file.path() + ":2: num_gpu is \"17\"; expected a whole number from 0 to 16");
    const TraceFile short_of(std::string(pod_header) + "a,4000,10,1,1000,,LS,Running,25,5,5\n");
    EXPECT_FALSE(read_openb_pods(short_of.path(), {"G2"}));
}

}  // namespace
}  // namespace dayu::sim
