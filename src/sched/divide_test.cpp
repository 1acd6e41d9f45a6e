// How a round divides what is free among queues: guarantees, limits, shares, priority; and what it takes back.
#include <algorithm>

#include <gtest/gtest.h>

#include "sched/decide.h"
#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr Time now = start_of_tests;
constexpr std::int64_t a_node = 8000;

using Jobs = std::vector<std::uint64_t>;

Jobs placed(const Decisions& decisions) {
    Jobs jobs;
    for (const ClassDecision& one : decisions.classes) {
        for (const Placement& placement : one.placements) jobs.push_back(placement.job.value);
    }
    std::ranges::sort(jobs);
    return jobs;
}

Queue quota(std::string path, Quota one) {
    one.chip = "A100";
    return {.path = std::move(path), .quotas = {one}};
}

// One pool of whole nodes of eight chips; shape 1 wants one of them, shape 2 too and may be stopped.
class Country : public World {
   public:
    explicit Country(std::int64_t nodes) {
        put_chip(chip("A100"));
        put_center({1}, center("wuhan", {pool({.nodes = nodes})}), {});
        put_shape({1}, spec());
        JobSpec preemptible = spec();
        preemptible.preemptible = true;
        put_shape({2}, preemptible);
    }

    void wait(std::uint64_t job, std::string queue, std::uint32_t shape = 1,
              Priority priority = Priority::normal, Time submitted = now) {
        enqueue({.job = {job},
                 .shape = {shape},
                 .queue = std::move(queue),
                 .priority = priority,
                 .submitted = submitted});
    }
    void run(std::uint64_t job, std::int64_t node, std::string queue, bool preemptible = false,
             Priority priority = Priority::normal) {
        RunningJob one = running(job, 1, node, now + hour);
        one.queue = std::move(queue);
        one.priority = priority;
        one.preemptible = preemptible;
        one.placed = now - hour + seconds(static_cast<std::int64_t>(job));
        occupy(one);
    }
};

TEST(Divide, EqualQueuesTakeTurnsHoweverManyWait) {
    Country country(4);
    for (std::uint64_t job = 1; job <= 10; ++job) country.wait(job, "acme/poems");
    country.wait(11, "other/songs");
    country.wait(12, "other/songs");
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{1, 2, 11, 12}));
}

TEST(Divide, WeightsAndWhatRunsCount) {
    Country country(8);
    country.put_queue({.path = "acme", .weight_milli = 3000, .quotas = {}});
    for (std::uint64_t job = 1; job <= 10; ++job) {
        country.wait(job, "acme/poems");
        country.wait(20 + job, "other/songs");
    }
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{1, 2, 3, 4, 5, 6, 21, 22}));
    country.run(90, 0, "acme/poems");
    country.run(91, 1, "acme/poems");
    country.run(92, 2, "acme/poems");
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{1, 2, 3, 21, 22}));
}

TEST(Divide, WhoUsedMuchComesLater) {
    Country country(2);
    country.put_usage("acme/poems", yuan_of(1'000'000), now);
    country.wait(1, "acme/poems");
    country.wait(2, "acme/poems");
    country.wait(3, "other/songs", 1, Priority::normal, now + seconds(1));
    country.wait(4, "other/songs", 1, Priority::normal, now + seconds(1));
    EXPECT_EQ(placed(decide(country, policy(), now + seconds(2))), (Jobs{3, 4}));
}

TEST(Divide, PriorityIsWorthHoursOfWaitingInItsOwnQueueAlone) {
    Country country(2);
    country.wait(1, "acme/poems", 1, Priority::normal, now - seconds(13 * 3600));
    country.wait(2, "acme/poems", 1, Priority::normal, now - seconds(11 * 3600));
    country.wait(3, "acme/poems", 1, Priority::high, now);
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{1, 3}));
    country.wait(4, "other/songs", 1, Priority::low, now);
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{1, 4}));
}

TEST(Divide, WhatIsGuaranteedGoesFirst) {
    Country country(2);
    country.put_queue(quota("acme", {.guaranteed_milli = 2 * a_node}));
    country.put_usage("acme/poems", yuan_of(1'000'000), now);
    for (std::uint64_t job = 1; job <= 3; ++job) country.wait(10 + job, "acme/poems");
    country.wait(1, "other/songs");
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{11, 12}));
}

