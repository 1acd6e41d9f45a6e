#include "runtime/log_relay.h"

#include <gtest/gtest.h>

namespace dayu::runtime {
namespace {

const std::string agent = "an installation";

// What was asked, as the agent hears it.
LogRequest ask(LogRelay& relay, std::vector<std::string>& answers) {
    relay.ask(agent, {}, Instant{1000}, [&answers](const Result<LogChunk>& chunk) {
        answers.push_back(chunk.ok() ? chunk->base64 : chunk.error().code);
    });
    return relay.take_requests(agent).front();
}

LogChunk chunk_for(const LogRequest& request, const std::string& base64) {
    LogChunk chunk;
    chunk.id = request.id;
    chunk.base64 = base64;
    return chunk;
}

TEST(LogRelay, EachQuestionGetsItsOwnAnswerOnce) {
    LogRelay relay(7);
    std::vector<std::string> answers;
    const LogRequest first = ask(relay, answers);
    const LogRequest second = ask(relay, answers);
    relay.deliver({chunk_for(second, "second"), chunk_for(first, "first")});
    relay.deliver({chunk_for(first, "again")});
    relay.expire(Instant{2000});
    EXPECT_EQ(answers, (std::vector<std::string>{"second", "first"}));
}

TEST(LogRelay, WhoWaitsInVainHearsOfIt) {
    LogRelay relay(7);
    std::vector<std::string> answers;
    ask(relay, answers);
    relay.expire(Instant{999});
    EXPECT_TRUE(answers.empty());
    relay.expire(Instant{1000});
    EXPECT_EQ(answers, std::vector<std::string>{"log_unavailable"});
}

// The server was started again while the agent read: another job's log must not answer.
TEST(LogRelay, WhatTheServerBeforeHadAskedAnswersNobody) {
    std::vector<std::string> before, now;
    LogRelay old(1'000'000);
    const LogRequest asked = ask(old, before);
    LogRelay relay(2'000'000);
    ask(relay, now);
    relay.deliver({chunk_for(asked, "of another job")});
    EXPECT_TRUE(now.empty());
}

}  // namespace
}  // namespace dayu::runtime
