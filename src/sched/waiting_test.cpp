// Jobs that wait: in lanes, in order of rank, aside until their time has come.
#include "sched/waiting.h"

#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

constexpr QueueId poems{1};

Waiting with_shapes(std::uint32_t count) {
    Waiting waiting;
    for (std::uint32_t shape = 1; shape <= count; ++shape)
        waiting.put_shape({shape}, spec({.hours = shape}));
    return waiting;
}

QueuedJob submitted(std::uint64_t job, std::int64_t hours, Priority priority = Priority::normal,
                    std::uint32_t shape = 1) {
    QueuedJob one = queued(job, shape);
    one.submitted = start_of_tests + seconds(hours * 3600);
    one.priority = priority;
    return one;
}

// All of a queue, as a round would meet them.
std::vector<std::uint64_t> in_order(const Waiting& waiting, QueueId queue) {
    std::vector<Rank> ranks;
    for (const Head& head : waiting.heads(queue)) {
        const Lane& lane = waiting.lane(head.lane);
        EXPECT_EQ(lane.front(), head.rank);
        for (std::size_t i = 0; i < lane.size(); ++i) ranks.push_back(lane[i]);
    }
    std::ranges::sort(ranks);
    std::vector<std::uint64_t> jobs;
    for (const Rank& rank : ranks) jobs.push_back(rank.job.value);
    return jobs;
}
using Jobs = std::vector<std::uint64_t>;

TEST(Waiting, AStepOfPriorityIsWorthTwelveHours) {
    Waiting waiting = with_shapes(1);
    waiting.enqueue(submitted(1, 0, Priority::low), poems, false);
    waiting.enqueue(submitted(2, 11), poems, false);
    waiting.enqueue(submitted(3, 13), poems, false);
    waiting.enqueue(submitted(4, 13 + 23, Priority::urgent), poems, false);
    EXPECT_EQ(in_order(waiting, poems), (Jobs{2, 1, 4, 3}));
}

TEST(Waiting, EqualJobsFormALane) {
    Waiting waiting = with_shapes(2);
    for (std::uint64_t job = 1; job <= 6; ++job)
        waiting.enqueue(submitted(job, 0, Priority::normal, 1 + job % 2), poems, false);
    EXPECT_EQ(waiting.heads(poems).size(), 2U);
    EXPECT_EQ(waiting.heads({2}).size(), 0U);
    EXPECT_EQ(in_order(waiting, poems), (Jobs{1, 2, 3, 4, 5, 6}));
    const JobClassId of_two = waiting.class_of({2});
    EXPECT_EQ(waiting.job_class(of_two).waiting, 3U);
    EXPECT_EQ(waiting.count_before(of_two, waiting.rank_of({5})), 2U);
    for (const std::uint64_t job : {2U, 4U, 6U}) waiting.dequeue({job});
    EXPECT_EQ(in_order(waiting, poems), (Jobs{1, 3, 5}));
}

TEST(Waiting, WhatWasSpentMakesAClassOnlyUnderAMaxPrice) {
    Waiting waiting = with_shapes(1);
    JobSpec bounded = spec();
    bounded.placement.max_price = yuan_of(100);
    waiting.put_shape({2}, bounded);
    for (const std::uint32_t shape : {1U, 2U}) {
        for (const std::uint64_t job : {10 * shape, 10 * shape + 1}) {
            QueuedJob one = queued(job, shape);
            one.spent = yuan_of(static_cast<std::int64_t>(job % 10));
            waiting.enqueue(one, poems, false);
        }
    }
    EXPECT_EQ(waiting.class_of({10}), waiting.class_of({11}));
    EXPECT_NE(waiting.class_of({20}), waiting.class_of({21}));
    EXPECT_EQ(waiting.find({21})->spent, yuan_of(1));
}