TEST(Divide, WhatIsGuaranteedAndIdleIsLentToThoseWhoCanGiveItBack) {
    Country country(4);
    country.put_queue(quota("acme", {.guaranteed_milli = 3 * a_node, .kept_milli = a_node}));
    for (std::uint64_t job = 1; job <= 4; ++job) {
        country.wait(job, "other/songs");
        country.wait(10 + job, "other/songs", 2);
    }
    // One node is nobody's; two of the three are lent to what may be stopped.
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{1, 11, 12}));
    country.run(90, 0, "acme/poems");
    country.run(91, 1, "acme/poems");
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{1, 11}));
}

TEST(Divide, AnOvercommittedGuaranteeStopsNobody) {
    Country country(2);
    country.put_queue(quota("acme", {.guaranteed_milli = 2 * a_node}));
    country.put_queue(quota("other", {.guaranteed_milli = 2 * a_node}));
    country.wait(1, "acme/poems");
    country.wait(2, "other/songs");
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{1, 2}));
}

TEST(Divide, ALimitHoldsForATenantsProjectsTogether) {
    Country country(4);
    country.put_queue(quota("acme", {.limit_milli = 2 * a_node}));
    for (std::uint64_t job = 1; job <= 2; ++job) {
        country.wait(job, "acme/poems");
        country.wait(10 + job, "acme/songs");
        country.wait(20 + job, "other/songs");
    }
    EXPECT_EQ(placed(decide(country, policy(), now)), (Jobs{1, 11, 21, 22}));
}

// Small jobs used to slip in for ever under a limit that a large one waited for.
TEST(Divide, WhatHasWaitedLongUnderALimitIsNotOvertakenForEver) {
    Country country(4);
    country.put_queue(quota("acme", {.limit_milli = a_node}));
    country.put_shape({3}, spec({.chips = 1}));
    RunningJob small = running(90, 1, 0, now + hour, 1);
    small.queue = "acme/poems";
    country.occupy(small);
    country.wait(1, "acme/poems");
    country.wait(2, "acme/poems", 3);
    EXPECT_EQ(placed(decide(country, policy(), now)), Jobs{2});
    EXPECT_EQ(placed(decide(country, policy(), now + seconds(12 * 3600))), Jobs{});
    // What is larger than the limit never fits, and holds nobody up.
    country.put_queue(quota("acme", {.limit_milli = 4000}));
    EXPECT_EQ(placed(decide(country, policy(), now + seconds(12 * 3600))), Jobs{2});
}

TEST(Divide, QuotasAreOfOneChip) {
    Country country(1);
    country.put_chip(chip("H20"));
    country.put_center({2}, center("guiyang", {pool({.chip = "H20"})}), {});
    country.put_queue(quota("acme", {.limit_milli = 0}));
    JobSpec either = spec();
    either.variants = {{either.resources}, {either.resources}};
    either.variants[1].chip = "H20";
    country.put_shape({3}, either);
    country.wait(1, "acme/poems", 3);
    country.wait(2, "acme/poems");
    const Decisions decisions = decide(country, policy(), now);
    EXPECT_EQ(placed(decisions), Jobs{1});
    const ClassDecision& one = decisions.classes.at(0);
    EXPECT_EQ(one.table.candidates.at(one.placements.at(0).candidate).chip, "H20");
}

// --- What is taken back ----------------------------------------------------------------------------------

std::vector<JobId> victims(std::initializer_list<std::uint64_t> jobs) {
    std::vector<JobId> all;
    for (const std::uint64_t job : jobs) all.push_back({job});
    return all;
}

TEST(Preempt, AGuaranteeCallsBackWhatWasLent) {
    Country country(2);
    country.put_queue(quota("acme", {.guaranteed_milli = a_node}));
    country.run(90, 0, "other/songs", true);
    country.run(91, 1, "other/songs", true);
    country.wait(1, "acme/poems");
    country.wait(2, "acme/poems");
    const Decisions decisions = decide(country, policy(), now);
    ASSERT_EQ(decisions.claims.size(), 1U);  // the second is beyond the guarantee
    const Claim& claim = decisions.claims[0];
    EXPECT_EQ(claim.job, JobId{1});
    EXPECT_EQ(claim.pool, "main");
    EXPECT_EQ(claim.victims, victims({91}));  // has run for less time
    ASSERT_EQ(claim.nodes.size(), 1U);
    EXPECT_EQ(claim.nodes[0].node, 1);
    EXPECT_EQ(decisions.wake_at, claim.until);
    EXPECT_TRUE(decisions.classes.empty());
}

