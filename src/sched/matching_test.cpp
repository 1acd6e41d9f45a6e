#include "sched/matching.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "sched/matching/division.h"
#include "sched/matching/gittins.h"
#include "sched/matching/max_min.h"

namespace dayu::sched::matching {
namespace {

std::unique_ptr<MatchingPolicy> policy(std::string_view name, MatchingSetting setting) {
    return make_matching_policy(name, setting).value();
}

// By job: the kind it runs on, or no_kind.
std::vector<std::size_t> kinds_of(const std::vector<Match>& matches, std::size_t jobs) {
    std::vector<std::size_t> kinds(jobs, no_kind);
    for (const Match& match : matches) kinds[match.job] = match.kind;
    return kinds;
}

TEST(Matching, NamesItsPoliciesAndTheNearest) {
    EXPECT_EQ(matching_policy_names().front(), "advantage");
    EXPECT_EQ(make_matching_policy("gavle", {}).error().message,
              "no matching gavle (gavel?); there are: advantage, fifo, las, gavel");
    const PairRates pairs(1, 1);
    EXPECT_EQ(make_matching_policy("las", {.chips = {1}, .pairs = &pairs}).error().code,
              "policy_does_not_share");
}

TEST(Fifo, GivesTheFastestChipWithRoomInOrder) {
    const std::vector<MatchingJob> jobs = {
        {.id = 0, .shape = 0, .rates = {4, 1}},
        {.id = 1, .shape = 0, .rates = {4, 1}},
        {.id = 2, .shape = 0, .rates = {4, 1}},
    };
    const auto matches = policy("fifo", {.chips = {1, 1}})->choose(0, jobs);
    EXPECT_EQ(kinds_of(matches, 3), (std::vector<std::size_t>{0, 1, no_kind}));
}

// Both are faster on the first kind, and the second is hardly so.
TEST(Advantage, GivesTheChipToWhomItHelpsMore) {
    const std::vector<MatchingJob> jobs = {
        {.id = 0, .shape = 0, .rates = {100, 90}},
        {.id = 1, .shape = 1, .rates = {4, 1}},
    };
    const auto matches = policy("advantage", {.chips = {1, 1}})->choose(0, jobs);
    EXPECT_EQ(kinds_of(matches, 2), (std::vector<std::size_t>{1, 0}));
}

TEST(Advantage, RunsWhoHadLeastWhileItHasLearntNothing) {
    const std::vector<MatchingJob> jobs = {
        {.id = 0, .rates = {1}, .progress = 9000, .kind = 0, .is_running = true, .ran_s = 360},
        {.id = 1, .rates = {1}},
    };
    const auto matches = policy("advantage", {.chips = {1}})->choose(0, jobs);
    EXPECT_EQ(kinds_of(matches, 2), (std::vector<std::size_t>{no_kind, 0}));
}

TEST(Advantage, LetsTwoShareWhereBothGetMoreDone) {
    PairRates good(1, 1), bad(1, 1);
    good.set(0, 0, 0, 0.8);
    bad.set(0, 0, 0, 0.4);
    const std::vector<MatchingJob> jobs = {{.id = 0, .rates = {1}}, {.id = 1, .rates = {1}}};
    const auto shared = policy("advantage", {.chips = {1}, .pairs = &good})->choose(0, jobs);
    ASSERT_EQ(shared.size(), 2u);
    EXPECT_EQ(shared[0].beside, 1u);
    EXPECT_EQ(shared[1].beside, 0u);
    const auto apart = policy("advantage", {.chips = {1}, .pairs = &bad})->choose(0, jobs);
    ASSERT_EQ(apart.size(), 1u);
    EXPECT_EQ(apart[0].beside, alone);
}

// One chip of each of two kinds: each job on the kind that is better for it, or indifferent, has at least 1.
TEST(MaxMin, MakesTheWorstOffAsWellOffAsCanBe) {
    const std::vector<MaxMinGroup> groups = {
        {.jobs = 1, .chips = 1, .utility = {1, 1}},
        {.jobs = 1, .chips = 1, .utility = {1.6, 0.4}},
    };
    const std::vector<std::uint32_t> chips{1, 1};
    const auto shares = max_min_shares(groups, chips);
    const auto utility = [&](std::size_t g) {
        return groups[g].utility[0] * shares[g][0] + groups[g].utility[1] * shares[g][1];
    };
    EXPECT_NEAR(std::min(utility(0), utility(1)), 1, 1e-5);
}

TEST(MaxMin, SharesChipsEquallyAmongEqualJobs) {
    const std::vector<MaxMinGroup> groups = {{.jobs = 4, .chips = 2, .utility = {1, 1}}};
    const std::vector<std::uint32_t> chips{2, 2};
    const auto shares = max_min_shares(groups, chips);
    EXPECT_NEAR(shares[0][0], 0.25, 1e-5);
    EXPECT_NEAR(shares[0][1], 0.25, 1e-5);
}

// Services of 1 or of 100: at the begin it is worth trying for 1; a job past that is worth trying to its end.
TEST(Gittins, PrefersTheYoungWhereMostAreShort) {
    GittinsIndex index({.first_age_s = 1, .age_growth = 2, .learns_every = 10});
    for (int i = 0; i < 10; ++i) index.finished(i < 8 ? 1 : 100);
    EXPECT_NEAR(index.at(0), 0.8, 1e-12);
    EXPECT_NEAR(index.at(1), 1.0 / 99, 1e-12);
    EXPECT_GT(index.at(80), index.at(1));  // nearly done
    EXPECT_GT(index.at(1000), 0);
}

double worth(std::span<const Divided> jobs) {
    double sum = 0;
    for (const Divided& job : jobs) sum += job.worth[job.kind];
    return sum;
}

// Of all ways to place them whole; two kinds.
double best_worth(std::vector<Divided> jobs, const std::vector<std::uint32_t>& chips) {
    double best = -1e9;
    for (std::size_t way = 0; way < (std::size_t{1} << jobs.size()); ++way) {
        std::uint32_t used[2] = {0, 0};
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            jobs[i].kind = (way >> i) & 1;
            used[jobs[i].kind] += jobs[i].chips;
        }
        if (used[0] <= chips[0] && used[1] <= chips[1]) best = std::max(best, worth(jobs));
    }
    return best;
}

TEST(Division, IsExactForTwoKinds) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        std::mt19937_64 random(seed);
        const std::vector<std::uint32_t> chips{8, 8};
        std::vector<Divided> jobs;
        for (std::uint32_t asked = 0; asked < 12;) {
            Divided job{.chips = 1u << (random() % 3), .can_run = {true, true}};
            job.worth = {-1e-3 * static_cast<double>(random() % 1000),
                         -1e-3 * static_cast<double>(random() % 1000)};
            asked += job.chips;
            jobs.push_back(job);
        }
        Division(chips).divide(jobs);
        ASSERT_TRUE(
            std::ranges::none_of(jobs, [](const auto& job) { return job.kind == no_kind; }));
        EXPECT_NEAR(worth(jobs), best_worth(jobs, chips), 1e-9);
    }
}

TEST(Division, HoldsNoMoreThanThereIsAndNothingWhereItCannotRun) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        std::mt19937_64 random(seed);
        const std::vector<std::uint32_t> chips{4, 5, 6};
        std::vector<Divided> jobs(6);
        for (Divided& job : jobs) {
            job.chips = 1u << (random() % 3);
            for (std::size_t kind = 0; kind < 3; ++kind) {
                job.can_run[kind] = random() % 4 != 0;
                job.worth[kind] = -static_cast<double>(random() % 100);
            }
        }
        Division(chips).divide(jobs);
        std::vector<std::uint32_t> used(3);
        for (const Divided& job : jobs) {
            if (job.kind == no_kind) continue;
            EXPECT_TRUE(job.can_run[job.kind]);
            used[job.kind] += job.chips;
        }
        for (std::size_t kind = 0; kind < 3; ++kind) EXPECT_LE(used[kind], chips[kind]);
    }
}

}  // namespace
}  // namespace dayu::sched::matching
