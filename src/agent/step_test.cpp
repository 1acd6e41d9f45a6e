// A workdir comes before the start: what step() makes of that.
#include "agent/step.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace dayu::agent {
namespace {

const Token token{"t-1-1"};

class StagingStep : public testing::Test {
   protected:
    StagingStep() {
        hear(Observed{});
        SyncReply reply;
        StartOrder& order = reply.starts.emplace_back();
        order.token = token;
        order.center = "here";
        order.body.workdir = Workdir{.manifest = "m"};
        answer(reply, seconds(30));
        EXPECT_TRUE(says<StageAttempt>());
        EXPECT_FALSE(says<StartAttempt>());
        hear(StagingBegan{.token = token, .at = Time{5}});
    }

    void hear(const Input& input) { outputs = step(state, input, now); }
    void answer(SyncReply reply, Duration lease) {
        if (!state.outstanding) {
            now = std::max(now, state.next_sync);
            hear(Tick{});
        }
        reply.lease = lease;
        hear(Replied{.number = state.outstanding->number, .reply = std::move(reply)});
    }
    template <class T>
    const T* find() const {
        for (const Output& output : outputs) {
            if (const T* found = std::get_if<T>(&output)) return found;
        }
        return nullptr;
    }
    template <class T>
    bool says() const {
        return find<T>() != nullptr;
    }

    State state;
    Instant now{1000};
    std::vector<Output> outputs;
};

TEST_F(StagingStep, IsToldAndHeldThoughNoEngineKnowsIt) {
    const SendSync* sent = find<SendSync>();
    ASSERT_NE(sent, nullptr);
    ASSERT_EQ(sent->request.observations.size(), 1U);
    EXPECT_EQ(sent->request.observations[0].state, AttemptState::staging);
    hear(Observed{});
    EXPECT_TRUE(state.holding.contains(token));
}

TEST_F(StagingStep, StartsOnceItIsThere) {
    hear(Staged{.token = token});
    EXPECT_TRUE(says<StartAttempt>());
    hear(Staged{.token = token});
    EXPECT_FALSE(says<StartAttempt>());
}

TEST_F(StagingStep, WaitsForALease) {
    now = now + seconds(60);
    hear(Staged{.token = token});
    EXPECT_FALSE(says<StartAttempt>());
    hear(Observed{});
    EXPECT_TRUE(state.holding.contains(token));
    hear(Tick{});  // the request of a minute ago counts as lost
    answer({}, seconds(30));
    EXPECT_TRUE(says<StartAttempt>());
}

TEST_F(StagingStep, AStopEndsItBeforeItBegan) {
    SyncReply reply;
    reply.stops.emplace_back().token = token;
    answer(reply, seconds(30));
    EXPECT_TRUE(says<AbandonStaging>());
    ASSERT_TRUE(says<FindOrClaim>());
    EXPECT_EQ(find<FindOrClaim>()->center, "here");
    EXPECT_FALSE(says<StopAttempt>());
    hear(Staged{.token = token});
    EXPECT_FALSE(says<StartAttempt>());
}

TEST_F(StagingStep, AFailureIsTheReasonOfItsEnd) {
    hear(StagingFailed{.token = token, .why = "no room"});
    ASSERT_TRUE(says<FindOrClaim>());
    EXPECT_EQ(find<FindOrClaim>()->why, "no room");
    hear(Staged{.token = token});
    EXPECT_FALSE(says<StartAttempt>());
}

}  // namespace
}  // namespace dayu::agent
