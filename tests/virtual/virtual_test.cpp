// Seeded virtual worlds (sim/world.h). Environment:
//   DAYU_SEED=N    that world alone: what a failure prints to replay it
//   DAYU_SEEDS=N   how many worlds; else 300, and 10,000 with DAYU_FULL=1
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/log.h"
#include "sim/world.h"

namespace dayu::sim {
namespace {

constexpr std::uint64_t seeds_usually = 300;
constexpr std::uint64_t seeds_in_full = 10'000;
constexpr std::uint64_t seeds_to_find_sabotage = 1'000;
constexpr int shown_failures = 3;

std::uint64_t number_in_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string replay_command(std::uint64_t seed) {
    return "DAYU_SEED=" + std::to_string(seed) +
           " build/release/tests/virtual_test --gtest_filter=VirtualWorld.RulesHold";
}

// A CHECK ends the process: then this is the last word.
thread_local std::uint64_t seed_now = 0;
void name_the_seed(int) {
    char line[128] = "replay: DAYU_SEED=";
    std::size_t size = std::strlen(line);
    char digits[20];
    std::size_t count = 0;
    for (std::uint64_t left = seed_now; left != 0 || count == 0; left /= 10)
        digits[count++] = static_cast<char>('0' + left % 10);
    while (count > 0) line[size++] = digits[--count];
    constexpr char rest[] = " build/release/tests/virtual_test\n";
    std::memcpy(line + size, rest, sizeof rest - 1);
    (void)!::write(STDERR_FILENO, line, size + sizeof rest - 1);
    ::signal(SIGABRT, SIG_DFL);
}

void prepare() {
    set_log_level(LogLevel::error);
    ::signal(SIGABRT, name_the_seed);
}

struct Failure {
    std::uint64_t seed = 0;
    Outcome outcome;
};

struct Report {
    std::vector<Failure> failures;
    std::map<std::string, std::uint64_t> counts;
};

// Each world is one thread's; so many run side by side.
Report run_worlds(std::uint64_t first, std::uint64_t count) {
    std::atomic<std::uint64_t> next = first;
    std::mutex mutex;
    Report report;
    std::vector<std::jthread> threads;
    const unsigned width = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < width; ++i) {
        threads.emplace_back([&] {
            for (;;) {
                seed_now = next++;
                if (seed_now >= first + count) return;
                Outcome outcome = run_world(seed_now);
                const std::lock_guard lock(mutex);
                for (const auto& [what, times] : outcome.counts) report.counts[what] += times;
                if (outcome.complaint.empty()) continue;
                report.failures.push_back({.seed = seed_now, .outcome = std::move(outcome)});
            }
        });
    }
    threads.clear();
    return report;
}

TEST(VirtualWorld, RulesHold) {
    prepare();
    const bool is_full = number_in_environment("DAYU_FULL", 0) != 0;
    const std::uint64_t one = number_in_environment("DAYU_SEED", 0);
    const std::uint64_t count =
        one != 0 ? 1 : number_in_environment("DAYU_SEEDS", is_full ? seeds_in_full : seeds_usually);
    const Report report = run_worlds(one != 0 ? one : 1, count);
    std::cout << count << " worlds, " << report.failures.size() << " with a broken rule;";
    for (const auto& [what, times] : report.counts) std::cout << " " << times << " " << what << ",";
    std::cout << "\n";
    int shown = 0;
    for (const Failure& failure : report.failures) {
        if (++shown > shown_failures) {
            ADD_FAILURE() << "seed " << failure.seed << " " << failure.outcome.complaint;
            continue;
        }
        std::string notes;
        for (const std::string& note : failure.outcome.notes) notes += note.substr(0, 400) + "\n";
        ADD_FAILURE() << notes << "seed " << failure.seed << " " << failure.outcome.complaint
                      << "\nreplay: " << replay_command(failure.seed);
    }
}

TEST(VirtualWorld, OneSeedIsOneRun) {
    prepare();
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Outcome once = World({.seed = seed, .takes_notes = true}).run();
        const Outcome again = World({.seed = seed, .takes_notes = true}).run();
        EXPECT_EQ(once.notes, again.notes);
        EXPECT_EQ(once.happenings, again.happenings);
    }
}

// A world in which nothing happens proves nothing.
TEST(VirtualWorld, TroubleHappens) {
    prepare();
    const Report report = run_worlds(1, 100);
    for (const char* what : {"job COMPLETED",      "job FAILED",
                             "job CANCELLED",      "job TIMEOUT",
                             "ended exited",       "ended time_limit",
                             "ended cancelled",    "ended start_failed",
                             "ended node_failed",  "ended fenced",
                             "ended moved",        "job_requeued",
                             "contact_lost",       "contact_restored",
                             "ended requeued",     "ended deadline",
                             "job DEADLINE",       "job_held",
                             "job_released",       "array_declared",
                             "slot_given",         "node_excluded",
                             "node_included",      "usage_metered",
                             "acknowledged again", "replayed from a snapshot"}) {
        EXPECT_TRUE(report.counts.contains(what)) << what << " never happened in 100 worlds";
    }
}

// The world bites: what is broken on purpose is found.
class Sabotaged : public testing::TestWithParam<std::pair<const char*, Sabotage>> {};

TEST_P(Sabotaged, IsFound) {
    prepare();
    for (std::uint64_t seed = 1; seed <= seeds_to_find_sabotage; ++seed) {
        const Outcome outcome = run_world(seed, GetParam().second);
        if (outcome.complaint.empty()) continue;
        std::cout << GetParam().first << " is found at seed " << seed << ", " << outcome.complaint
                  << "\n";
        return;
    }
    ADD_FAILURE() << GetParam().first << " is not found within " << seeds_to_find_sabotage
                  << " seeds";
}

INSTANTIATE_TEST_SUITE_P(
    VirtualWorld, Sabotaged,
    testing::Values(std::pair{"a disk that answers before it has synced",
                              Sabotage::disk_answers_before_sync},
                    std::pair{"an engine that forgets its claims", Sabotage::engine_forgets_claims},
                    std::pair{"an idempotency key that is dropped", Sabotage::keys_are_dropped}));

}  // namespace
}  // namespace dayu::sim
