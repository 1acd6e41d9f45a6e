// The journal as a list and as a stream: every sequence number once, in order, whoever comes when.
#include <future>

#include <gtest/gtest.h>

#include "http/event_stream.h"
#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using namespace testing;

// Reads the stream until the last id that came, with an event or alone, is `until`; returns those of events.
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
        return parser.last_id().empty() || std::stoll(parser.last_id()) < until;
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

// As the agent's centre and its attempts see it: joined, leased, placed, running, ended.
TEST(Events, FiltersMustAllHold) {
    Server server;
    server.sync(server.quiet());
    server.submit("job");
    server.run_one(0);
    server.await_center();
    const auto types = [&](const std::string& query) {
        std::string all;
        const wire::Json entries = json_of(server.get("/v1/events?limit=1000&" + query));
        for (const wire::Json& entry : *entries.as_array()) all += text_at(entry, "type") + ' ';
        return all;
    };
    EXPECT_EQ(types("center=shanghai"),
              "center_declared lease_granted job_placed attempt_advanced attempt_ended ");
    EXPECT_EQ(types("center=shanghai&type=job_placed,job_ended"), "job_placed ");
    EXPECT_EQ(types("type=job_ended&type=founded"), "founded job_ended ");
    EXPECT_EQ(types("user=scheduler"), "candidates_weighed job_placed ");
    EXPECT_EQ(types("user=test"), types("user=token:test"));
    EXPECT_NE(types("user=test"), "");
    EXPECT_EQ(types("job=1,2&type=job_accepted"), "job_accepted ");
    EXPECT_EQ(types("project=poems"), "");
    EXPECT_NE(types("project=default"), "");
}

TEST(Events, AListThatFiltersSaysWhereItGoesOn) {
    Server server;
    for (int i = 0; i < 5; ++i) server.submit("job");
    const auto page = [&](const std::string& after) {
        return server.get("/v1/events?type=job_accepted&limit=3&after=" + after);
    };
    const http::Response first = page("0");
    EXPECT_EQ(json_of(first).as_array()->size(), 3U);
    EXPECT_EQ(*first.header("Dayu-Events-At-End"), "false");
    const http::Response second = page(std::string(*first.header("Dayu-Events-Next")));
    EXPECT_EQ(json_of(second).as_array()->size(), 2U);
    EXPECT_EQ(*second.header("Dayu-Events-At-End"), "true");
    EXPECT_EQ(*second.header("Dayu-Events-Next"), std::to_string(newest(server)));
}

// What is filtered out moves the reader on too, so that its resume looks through nothing twice.
TEST(Events, AFilteredStreamTellsHowFarItIs) {
    Server server;
    server.submit("job");
    const std::int64_t had = newest(server);
    auto following = std::async(std::launch::async,
                                [&] { return follow(server, "?type=founded", "", had + 4); });
    for (int i = 0; i < 4; ++i) server.submit("passed over");
    EXPECT_EQ(following.get(), range(1, 1));
}

TEST(Events, AFilteredStreamResumesWithoutAGap) {
    Server server;
    for (int i = 0; i < 700; ++i) server.submit("j");
    const std::int64_t had = newest(server);
    auto following = std::async(
        std::launch::async, [&] { return follow(server, "?type=job_accepted", "300", had + 5); });
    for (int i = 0; i < 5; ++i) server.submit("more");
    EXPECT_EQ(following.get(), range(301, had + 5));
}

TEST(Events, ABadFilterIsRefusedByItsName) {
    Server server;
    server.sync(server.quiet());
    server.await_center();
    const auto refused = [&](const std::string& query) {
        const http::Response response = server.get("/v1/events?" + query);
        EXPECT_EQ(response.status, 400) << query;
        return text_at(json_of(response), "detail");
    };
    EXPECT_NE(refused("type=job_endet").find("did you mean \"job_ended\"?"), std::string::npos);
    EXPECT_NE(refused("center=shangai").find("did you mean \"shanghai\"?"), std::string::npos);
    EXPECT_NE(refused("job=0").find("job: \"0\""), std::string::npos);
    EXPECT_NE(refused("job=1,,2").find("job: \"\""), std::string::npos);
    EXPECT_NE(refused("centre=x").find("did you mean \"center\"?"), std::string::npos);
    EXPECT_EQ(text_at(json_of(server.get("/v1/events?type=x")), "field"), "type");
}

TEST(Events, AStreamEndsWithItsToken) {
    Server server;
    const wire::Json made =
        json_of(server.post("/v1/tokens", R"({"name":"audit","role":"viewer"})"));
    http::Client client(
        {.base_url = server.service().url(), .bearer_token = text_at(made, "token")});
    std::string all;
    std::promise<void> begun;
    auto following = std::async(std::launch::async, [&] {
        return client.stream({.path = "/v1/events",
                              .headers = {{"Accept", "text/event-stream"}},
                              .silence_limit = seconds(20)},
                             [&](std::string_view bytes) {
                                 if (all.empty()) begun.set_value();
                                 all += bytes;
                                 return true;
                             });
    });
    begun.get_future().wait();
    EXPECT_EQ(server.call({.method = "DELETE", .path = "/v1/tokens/audit"}).status, 200);
    EXPECT_TRUE(following.get().ok());  // a proper end, within seconds
    EXPECT_NE(all.find("event: problem\ndata: "), std::string::npos);
    EXPECT_NE(all.find("\"token_revoked\""), std::string::npos);
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
