// Who may have how much of what: limits, guarantees that are lent, and what is kept.
#include "sched/queue_tree.h"

#include <gtest/gtest.h>

#include "sched/testing/worlds.h"

namespace dayu::sched {
namespace {

using namespace testing;

Queue described(std::string path, std::vector<Quota> quotas, std::int64_t weight_milli = 1000) {
    return {.path = std::move(path), .weight_milli = weight_milli, .quotas = std::move(quotas)};
}

Quota a100(std::int64_t guaranteed, std::int64_t kept = 0, std::optional<std::int64_t> limit = {}) {
    return {
        .chip = "A100", .guaranteed_milli = guaranteed, .kept_milli = kept, .limit_milli = limit};
}

class Tree : public QueueTree {
   public:
    void run(std::string_view path, std::int64_t milli) {
        take(queue(path), chip("A100"), milli, yuan_of(milli));
    }
    Allowance ask(std::string_view path, std::int64_t milli, bool preemptible = false) {
        return use().allowance({.queue = queue(path),
                                .chip = chip("A100"),
                                .milli = milli,
                                .preemptible = preemptible});
    }
};

TEST(QueueTree, WhatNobodyDescribedMayHaveAll) {
    Tree tree;
    const Allowance allowance = tree.ask("acme/poems", 1'000'000);
    EXPECT_FALSE(allowance.over_limit);
    EXPECT_FALSE(allowance.guarantor);
    EXPECT_EQ(allowance.owed_milli, 0);
}

TEST(QueueTree, ALimitHoldsForAllBelowIt) {
    Tree tree;
    tree.describe(described("acme", {a100(0, 0, 8000)}));
    tree.run("acme/poems", 5000);
    EXPECT_FALSE(tree.ask("acme/songs", 3000).over_limit);
    EXPECT_EQ(tree.ask("acme/songs", 3001).over_limit, tree.queue("acme"));
    EXPECT_FALSE(tree.ask("other/songs", 9000).over_limit);
    tree.give(tree.queue("acme/poems"), tree.chip("A100"), 5000, yuan_of(5000));
    EXPECT_FALSE(tree.ask("acme/songs", 8000).over_limit);
}

TEST(QueueTree, WhatIsGuaranteedAndIdleIsOwedByThoseWhoCannotGiveItBack) {
    Tree tree;
    tree.describe(described("acme", {a100(8000, 3000)}));
    EXPECT_EQ(tree.ask("other", 1000).owed_milli, 8000);
    EXPECT_EQ(tree.ask("other", 1000, true).owed_milli, 3000);
    tree.run("acme/poems", 6000);
    EXPECT_EQ(tree.ask("other", 1000).owed_milli, 2000);
    EXPECT_EQ(tree.ask("other", 1000, true).owed_milli, 0);
    tree.run("acme/poems", 6000);
    EXPECT_EQ(tree.ask("other", 1000).owed_milli, 0);
}

TEST(QueueTree, WithinItsGuaranteeAQueueOwesNothing) {
    Tree tree;
    tree.describe(described("acme", {a100(8000)}));
    tree.describe(described("other", {a100(8000)}));
    const Allowance within = tree.ask("acme/poems", 8000);
    EXPECT_EQ(within.guarantor, tree.queue("acme"));
    EXPECT_EQ(within.owed_milli, 0);
    const Allowance beyond = tree.ask("acme/poems", 8001);
    EXPECT_FALSE(beyond.guarantor);
    EXPECT_EQ(beyond.owed_milli, 8000);  // to the other, not to itself
}

TEST(QueueTree, InsideATenantItsProjectsOweEachOther) {
    Tree tree;
    tree.describe(described("acme", {a100(10'000)}));
    tree.describe(described("acme/poems", {a100(4000)}));
    const Allowance songs = tree.ask("acme/songs", 1000);
    EXPECT_EQ(songs.guarantor, tree.queue("acme"));
    EXPECT_EQ(songs.owed_milli, 4000);
    EXPECT_EQ(tree.ask("acme/poems", 4000).guarantor, tree.queue("acme/poems"));
    EXPECT_EQ(tree.ask("acme/poems", 4000).owed_milli, 0);
    // The tenant's guarantee covers its projects' guarantees: they are not owed twice.
    EXPECT_EQ(tree.ask("other", 1000).owed_milli, 10'000);
    tree.run("acme/songs", 9000);
    EXPECT_EQ(tree.ask("other", 1000).owed_milli, 4000);
}

TEST(QueueTree, ADescriptionIsForgottenWithItsQuotas) {
    Tree tree, anew;
    tree.describe(described("acme", {a100(8000)}, 3000));
    tree.describe(described("acme", {a100(0, 0, 1000)}, 2000));
    EXPECT_EQ(tree.ask("other", 1000).owed_milli, 0);
    EXPECT_TRUE(tree.ask("acme", 2000).over_limit);
    tree.forget("acme");
    EXPECT_FALSE(tree.ask("acme", 2000).over_limit);
    EXPECT_EQ(tree, anew);
}

TEST(QueueTree, WhatRunsCountsOnEveryQueueOfThePath) {
    Tree tree;
    tree.run("acme/poems/lora", 1000);
    tree.run("acme/songs", 2000);
    const auto used = [&](std::string_view path) {
        return tree.use().used_milli(*tree.find(path), tree.chip("A100"));
    };
    EXPECT_EQ(used("acme/poems/lora"), 1000);
    EXPECT_EQ(used("acme/poems"), 1000);
    EXPECT_EQ(used("acme"), 3000);
    EXPECT_EQ(tree.use().rate(*tree.find("acme")), yuan_of(3000));
    EXPECT_EQ(tree.use().own_rate(*tree.find("acme")), Money{});
}

// Who has used the same for ever has it as the mean of the past too: 7 days by ln 2 of it.
TEST(QueueTree, ThePastIsAMeanThatFades) {
    Tree tree;
    const Time now = start_of_tests;
    tree.put_usage("acme/poems", yuan_of(24'237'400), now);
    const auto mean = [&](std::string_view path, Time at) {
        return tree.past(at)[tree.find(path)->value].whole.micro_yuan / micro_yuan_per_yuan;
    };
    EXPECT_NEAR(static_cast<double>(mean("acme/poems", now)), 100'000, 1);
    EXPECT_EQ(mean("acme", now), mean("acme/poems", now));
    EXPECT_NEAR(static_cast<double>(mean("acme", now + usage_half_life)), 50'000, 20);
    EXPECT_EQ(tree.past(now)[tree.find("acme")->value].own, Money{});
}

TEST(QueueTree, NumbersDoNotCountInAComparison) {
    Tree one, other;
    one.run("acme/poems", 1000);
    one.run("other", 500);
    other.queue("gone");
    other.run("other", 500);
    other.run("acme/poems", 1000);
    EXPECT_EQ(one, other);
    other.put_usage("acme", yuan_of(1), start_of_tests);
    EXPECT_FALSE(one == other);
}

}  // namespace
}  // namespace dayu::sched
