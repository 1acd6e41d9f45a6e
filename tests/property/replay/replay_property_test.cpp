// What must hold of replays for every queue of jobs: seeded, and replayed by one command. The live core decides the same
// from the same jobs; no node ever holds more than it has, and gangs are whole; the order in which equal things are told
// does not matter; and whoever is first in line starts as soon as time limits let it.
//
// One failing seed again: DAYU_SEED=n; more of them: DAYU_SEEDS=count.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <tuple>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "sim/random.h"
#include "sim/run.h"
#include "tests/property/replay/live_core.h"
#include "tests/property/replay/queue_of_jobs.h"
#include "tests/property/seeds.h"

namespace dayu::property {
namespace {

constexpr std::uint64_t default_seeds = 60;

// What a replay starts and ends, in order, seen from the World that it keeps.
struct Replayed {
    std::vector<Happening> log;
    Time beginning;
    sim::RunReport report;
};

class Watch {
   public:
    explicit Watch(std::size_t jobs) : placed_(jobs) {}

    void look(const sched::World& world, Time now) {
        if (log.empty() && !began_) began_ = now;
        for (std::uint64_t id = 1; id <= placed_.size(); ++id) {
            std::optional<Time>& placed = placed_[id - 1];
            const sched::RunningJob* running = world.find_running({id});
            if (running == nullptr) {
                if (placed && !world.find_queued({id})) log.push_back({now, ended({id})});
                placed.reset();
            } else if (placed != running->placed) {
                log.push_back({now, started({id}, running->center, running->pool, running->nodes)});
                placed = running->placed;
            }
        }
    }

    Time began() const { return *began_; }
    std::vector<Happening> log;