TEST(Preempt, NobodyIsStoppedWhoIsNotPreemptibleOrWithinAGuarantee) {
    Country country(2);
    country.put_queue(quota("acme", {.guaranteed_milli = 2 * a_node}));
    country.put_queue(quota("other", {.guaranteed_milli = a_node}));
    country.run(90, 0, "other/songs", true);
    country.run(91, 1, "third/plays", false);
    country.wait(1, "acme/poems");
    EXPECT_TRUE(decide(country, policy(), now).claims.empty());
    // Beyond its own guarantee the other has one node: the one that may be taken.
    country.vacate({91});
    country.run(92, 1, "other/songs", true);
    const Decisions decisions = decide(country, policy(), now);
    ASSERT_EQ(decisions.claims.size(), 1U);
    EXPECT_EQ(decisions.claims[0].victims.size(), 1U);
}

TEST(Preempt, NoMoreIsTakenThanWasBorrowed) {
    Country country(2);
    country.put_queue(quota("acme", {.guaranteed_milli = 2 * a_node}));
    country.put_queue(quota("other", {.guaranteed_milli = a_node}));
    country.run(90, 0, "other/songs", true);
    country.run(91, 1, "other/songs", true);
    JobSpec gang = spec({.nodes = 2});
    country.put_shape({3}, gang);
    country.wait(1, "acme/poems", 3);
    EXPECT_TRUE(decide(country, policy(), now).claims.empty());
}

TEST(Preempt, PriorityTakesFromLowerOnesOfItsOwnQueue) {
    Country country(2);
    country.run(90, 0, "acme/poems", true, Priority::normal);
    country.run(91, 1, "other/songs", true, Priority::low);
    country.wait(1, "acme/poems", 1, Priority::high);
    country.wait(2, "third/plays", 1, Priority::urgent);
    const Decisions decisions = decide(country, policy(), now);
    ASSERT_EQ(decisions.claims.size(), 1U);
    EXPECT_EQ(decisions.claims[0].job, JobId{1});
    EXPECT_EQ(decisions.claims[0].victims, victims({90}));
}

TEST(Preempt, PriorityTakesUnderTheLimitOfItsQueueToo) {
    Country country(2);
    country.put_queue(quota("acme", {.limit_milli = a_node}));
    country.run(90, 0, "acme/poems", true, Priority::low);
    country.wait(1, "acme/poems", 1, Priority::high);
    const Decisions decisions = decide(country, policy(), now);
    ASSERT_EQ(decisions.claims.size(), 1U);
    EXPECT_EQ(decisions.claims[0].victims, victims({90}));
}

TEST(Preempt, WhatCanStartElsewhereStopsNobody) {
    Country country(2);
    country.put_queue(quota("acme", {.guaranteed_milli = 2 * a_node}));
    country.run(90, 0, "other/songs", true);
    country.wait(1, "acme/poems");
    const Decisions decisions = decide(country, policy(), now);
    EXPECT_EQ(placed(decisions), Jobs{1});
    EXPECT_TRUE(decisions.claims.empty());
}

ClaimedNodes claimed(const Claim& claim, std::string queue) {
    return {.place = {.job = claim.job,
                      .center = claim.center,
                      .pool = claim.pool,
                      .nodes = claim.nodes,
                      .until = claim.until + hour,
                      .queue = std::move(queue)},
            .variant = claim.variant,
            .until = claim.until};
}

class Claimed : public Country {
   public:
    Claimed() : Country(1) {
        put_queue(quota("acme", {.guaranteed_milli = a_node}));
        run(90, 0, "other/songs", true);
        wait(1, "acme/poems");
        wait(2, "other/songs", 2);
        made = decide(*this, policy(), now).claims.at(0);
        claim(claimed(made, "acme/poems"));
        stop({90});
    }
    Claim made;
};

