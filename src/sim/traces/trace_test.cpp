// Each format of a trace, in a few lines of it.
#include "sim/trace.h"

#include <fstream>
#include <string_view>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace dayu::sim {
namespace {

class Traces : public ::testing::Test {
   protected:
    std::string write(std::string_view text) {
        std::ofstream(path_) << text;
        return path_;
    }
    Result<Trace> read(std::string_view format, std::string_view text,
                       const TraceReading& reading = {}) {
        return read_trace(write(text), format, reading);
    }

    TemporaryFolder folder_;
    std::string path_ = folder_.path() + "/trace";
};

TEST_F(Traces, SwfTakesWhatIsKnownAndPassesOverWhoNeverRan) {
    const Result<Trace> trace =
        read("swf",
             "; Version: 2.2\n"
             "1 1000 5 60 4 -1 -1 8 120 2048 1 7 3 -1 -1 -1 -1 -1\n"
             "2 1010 -1 -1359980917 -1 -1 -1 8 120 -1 5 7 3 -1 -1 -1 -1 -1\n"
             "\n"
             "3 900 0 30.7 2 -1 -1 -1 -1 -1 1 8 -1 -1 -1 -1 -1 -1 extra\n");
    ASSERT_TRUE(trace.ok()) << trace.error().message;
    ASSERT_EQ(trace->jobs.size(), 2U);
    EXPECT_EQ(trace->projects, (std::vector<std::string>{"group-3", "unknown"}));
    EXPECT_EQ(trace->jobs[0],
              (TraceJob{.arrival_s = 0, .duration_s = 30, .cpus = 2, .user = 8, .project = 1}));
    EXPECT_EQ(trace->jobs[1], (TraceJob{.arrival_s = 100,
                                        .duration_s = 60,
                                        .requested_s = 120,
                                        .cpus = 8,
                                        .memory_mib = 16,
                                        .user = 7}));
}

TEST_F(Traces, SwfMemoryMayBeBytesOfTheJob) {
    const Result<Trace> trace =
        read("swf", "1 0 0 60 4 -1 -1 4 120 68719476736 1 7 3 -1 -1 -1 -1 -1\n",
             {.memory_in_bytes = true});
    ASSERT_TRUE(trace.ok());
    EXPECT_EQ(trace->jobs[0].memory_mib, 65'536);
}

TEST_F(Traces, SwfNamesTheLineTheFieldAndTheValue) {
    EXPECT_EQ(read("swf", ";\n1 0 0 x 4 -1 -1 4 120 -1 1 7 3 -1 -1 -1 -1 -1\n").error().message,
              path_ +
                  ":2: run time (field 4) is \"x\"; expected a number up to 10000000000, or "
                  "-1 for unknown");
    EXPECT_EQ(read("swf", "1 0 0\n").error().message, path_ + ":1: 3 fields; a line has 18");
    EXPECT_EQ(read("swf", "; nothing\n").error().message, path_ + ": no job in it");
}

TEST_F(Traces, PaiCountsInTheUnitOfItsFile) {
    constexpr std::string_view text = "arrival_time,length,cpus\n2.0,0.5,3\n1.0,25,1\n";
    const Result<Trace> hours = read("pai", text, {.time_unit_s = 3600});
    ASSERT_TRUE(hours.ok());
    EXPECT_EQ(hours->jobs[0], (TraceJob{.duration_s = 90'000, .cpus = 1}));
    EXPECT_EQ(hours->jobs[1], (TraceJob{.arrival_s = 3600, .duration_s = 1800, .cpus = 3}));
    EXPECT_EQ(read("pai", "arrival_time,length,cpus\n0,1,0\n").error().message,
              path_ + ":2: cpus is \"0\"; expected at least 1");
}

TEST_F(Traces, PhillysClustersAreProjects) {
    const Result<Trace> trace = read("philly",
                                     "timestamp,duration,num_gpus,gpu_time,cluster\n"
                                     "2017-10-09 07:01:00,66.0,16,1056.0,b\n"
                                     "2017-10-09 07:00:00,30.5,1,30.5,a\n");
    ASSERT_TRUE(trace.ok());
    EXPECT_EQ(trace->projects, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(trace->jobs[0], (TraceJob{.duration_s = 30, .chips_milli = 1000}));
    EXPECT_EQ(trace->jobs[1],
              (TraceJob{.arrival_s = 60, .duration_s = 66, .chips_milli = 16'000, .project = 1}));
}

TEST_F(Traces, OpenbNeedsTimes) {
    const Result<Trace> trace =
        read("openb",
             "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,deletion_time\n"
             "a,6500,12288,1,460,,100,160\n"
             "b,12000,16384,2,1000,T4,110,200\n");
    ASSERT_TRUE(trace.ok()) << trace.error().message;
    EXPECT_EQ(trace->jobs[0],
              (TraceJob{.duration_s = 60, .chips_milli = 460, .cpus = 7, .memory_mib = 12'288}));
    EXPECT_EQ(trace->jobs[1].chips_milli, 2000);
    EXPECT_EQ(read("openb", "name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1000,1,0,0\n")
                  .error()
                  .message,
              path_ +
                  ": its pods have neither creation_time nor deletion_time; take a list that "
                  "has them");
}

TEST_F(Traces, FormatsAreKnownByName) {
    EXPECT_EQ(read("phily", "").error().message,
              "--format \"phily\" is not one of journal, openb, philly, pai and swf (philly?)");
}

}  // namespace
}  // namespace dayu::sim
