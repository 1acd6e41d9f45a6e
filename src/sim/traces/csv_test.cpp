#include "sim/traces/csv.h"

#include <array>
#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace dayu::sim {
namespace {

constexpr std::array<std::string_view, 2> columns{"gpus", "name"};

TEST(TraceCsv, ReadsAFileAndSaysWhenThereIsNone) {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/jobs.csv";
    std::ofstream(path) << "gpus,name\n1,a\n";
    EXPECT_EQ(read_trace_table(path, columns)->rows(), 1U);
    const auto missing = read_trace_table(folder.path() + "/none.csv", columns);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace dayu::sim
