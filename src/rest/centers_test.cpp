// What an operator sees of centres and their nodes, and does about them.
#include <gtest/gtest.h>

#include "rest/testing/server.h"

namespace dayu::rest {
namespace {

using testing::code_of;
using testing::json_of;
using testing::number_at;
using testing::text_at;

struct Centers : public ::testing::Test {
    testing::Server server;

    wire::Json center() {
        return json_of(server.call({.path = "/v1/centers"})).find("centers")->as_array()->front();
    }
    wire::Json health() { return *center().find("health"); }
    std::vector<std::string> warnings() {
        std::vector<std::string> words;
        const wire::Json told = health();
        for (const wire::Json& word : *told.find("warnings")->as_array())
            words.push_back(*word.as_string());
        return words;
    }
    wire::Json::Array nodes() { return *center().find("nodes")->as_array(); }

    bool has_excluded_node() {
        for (const wire::Json& node : nodes()) {
            if (*node.find("excluded")->as_bool()) return true;
        }
        return false;
    }

    // The engine cannot start what it is told to.
    void fail_one_start() {
        SyncReply reply = server.sync(server.quiet(seconds(5)));
        for (int i = 0; i < 5 && reply.starts.empty(); ++i)
            reply = server.sync(server.quiet(seconds(5)));
        ASSERT_FALSE(reply.starts.empty());
        SyncRequest said = server.quiet();
        for (const StartOrder& order : reply.starts) {
            said.holding.push_back(order.token);
            said.observations.push_back(
                {.token = order.token,
                 .state = AttemptState::ended,
                 .at = system_clock().now(),
                 .windows = {},
                 .ending = Ending{.cause = EndCause::start_failed, .ended = system_clock().now()}});
        }
        server.sync(said);
    }
};

TEST_F(Centers, AnAgentOfAnOlderVersionTellsNothingAndIsTaken) {
    server.sync(server.quiet());
    EXPECT_TRUE(health().find("agent_version")->is_null());
    EXPECT_TRUE(health().find("clock_ahead_ms")->is_null());
    EXPECT_TRUE(health().find("disks")->as_array()->empty());
    EXPECT_EQ(number_at(health(), "silent_s"), 0);
    EXPECT_EQ(warnings(), std::vector<std::string>{});
}

TEST_F(Centers, ShowWhatTheirAgentsTell) {
    SyncRequest said = server.quiet();
    said.health = AgentHealth{.version = "0.0.1",
                              .clock_ahead_ms = 12'000,
                              .round_trip_ms = 4,
                              .load_milli = 1250,
                              .cpus = 64,
                              .memory_mib = 1000,
                              .free_memory_mib = 500,
                              .disks = {{.path = "/run", .total_mib = 100, .free_mib = 4}}};
    const SyncReply reply = server.sync(said);
    EXPECT_NE(reply.received.ms, 0);
    EXPECT_GE(reply.sent, reply.received);
    EXPECT_EQ(text_at(health(), "agent_version"), "0.0.1");
    EXPECT_EQ(number_at(health(), "clock_ahead_ms"), 12'000);
    EXPECT_EQ(text_at(health(), "load_1m"), "1.250");
    const std::vector<std::string> words = warnings();
    ASSERT_EQ(words.size(), 3U);
    EXPECT_EQ(words[0], "disk 96 % full on /run, 0.0 GiB left");
    EXPECT_EQ(words[1], "clock 12 s ahead of the server's");
    const std::string metrics = server.call({.path = "/metrics"}).body;
    EXPECT_NE(metrics.find("dayu_center_clock_ahead_seconds{center=\"shanghai\"} 12"),
              std::string::npos);
    EXPECT_NE(metrics.find("dayu_center_disk_free_bytes{center=\"shanghai\",path=\"/run\"}"),
              std::string::npos);
    EXPECT_NE(metrics.find("dayu_center_warnings{center=\"shanghai\"} 3"), std::string::npos);
}

TEST_F(Centers, ANodeIsExcludedAndIncludedByHand) {
    server.sync(server.quiet());
    const auto exclude = [&](const std::string& body) {
        return server.post("/v1/centers/shanghai/exclude", body);
    };
    EXPECT_EQ(code_of(exclude(R"({"node":"cpu/0"})")), "reason_missing");
    EXPECT_EQ(code_of(exclude(R"({"reason":"r"})")), "node_missing");
    EXPECT_EQ(code_of(exclude(R"({"node":"cpu/2","reason":"r"})")), "center_node_unknown");
    EXPECT_EQ(code_of(exclude(R"({"node":"gpu/0","reason":"r"})")), "center_node_unknown");
    EXPECT_EQ(code_of(exclude(R"({"node":"cpu/-1","reason":"r"})")), "center_node_unknown");
    EXPECT_EQ(exclude(R"({"node":"cpu/0","reason":"slow"})").status, 200);
    ASSERT_EQ(nodes().size(), 1U);
    EXPECT_EQ(text_at(nodes().front(), "reason"), "slow");
    const wire::Json pool = center().find("pools")->as_array()->front();
    EXPECT_EQ(number_at(pool, "excluded_nodes"), 1);
    EXPECT_EQ(number_at(pool, "free_cpus"), 4);
    EXPECT_EQ(warnings(), std::vector<std::string>{"node cpu/0 is excluded: slow"});
    EXPECT_EQ(server.post("/v1/centers/shanghai/include", R"({"node":"0"})").status, 200);
    EXPECT_TRUE(nodes().empty());
    EXPECT_EQ(code_of(server.post("/v1/centers/atlantis/include", R"({"node":"0"})")),
              "center_unknown");
}

TEST_F(Centers, ANodeThatFailsIsExcludedByItself) {
    server.sync(server.quiet());
    for (const char* run : {"a", "b", "c"}) server.submit(run);
    fail_one_start();
    for (int i = 0; i < 3 && !has_excluded_node(); ++i) fail_one_start();
    ASSERT_FALSE(nodes().empty());
    EXPECT_EQ(number_at(nodes().front(), "node"), 0);
    EXPECT_GE(number_at(health(), "failed_starts_1h"), 3);
    EXPECT_NE(text_at(nodes().front(), "reason").find("3 attempts in a row failed"),
              std::string::npos);
}

}  // namespace
}  // namespace dayu::rest
