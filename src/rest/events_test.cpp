// The journal as a list and as a stream: every sequence number once, in order, whoever comes when.
#include <future>

#include <gtest/gtest.h>

#include "http/event_stream.h"
#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

// Reads the stream until an event with the id `until`, and returns the ids.
std::vector<std::int64_t> follow(const Server& server, const std::string& query,
                                 const std::string& last_id, std::int64_t until) {
    http::Client client({.base_url = server.service().url(), .bearer_token = operator_token});
    http::StreamCall call{.path = "/v1/events" + query,
                          .headers = {{"Accept", "text/event-stream"}},
                          .silence_limit = seconds(20)};
    if (!last_id.empty()) call.headers.push_back({"Last-Event-ID", last_id});
    std::vector<std::int64_t> ids;
    http::EventStreamParser parser;
    const auto response = client.stream(call, [&](std::string_view bytes) {
        const auto events = parser.feed(bytes);
        EXPECT_TRUE(events.ok());
        for (const auto& event : *events) {
            ids.push_back(std::stoll(event.id));
            const auto entry = wire::parse_json(event.data);
            EXPECT_TRUE(entry.ok());
            EXPECT_EQ(number_at(*entry, "seq"), ids.back());
            EXPECT_EQ(text_at(*entry, "type"), event.event);
        }
        return ids.empty() || ids.back() < until;
    });
    EXPECT_TRUE(response.ok()) << (response ? "" : response.error().message);
    return ids;
}

std::vector<std::int64_t> range(std::int64_t first, std::int64_t last) {
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = first; i <= last; ++i) numbers.push_back(i);
    return numbers;
}

std::int64_t newest(Server& server) {
    return static_cast<std::int64_t>(server.loop().watch().newest().value);
}

TEST(Events, AListGoesOnWhereItEnded) {
    Server server;
    for (int i = 0; i < 5; ++i) server.submit("job");
    const wire::Json first = json_of(server.get("/v1/events?limit=3"));
    ASSERT_EQ(first.as_array()->size(), 3U);
    EXPECT_EQ(number_at(first.as_array()->back(), "seq"), 3);
    EXPECT_EQ(text_at(first.as_array()->front(), "type"), "founded");
    const wire::Json second = json_of(server.get("/v1/events?after=3"));
    EXPECT_EQ(number_at(second.as_array()->front(), "seq"), 4);
    const wire::Json of_job = json_of(server.get("/v1/events?job=2"));
    for (const wire::Json& entry : *of_job.as_array()) {
        EXPECT_EQ(number_at(*entry.find("data"), "job"), 2);
    }
    EXPECT_EQ(json_of(server.get("/v1/events?after=100000")).as_array()->size(), 0U);
    EXPECT_EQ(code_of(server.get("/v1/events?limit=1001")), "parameter_invalid");
    EXPECT_EQ(code_of(server.get("/v1/events?after=-1")), "parameter_invalid");
}

TEST(Events, AStreamBringsWhatWasAndWhatComes) {
    Server server;
    server.submit("before");
    const std::int64_t had = newest(server);
    auto following =
        std::async(std::launch::async, [&] { return follow(server, "", "", had + 10); });
    for (int i = 0; i < 10; ++i) server.submit("after");
    EXPECT_EQ(following.get(), range(1, had + 10));
}

TEST(Events, AStreamResumesWithoutAGap) {
    Server server;
    for (int i = 0; i < 700; ++i) {  // more than one step of catching up
        server.loop().submit(
            {.command = control::SubmitJob{.name = "j", .body = "b"}, .actor = {}, .bodies = {}},
            [](const auto&) {});
    }
    server.submit("last");
    const std::int64_t had = newest(server);
    auto following =
        std::async(std::launch::async, [&] { return follow(server, "?after=1", "17", had + 5); });
    for (int i = 0; i < 5; ++i) server.submit("more");
    EXPECT_EQ(following.get(), range(18, had + 5));
}

TEST(Events, AStreamOfOneJobHasNoOther) {
    Server server;
    for (int i = 0; i < 3; ++i) server.submit("job");
    const std::int64_t end = newest(server) + 1;
    auto following =
        std::async(std::launch::async, [&] { return follow(server, "?job=2", "", end); });
    server.post("/v1/jobs/2/cancel", "");
    EXPECT_EQ(following.get().size(), 2U);  // accepted, ended
}

TEST(Events, ABadCursorIsRefused) {
    Server server;
    const http::Response refused =
        server.call({.path = "/v1/events",
                     .headers = {{"Accept", "text/event-stream"}, {"Last-Event-ID", "seven"}}});
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(code_of(refused), "parameter_invalid");
}

}  // namespace
}  // namespace dayu::rest
