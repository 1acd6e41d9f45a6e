// What rounds do with the optimum's advice: 5,000 short jobs want a cheap pool that will soon be free for the first of them,
// and a dearer one has a hundred free nodes. A round plans the first of them.
#include "sched/advice.h"

#include <gtest/gtest.h>

#include "sched/decide.h"
#include "sched/excerpt.h"
#include "sched/offer_book.h"
#include "sched/optimise.h"
#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Duration minute = seconds(60);
constexpr std::uint64_t jobs = 5000;
constexpr int cheap_nodes = 600;

class AdviceTest : public ::testing::Test {
   protected:
    AdviceTest() {
        world.put_chip(chip("A100"));
        world.put_center({1}, center("cheap", {pool({.nodes = cheap_nodes})}), {});
        put_dear(13);
        for (int node = 0; node < cheap_nodes; ++node) {
            world.occupy(running(1'000'000 + static_cast<std::uint64_t>(node), 1, node,
                                 start_of_tests + seconds(300)));
        }
        JobSpec one = spec({});
        one.time_limit = seconds(600);
        world.put_shape({1}, one);
        for (std::uint64_t job = 1; job <= jobs; ++job) world.enqueue(queued(job, 1));
    }

    void put_dear(std::int64_t yuan_per_chip_hour, std::optional<Refusal> closed = {}) {
        const Pool main = pool({.nodes = 100, .yuan_per_chip_hour = yuan_per_chip_hour});
        world.put_center({2}, center("dear", {main}), std::move(closed));
    }

    Advice advise() {
        const Market market = market_of(excerpt_of(world, start_of_tests), policy());
        Optimum optimum = std::move(optimise(market, expected_wait(market))).value();
        return {.starts = std::move(optimum.starts),
                .weighed = std::move(optimum.weighed),
                .until = start_of_tests + minute};
    }
    Decisions round(Advice& advice, Time now = start_of_tests) {
        return decide(world, policy(), book, advice, now);
    }
    static std::vector<JobId> placed(const Decisions& decisions) {
        std::vector<JobId> placed;
        for (const ClassDecision& one : decisions.classes) {
            for (const Placement& placement : one.placements) placed.push_back(placement.job);
        }
        return placed;
    }

    World world;
    OfferBook book;
};

TEST_F(AdviceTest, ThoseThatARoundCannotPlanStartWhereTheOptimumSays) {
    Advice advice = advise();
    ASSERT_EQ(advice.starts.size(), 1u);
    EXPECT_EQ(advice.starts[0].center, CenterId{2});
    const Decisions decisions = round(advice);
    EXPECT_EQ(decisions.advised, 100);
    EXPECT_EQ(decisions.stale, 0);
    const std::vector<JobId> started = placed(decisions);
    ASSERT_EQ(started.size(), 100u);
    EXPECT_GT(started.front(), JobId{1});  // those before it were told when they would start
    const ClassDecision& one = decisions.classes.front();
    EXPECT_EQ(one.table.candidates[one.placements.front().candidate].center, CenterId{2});
    EXPECT_TRUE(placed(round(advice)).empty());  // used up
}

TEST_F(AdviceTest, NobodyIsSentToWhatIsTooDear) {
    put_dear(40);  // forty yuan more a job, and an hour of waiting costs it eight
    Advice none;
    EXPECT_TRUE(placed(round(none)).empty());  // the last of them would wait for an hour and a half
    Advice advice = advise();
    EXPECT_TRUE(advice.starts.empty());
    EXPECT_TRUE(placed(round(advice)).empty());
}

TEST_F(AdviceTest, WhatTheOptimumHasNotWeighedGoesByAnEstimate) {
    Advice advice = advise();
    advice.starts.clear();
    JobSpec other = spec({});
    other.time_limit = seconds(500);
    world.put_shape({2}, other);
    for (std::uint64_t job = 1; job <= jobs; ++job) world.enqueue(queued(jobs + job, 2));
    const std::vector<JobId> started = placed(round(advice));
    ASSERT_EQ(started.size(), 100u);
    EXPECT_GT(started.front(), JobId{jobs + 64});
}

TEST_F(AdviceTest, AJobThatIsKeptForAnotherPoolIsTold) {
    put_dear(40);
    const Advice advice = advise();
    const auto why = [&](std::uint64_t job, const Advice& by, Time at = start_of_tests) {
        return explain(world, policy(), by, {job}, at).text;
    };
    const std::string waits =
        "waits for cheap/main, 4999 ahead; room in 5 min by the time limits of what runs there";
    const std::string told =
        "; dear/main is free, but the optimum advises to wait: it is not worth its price";
    EXPECT_EQ(why(jobs, advice), waits + told);
    EXPECT_EQ(why(jobs, {}), waits);
    EXPECT_EQ(why(1, advice).find("optimum"), std::string::npos);  // the round plans it
    EXPECT_EQ(why(jobs, advice, advice.until + minute).find("optimum"), std::string::npos);
    put_dear(13);
    EXPECT_EQ(why(jobs, advise()),
              waits + "; the optimum advises that 100 like it start elsewhere now");
}

TEST_F(AdviceTest, WhatIsNoLongerFreeIsRefused) {
    world.put_center({3}, center("dearer", {pool({.nodes = 50, .yuan_per_chip_hour = 14})}), {});
    Advice advice = advise();
    ASSERT_EQ(advice.starts.size(), 2u);
    for (int node = 0; node < 70; ++node) {
        world.occupy(
            running(2'000'000 + static_cast<std::uint64_t>(node), 2, node, start_of_tests + hour));
    }
    const Decisions decisions = round(advice);
    EXPECT_EQ(decisions.advised, 30 + 50);
    EXPECT_EQ(decisions.stale, 70);
    EXPECT_EQ(placed(decisions).size(), 80u);
}

TEST_F(AdviceTest, NothingStartsInACentreThatIsGone) {
    Advice advice = advise();
    put_dear(13, out_of_contact());
    EXPECT_TRUE(placed(round(advice)).empty());
    advice.starts = {{.shape = {1}, .center = {3}, .pool = "main", .jobs = 7}};
    EXPECT_EQ(round(advice).stale, 7);
}

TEST_F(AdviceTest, OldAdviceIsNotFollowed) {
    Advice advice = advise();
    const Decisions decisions = round(advice, start_of_tests + minute + milliseconds(1));
    EXPECT_EQ(decisions.advised, 0);
    EXPECT_EQ(placed(decisions).size(), 100u);
}

TEST_F(AdviceTest, AReservationIsNotDelayed) {
    // A gang of 150 waits for dear alone, which has a hundred free and lends fifty more from an hour on.
    world.put_center({2}, center("dear", {pool({.nodes = 150, .yuan_per_chip_hour = 13})}), {});
    for (int node = 100; node < 150; ++node) {
        world.occupy(running(2'000'000 + static_cast<std::uint64_t>(node), 2, node,
                             start_of_tests + seconds(120)));
    }
    JobSpec gang = spec({.nodes = 150});
    gang.placement.regions = {"cn/test/dear"};
    world.put_shape({2}, gang);
    world.enqueue({.job = {9'000'000}, .shape = {2}, .queue = "other"});
    Advice advice = advise();
    EXPECT_EQ(round(advice).advised, 0);  // ten minutes are longer than two
}

}  // namespace
}  // namespace dayu::sched
