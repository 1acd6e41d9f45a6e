#include "notices/pace.h"

#include <gtest/gtest.h>

#include "notices/channel.h"

namespace dayu::notices {
namespace {

TEST(Pace, RestsDoubleUpToALimit) {
    EXPECT_EQ(rest_after(1, 500), seconds(5));
    EXPECT_EQ(rest_after(2, 500), seconds(10));
    EXPECT_EQ(rest_after(5, 500), seconds(80));
    EXPECT_EQ(rest_after(1'000'000, 500), longest_rest);
    EXPECT_EQ(rest_after(1, 0), seconds(4));
    EXPECT_EQ(rest_after(1, 1000), seconds(6));
}

TEST(Pace, AMinuteTakesSoMany) {
    MinuteWindow window(3);
    for (const std::int64_t ms : {0, 1000, 2000}) {
        EXPECT_EQ(window.next({ms}), Instant{ms});
        window.sent({ms});
    }
    EXPECT_EQ(window.next({3000}), Instant{60'000});
    window.sent({60'000});
    EXPECT_EQ(window.next({60'000}), Instant{61'000});
    EXPECT_EQ(window.next({90'000}), Instant{90'000});
    MinuteWindow any(0);
    any.sent({0});
    EXPECT_EQ(any.next({0}), Instant{0});
}

std::optional<Duration> wait_of(const char* header) {
    http::Response response{.status = 429};
    response.headers.push_back({"Retry-After", header});
    return retry_after(response, parse_time("2026-11-27T12:00:00Z").value());
}

TEST(Pace, ReceiversSayWhenToCome) {
    EXPECT_EQ(wait_of("120"), seconds(120));
    EXPECT_EQ(wait_of("Fri, 27 Nov 2026 12:01:00 GMT"), seconds(60));
    EXPECT_EQ(wait_of("Fri, 27 Nov 2026 11:00:00 GMT"), seconds(0));
    EXPECT_EQ(wait_of("99999999999"), seconds(6 * 3600));
    EXPECT_EQ(wait_of("-5"), seconds(0));
    EXPECT_EQ(wait_of("soon"), std::nullopt);
    EXPECT_EQ(retry_after({.status = 503}, {}), std::nullopt);
}

TEST(Pace, AStatusIsJudged) {
    EXPECT_EQ(judge_status({.status = 204}).verdict, Verdict::delivered);
    EXPECT_EQ(judge_status({.status = 302}).verdict, Verdict::refused);
    EXPECT_EQ(judge_status({.status = 404}).verdict, Verdict::refused);
    EXPECT_EQ(judge_status({.status = 410}).verdict, Verdict::gone);
    EXPECT_EQ(judge_status({.status = 429}).verdict, Verdict::busy);
    EXPECT_EQ(judge_status({.status = 503}).verdict, Verdict::busy);
}

}  // namespace
}  // namespace dayu::notices