TEST(Claims, AreTakenUpFirstWhenWhatWasInTheWayHasGone) {
    Claimed country;
    const Decisions early = decide(country, policy(), now);
    EXPECT_TRUE(early.claims.empty());
    EXPECT_EQ(placed(early), Jobs{});
    EXPECT_EQ(early.wake_at, country.made.until);
    country.vacate({90});
    const Decisions decisions = decide(country, policy(), now);
    EXPECT_EQ(placed(decisions), Jobs{1});
    const ClassDecision& one = decisions.classes.at(0);
    EXPECT_EQ(one.placements[0].nodes, country.made.nodes);
    EXPECT_EQ(one.table.candidates.at(one.placements[0].candidate).start, now);
}

TEST(Claims, LapseWithTheirTimeAndWithTheirCentre) {
    Claimed late;
    EXPECT_EQ(decide(late, policy(), late.made.until).lapsed, std::vector<JobId>{{1}});
    Claimed closed;
    closed.put_center({1}, closed.centers().at({1}).center, out_of_contact());
    EXPECT_EQ(decide(closed, policy(), now).lapsed, std::vector<JobId>{{1}});
    closed.unclaim({1});
    closed.put_center({1}, closed.centers().at({1}).center, {});
    closed.vacate({90});
    EXPECT_EQ(placed(decide(closed, policy(), now)), Jobs{1});
}

TEST(Claims, ThatNoLongerFitTheirJobLapse) {
    Claimed country;
    ClaimedNodes other = claimed(country.made, "acme/poems");
    other.place.nodes[0].chips_milli = 1000;
    country.claim(other);
    country.vacate({90});
    EXPECT_EQ(decide(country, policy(), now).lapsed, std::vector<JobId>{{1}});
}

// --- Data ------------------------------------------------------------------------------------------------

constexpr std::int64_t gib = std::int64_t{1} << 30;

TEST(Data, WhereItLiesIsNearer) {
    World world;
    world.put_chip(chip("A100"));
    Center wuhan = center("wuhan"), guiyang = center("guiyang");
    wuhan.link = {.rtt_us = 0, .mbit_per_s = 8, .price_per_gib = yuan_of(2)};
    guiyang.link = wuhan.link;
    world.put_center({1}, wuhan, {});
    world.put_center({2}, guiyang, {});
    world.put_dataset({.name = "tang300", .bytes = 3 * gib, .centers = {"guiyang"}});
    JobSpec reads = spec();
    reads.inputs = {{.dataset = "tang300"}};
    const CandidateTable table = weigh(world, policy(), reads, now);
    const Candidate &near = table.candidates.at(0), &far = table.candidates.at(1);
    EXPECT_EQ(near.center_name, "guiyang");
    EXPECT_EQ(near.bytes_moved, 0);
    EXPECT_EQ(near.start, now);
    EXPECT_EQ(far.bytes_moved, 3 * gib);
    EXPECT_EQ(far.start, now + milliseconds(3'221'225));  // 3 GiB at 8 Mbit/s
    EXPECT_EQ(far.end, far.start + hour);
    // 80 of price, 6 of moving, and 8 chips that wait for it at one yuan an hour.
    EXPECT_EQ(far.objective, Money{yuan_of(86).micro_yuan + 7'158'278});
    world.put_dataset({.name = "tang300", .bytes = 3 * gib, .centers = {"guiyang", "wuhan"}});
    EXPECT_EQ(weigh(world, policy(), reads, now).candidates.at(0).center_name, "wuhan");
    world.remove_dataset("tang300");
    reads.inputs[0].bytes = gib;
    EXPECT_EQ(weigh(world, policy(), reads, now).candidates.at(1).bytes_moved, gib);
}

TEST(Data, AJobStartsToMoveItAtOnce) {
    Country country(1);
    Center wuhan = country.centers().at({1}).center;
    wuhan.link.mbit_per_s = 8;
    country.put_center({1}, wuhan, {});
    JobSpec reads = spec();
    reads.inputs = {{.dataset = "tang300", .bytes = gib}};
    country.put_shape({3}, reads);
    country.wait(1, "acme/poems", 3);
    const Decisions decisions = decide(country, policy(), now);
    EXPECT_EQ(placed(decisions), Jobs{1});
    const Candidate& taken = decisions.classes.at(0).table.candidates.at(0);
    EXPECT_EQ(taken.start, now + milliseconds(1'073'742));
}

}  // namespace
}  // namespace dayu::sched
