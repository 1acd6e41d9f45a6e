#include <array>

#include <gtest/gtest.h>

#include "base/fields.h"
#include "base/id.h"
#include "base/nearest.h"
#include "base/result.h"
#include "base/sha256.h"

namespace dayu {
namespace {

Result<int> half(int value) {
    if (value % 2 != 0) return invalid("odd", std::to_string(value) + " is odd");
    return value / 2;
}

Result<int> quarter(int value) { return TRY(half(TRY(half(value)))); }

TEST(Result, TryYieldsTheValueOrReturnsTheError) {
    EXPECT_EQ(*quarter(12), 3);
    EXPECT_EQ(quarter(6).error().message, "3 is odd");
    EXPECT_EQ(quarter(5).error().code, "odd");
}

TEST(Error, EachKindHasItsStatusAndItsExitCode) {
    EXPECT_EQ(http_status(ErrorKind::conflict), 409);
    EXPECT_EQ(exit_code(ErrorKind::conflict), 5);
    EXPECT_EQ(exit_code(ErrorKind::unavailable), 7);
    EXPECT_EQ(error_from_errno("disk", "write", 28).kind, ErrorKind::unavailable);  // ENOSPC
}

TEST(Sha256, AgreesWithThePublishedVectors) {
    EXPECT_EQ(to_hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256("")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(sha256({"a", "", "bc"}), sha256("abc"));
}

TEST(Nearest, NamesOnlyWhatIsNear) {
    const std::array<std::string_view, 3> known{"resources", "retry", "run"};
    EXPECT_EQ(nearest("resuorces", known), "resources");
    EXPECT_EQ(nearest("RUN", known), "run");
    EXPECT_EQ(nearest("placement", known), "");
}

enum class Color : std::uint8_t { red, green };
constexpr auto enum_names(Type<Color>) { return std::array<std::string_view, 2>{"red", "green"}; }

TEST(Enum, GoesToItsNameAndBack) {
    Color color = Color::red;
    EXPECT_TRUE(parse_enum("green", color));
    EXPECT_EQ(to_string(color), "green");
    EXPECT_FALSE(parse_enum("blue", color));
}

}  // namespace
}  // namespace dayu