   private:
    std::vector<std::optional<Time>> placed_;  // of those that run
    std::optional<Time> began_;
};

using AlsoWatch = std::function<void(const sched::World&, Time)>;

Replayed replay(const QueueOfJobs& given, const sched::Policy& policy, const AlsoWatch& also = {}) {
    Watch watch(given.trace.jobs.size());
    sim::RunReport report =
        sim::run(given.world, given.trace,
                 {.policy = policy, .watch = [&](const sched::World& world, Time now) {
                      watch.look(world, now);
                      if (also) also(world, now);
                  }});
    const Time beginning = watch.began() - seconds(given.trace.jobs.front().arrival_s);
    return {.log = std::move(watch.log), .beginning = beginning, .report = std::move(report)};
}

std::vector<Happening> in_order(std::vector<Happening> log) {
    std::ranges::sort(log, {}, [](const Happening& one) { return std::pair(one.at, one.what); });
    return log;
}

// The first thing that only one of them tells; empty: they are equal.
std::string difference(const std::vector<Happening>& one, const std::vector<Happening>& other) {
    const auto [at, beside] = std::ranges::mismatch(one, other);
    const auto told = [](const std::vector<Happening>& log, auto place) {
        return place == log.end() ? std::string("nothing more")
                                  : fmt::format("at {}: {}", place->at.ms, place->what);
    };
    if (at == one.end() && beside == other.end()) return "";
    return told(one, at) + "\n" + told(other, beside);
}

void for_every_seed(std::string_view test, const std::function<void(std::uint64_t)>& check) {
    const auto [first, count, is_one] = seeds_to_try(default_seeds);
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        SCOPED_TRACE(
            fmt::format("again by\n  DAYU_SEED={} build/dev/tests/replay_property_test "
                        "--gtest_filter='Replay.{}'",
                        seed, test));
        check(seed);
        if (testing::Test::HasFailure()) return;
    }
}

const sched::Policy& any_policy(std::uint64_t seed) {
    const auto names = sched::policy_names();
    return *sched::find_policy(names[seed % names.size()]);
}

const sched::Policy& any_policy_by_arrival(std::uint64_t seed) {
    auto names = sched::policy_names();
    std::erase_if(names, [](auto name) { return sched::find_policy(name)->order().has_value(); });
    return *sched::find_policy(names[seed % names.size()]);
}

TEST(Replay, DecidesAsTheLiveCoreDoes) {
    std::int64_t starts = 0, preemptions = 0;
    for_every_seed("DecidesAsTheLiveCoreDoes", [&](std::uint64_t seed) {
        const QueueOfJobs given = queue_of_jobs(seed, Crowd::mixed);
        const Replayed simulated = replay(given, any_policy(seed));
        LiveCore live(given, any_policy(seed), simulated.beginning);
        EXPECT_EQ(difference(in_order(simulated.log), in_order(live.run())), "");
        starts += std::ssize(simulated.log) - simulated.report.completed;
        preemptions += simulated.report.preemptions;
    });
    std::cout << starts << " starts, " << preemptions << " preemptions\n";
    EXPECT_GT(seeds_to_try(default_seeds).is_one ? 1 : preemptions, 0) << "nobody was stopped";
}

// Chips of each node in use.
using Use = std::map<std::tuple<CenterId, std::string, std::int64_t>, std::int64_t>;

void take(Use& use, const sched::RunningJob& job, const sim::TraceJob& asked, std::int64_t size) {
    const std::int64_t nodes =
        std::max<std::int64_t>((asked.chips_milli / 1000 + size - 1) / size, 1);
    EXPECT_EQ(std::ssize(job.nodes), nodes) << "a part of gang " << job.job.value;
    std::set<std::int64_t> distinct;
    std::int64_t chips_milli = 0;
    for (const NodeShare& share : job.nodes) {
        distinct.insert(share.node);
        chips_milli += share.chips_milli;
        use[{job.center, job.pool, share.node}] += share.chips_milli;
    }
    EXPECT_EQ(std::ssize(distinct), nodes) << "twice on a node: " << job.job.value;
    EXPECT_GE(chips_milli, asked.chips_milli) << "less than it asks for: " << job.job.value;
}

TEST(Replay, FillsNoNodeBeyondWhatItHasAndKeepsGangsWhole) {
    for_every_seed("FillsNoNode*", [](std::uint64_t seed) {
        const QueueOfJobs given = queue_of_jobs(seed, Crowd::mixed);
        std::int64_t most = 0;
        replay(given, any_policy(seed), [&](const sched::World& world, Time) {
            Use use;
            for (std::uint64_t id = 1; id <= given.trace.jobs.size(); ++id) {
                const sched::RunningJob* running = world.find_running({id});
                const auto size = given.world.centers.front().pools.front().chips_per_node;
                if (running != nullptr) take(use, *running, given.trace.jobs[id - 1], size);
            }
            for (const auto& [node, chips_milli] : use) {
                const Pool& pool =
                    given.world.centers.at(std::get<CenterId>(node).value - 1).pools.front();
                EXPECT_LT(std::get<std::int64_t>(node), pool.nodes);
                EXPECT_LE(chips_milli, pool.chips_per_node * 1000) << "a node holds too much";
                most = std::max(most, chips_milli);
            }
        });
        EXPECT_EQ(most, 4000) << "it was never full";
    });
}

// The same jobs, projects and queues, told in another order.
QueueOfJobs told_otherwise(QueueOfJobs given, std::uint64_t seed) {
    sim::Random random(seed);
    random.shuffle(given.world.queues);
    random.shuffle(given.trace.jobs);
    std::ranges::sort(given.trace.jobs);  // as readers do
    return given;
}

TEST(Replay, DoesNotHangOnTheOrderInWhichEqualThingsAreTold) {
    for_every_seed("DoesNotHang*", [](std::uint64_t seed) {
        QueueOfJobs given = queue_of_jobs(seed, Crowd::mixed);
        // Many that are equal: each job comes with others at the start of its hour, and some are twins.
        for (sim::TraceJob& job : given.trace.jobs) job.arrival_s -= job.arrival_s % 3600;
        const std::vector<sim::TraceJob> jobs = given.trace.jobs;
        for (std::size_t i = 0; i < jobs.size(); i += 4) given.trace.jobs.push_back(jobs[i]);
        std::ranges::sort(given.trace.jobs);
        const Replayed one = replay(given, any_policy(seed));
        const Replayed other = replay(told_otherwise(given, seed), any_policy(seed));
        EXPECT_EQ(difference(one.log, other.log), "");
    });
}

// In one project in one pool, jobs are in line by their arrival. Backfill delays no reservation, and the first in line has one:
// from when all before it have started, it waits no longer than the longest time limit of what runs then.
TEST(Replay, LetsNobodyStarve) {
    double longest_s = 0;
    for_every_seed("LetsNobodyStarve", [&](std::uint64_t seed) {
        const QueueOfJobs given = queue_of_jobs(seed, Crowd::single_file);
        const std::size_t jobs = given.trace.jobs.size();
        std::vector<std::optional<Time>> starts(jobs);
        std::optional<std::size_t> first;  // in line
        Time bound;                        // by when it starts
        replay(given, any_policy_by_arrival(seed), [&](const sched::World& world, Time now) {
            Time latest = now;
            for (std::size_t i = 0; i < jobs; ++i) {
                const sched::RunningJob* running = world.find_running({i + 1});
                if (running == nullptr) continue;
                if (!starts[i]) starts[i] = now;
                latest = std::max(latest, running->until);
            }
            const auto next = static_cast<std::size_t>(
                std::ranges::find(starts, std::optional<Time>()) - starts.begin());
            if (first && *first != next) {
                EXPECT_LE(*starts[*first], bound) << "job " << *first + 1;
            }
            if (next == jobs || !world.find_queued({next + 1})) {
                first.reset();
            } else if (first != next) {
                first = next;
                bound = latest;
            }
            if (first) {
                EXPECT_LE(now, bound) << "job " << *first + 1 << " still waits";
            }
        });
        for (std::size_t i = 0; i < jobs; ++i) ASSERT_TRUE(starts[i].has_value());
        const sim::RunReport report = replay(given, any_policy_by_arrival(seed)).report;
        longest_s = std::max(longest_s, report.wait_p999_s);
    });
    std::cout << "the longest wait: " << longest_s / 3600 << " h\n";
}

// Learned run times change the order by no more than a job's own time limit: who comes later than that behind it stands behind
// it. From when all that may stand before it have started, the same bound holds.
TEST(Replay, LetsNobodyStarveBehindShorterOnes) {
    for_every_seed("LetsNobodyStarveBehind*", [](std::uint64_t seed) {
        const QueueOfJobs given = queue_of_jobs(seed, Crowd::single_file);
        const std::vector<sim::TraceJob>& jobs = given.trace.jobs;
        std::vector<bool> has_started(jobs.size());
        std::vector<std::optional<Time>> bounds(jobs.size());  // by when each starts
        const AlsoWatch check = [&](const sched::World& world, Time now) {
            Time latest = now;
            for (std::size_t i = 0; i < jobs.size(); ++i) {
                const sched::RunningJob* running = world.find_running({i + 1});
                if (running == nullptr) continue;
                has_started[i] = true;
                latest = std::max(latest, running->until);
            }
            for (std::size_t i = 0; i < jobs.size(); ++i) {
                const auto queued = world.find_queued({i + 1});
                if (!queued) continue;
                const Duration limit = world.spec_of(queued->shape).time_limit;
                const auto may_be_before = [&](std::size_t other) {
                    return other != i && !has_started[other] &&
                           seconds(jobs[other].arrival_s) <= seconds(jobs[i].arrival_s) + limit;
                };
                const auto others = std::views::iota(std::size_t{0}, jobs.size());
                if (!bounds[i] && std::ranges::none_of(others, may_be_before)) bounds[i] = latest;
                EXPECT_LE(now, bounds[i].value_or(now)) << "job " << i + 1 << " still waits";
            }
        };
        const Replayed replayed = replay(given, *sched::find_policy("learned"), check);
        EXPECT_EQ(replayed.report.completed, std::ssize(jobs));
    });
}

}  // namespace
}  // namespace dayu::property
