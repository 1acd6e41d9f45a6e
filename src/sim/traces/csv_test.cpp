#include "sim/traces/csv.h"

#include <array>
#include <fstream>

#include <gtest/gtest.h>

#include "base/testing/temporary_folder.h"

namespace dayu::sim {
namespace {

constexpr std::array<std::string_view, 2> columns{"gpus", "name"};

std::string refusal(std::string text) {
    const auto table = CsvTable::parse("jobs.csv", std::move(text), columns);
    return table ? "" : table.error().message;
}

TEST(Csv, ReadsTheColumnsAskedForInWhicheverOrderTheyStand) {
    const auto table = CsvTable::parse("jobs.csv", "name,x,gpus\r\na,7,0.5\r\n\nb,8,2", columns);
    ASSERT_TRUE(table.ok());
    ASSERT_EQ(table->rows(), 2U);
    EXPECT_EQ(table->text(0, 1), "a");
    EXPECT_EQ(table->number(0, 0).value(), 0.5);
    EXPECT_EQ(table->whole(1, 0).value(), 2);
}

TEST(Csv, NamesFileLineAndColumnOfWhatItCannotRead) {
    const auto table = CsvTable::parse("jobs.csv", "name,gpus\na,1\n\nb,many\nc,inf\n", columns);
    ASSERT_TRUE(table.ok());
    EXPECT_EQ(table->number(1, 0).error().message,
              "jobs.csv:4: gpus is \"many\"; expected a number such as 3600 or 0.5");
    EXPECT_EQ(table->whole(1, 0).error().message,
              "jobs.csv:4: gpus is \"many\"; expected a whole number such as 8");
    EXPECT_FALSE(table->number(2, 0).ok());
}

TEST(Csv, RefusesAFileOfAnotherShape) {
    EXPECT_EQ(refusal("name,gpu\n"),
              "jobs.csv:1: no column gpus (gpu?); the first line must name it");
    EXPECT_EQ(refusal("name,gpus\na,1\nb\n"),
              "jobs.csv:3: ends before its column gpus; it has 1 field(s)");
    EXPECT_EQ(refusal("name,gpus\n\"a\",1\n"), "jobs.csv:2: name is quoted; write it plainly");
    EXPECT_EQ(refusal(""), "jobs.csv:1: no column gpus; the first line must name it");
}

TEST(Csv, ReadsAFileAndSaysWhenThereIsNone) {
    const TemporaryFolder folder;
    const std::string path = folder.path() + "/jobs.csv";
    std::ofstream(path) << "gpus,name\n1,a\n";
    EXPECT_EQ(CsvTable::read(path, columns)->rows(), 1U);
    const auto missing = CsvTable::read(folder.path() + "/none.csv", columns);
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace dayu::sim