TEST(Waiting, WhatMayNotBePlacedYetStandsAside) {
    Waiting waiting = with_shapes(1);
    QueuedJob later = submitted(1, 0);
    later.not_before = start_of_tests + hour;
    waiting.enqueue(later, poems, false);
    waiting.enqueue(submitted(2, 0), poems, false);
    waiting.advance(start_of_tests);
    EXPECT_EQ(in_order(waiting, poems), Jobs{2});
    EXPECT_EQ(waiting.next_wake(start_of_tests), later.not_before);
    waiting.advance(later.not_before);
    EXPECT_EQ(in_order(waiting, poems), (Jobs{1, 2}));
    waiting.set_claimed({2}, true);
    EXPECT_EQ(in_order(waiting, poems), Jobs{1});
    waiting.advance(start_of_tests);  // the clock was set back
    EXPECT_EQ(in_order(waiting, poems), Jobs{});
    waiting.set_claimed({2}, false);
    EXPECT_EQ(in_order(waiting, poems), Jobs{2});
    EXPECT_EQ(waiting.find({1}), later);
}

TEST(WaitingProperty, LanesHoldWhatATableWould) {
    EXPECT_TRUE(rc::check("enqueue, dequeue, advance", [] {
        Waiting waiting = with_shapes(3);
        std::map<std::uint64_t, std::pair<QueuedJob, std::uint32_t>> table;
        Time now = start_of_tests;
        const auto pick = [](int below) { return *rc::gen::inRange(0, below); };
        for (int step = 0; step < 200; ++step) {
            const auto job = static_cast<std::uint64_t>(1 + pick(40));
            if (pick(3) == 0) {
                waiting.dequeue({job});
                table.erase(job);
            } else if (pick(10) == 0) {
                now = now + seconds(pick(7200) - 1800);
                waiting.advance(now);
            } else {
                QueuedJob one =
                    submitted(job, pick(50), Priority{static_cast<std::uint8_t>(pick(4))},
                              static_cast<std::uint32_t>(1 + pick(3)));
                if (pick(4) == 0) one.not_before = now + seconds(pick(3600));
                const auto queue = static_cast<std::uint32_t>(1 + pick(2));
                waiting.enqueue(one, {queue}, false);
                table[job] = {one, queue};
            }
        }
        waiting.advance(now);
        RC_ASSERT(waiting.size() == table.size());
        for (const std::uint32_t queue : {1U, 2U}) {
            std::vector<Rank> expected;
            for (const auto& [job, row] : table) {
                const auto& [one, in] = row;
                RC_ASSERT(waiting.find({job}) == one);
                if (in == queue && one.not_before <= now)
                    expected.push_back({ranked_from(one.submitted, one.priority), {job}});
            }
            std::ranges::sort(expected);
            Jobs jobs;
            for (const Rank& rank : expected) jobs.push_back(rank.job.value);
            RC_ASSERT(in_order(waiting, {queue}) == jobs);
            RC_ASSERT(waiting.waiting_in({queue}) == std::ssize(jobs));
        }
    }));
}

TEST(Lane, KeepsItsOrderWhereverJobsComeAndGo) {
    EXPECT_TRUE(rc::check("a lane is a sorted list", [] {
        Lane lane;
        std::vector<Rank> list;
        for (int step = 0; step < 400; ++step) {
            const Rank rank{start_of_tests, {*rc::gen::inRange<std::uint64_t>(1, 200)}};
            const auto at = std::ranges::lower_bound(list, rank);
            if (at != list.end() && *at == rank) {
                lane.erase(rank);
                list.erase(at);
            } else {
                lane.insert(rank);
                list.insert(at, rank);
            }
            RC_ASSERT(lane.size() == list.size());
            for (std::size_t i = 0; i < list.size(); ++i) RC_ASSERT(lane[i] == list[i]);
            RC_ASSERT(
                lane.count_before(rank) ==
                static_cast<std::size_t>(std::ranges::lower_bound(list, rank) - list.begin()));
        }
    }));
}

}  // namespace
}  // namespace dayu::sched
