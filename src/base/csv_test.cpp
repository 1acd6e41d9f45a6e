#include "base/csv.h"

#include <array>

#include <gtest/gtest.h>

namespace dayu {
namespace {

constexpr std::array<std::string_view, 2> columns{"gpus", "name"};
const CsvTable::Source source{.path = "jobs.csv", .error_code = "trace_invalid"};

std::string refusal(std::string text) {
    const auto table = CsvTable::parse(source, std::move(text), columns);
    return table ? "" : table.error().message;
}

TEST(Csv, ReadsTheColumnsAskedForInWhicheverOrderTheyStand) {
    const auto table = CsvTable::parse(source, "name,x,gpus\r\na,7,0.5\r\n\nb,8,2", columns);
    ASSERT_TRUE(table.ok());
    ASSERT_EQ(table->rows(), 2U);
    EXPECT_EQ(table->text(0, 1), "a");
    EXPECT_EQ(table->number(0, 0).value(), 0.5);
    EXPECT_EQ(table->whole(1, 0).value(), 2);
}

TEST(Csv, NamesFileLineAndColumnOfWhatItCannotRead) {
    const auto table = CsvTable::parse(source, "name,gpus\na,1\n\nb,many\nc,inf\n", columns);
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
    EXPECT_EQ(refusal("name,gpus\n\"a,1\n"),
              "jobs.csv:2: a quote opens at field 1 and does not end it");
    EXPECT_EQ(refusal(""), "jobs.csv:1: no column gpus; the first line must name it");
}

TEST(Csv, AFieldBetweenQuotesMayHoldCommas) {
    const auto table =
        CsvTable::parse(source, "name,gpus\n\"a, b\",\"2\"\n\"say \"\"c\"\"\",4\n", columns);
    ASSERT_TRUE(table.ok());
    EXPECT_EQ(table->text(0, 1), "a, b");
    EXPECT_EQ(table->whole(0, 0).value(), 2);
    EXPECT_EQ(table->text(1, 1), "say \"\"c\"\"");
}

}  // namespace
}  // namespace dayu
