// Random streams of commands over the whole core, one seed a stream. After every batch: the World that was
// fed equals the one built anew, a batch that is taken back leaves no trace, no node holds more than it
// has, the events keep to their model, and replay gives the live State.
//
// One failing seed again: DAYU_SEED=n; more of them: DAYU_SEEDS=count.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "control/feed.h"
#include "control/handle.h"
#include "sched/policy.h"
#include "tests/property/history.h"
#include "tests/property/random_commands.h"
#include "tests/property/seeds.h"
#include "tests/scenario/state_text.h"

namespace dayu::property {
namespace {

using scenario::difference;
using scenario::state_text;

constexpr std::uint64_t default_seeds = 150;
constexpr int batches = 80;
constexpr std::int64_t max_batch = 8;
constexpr Time start{1'772'323'200'000};

using NodeOf = std::tuple<CenterId, std::string, std::int64_t>;

// Chips that live attempts occupy, node by node: counted from State alone.
std::map<NodeOf, std::int64_t> chips_in_use(const control::State& state) {
    std::map<NodeOf, std::int64_t> used;
    for (const auto& [job, attempt] : state.attempts.rows()) {
        for (const NodeShare& share : attempt.nodes)
            used[{attempt.center, attempt.pool, share.node}] += share.chips_milli;
    }
    return used;
}

// Stores a new State that replay of `events` leads to.
control::State replay(const std::vector<control::RecordedEvent>& events) {
    control::State state;
    for (const control::RecordedEvent& event : events) control::apply(state, event);
    return state;
}

class Stream {
   public:
    explicit Stream(std::uint64_t seed) : commands_(seed) {}

    void run();
    std::size_t events() const { return journal_.size(); }
    std::size_t claims() const { return claims_; }
    std::size_t taken_up() const { return taken_up_; }

   private:
    void batch();
    std::vector<control::RecordedEvent> execute_some();
    std::vector<control::RecordedEvent> execute(const control::Command& command);
    std::vector<control::RecordedEvent> commit_round(const std::vector<control::Command>& round);
    void check_done(const control::Command& command,
                    const std::vector<control::RecordedEvent>& recorded);
    void check_capacity(const std::vector<control::RecordedEvent>& recorded) const;
    void check_replies();
    void check_all();

    const sched::Policy& policy_ = *sched::find_policy("least-cost");
    RandomCommands commands_;
    Time now_ = start;
    control::State state_;
    sched::World world_;
    History history_;
    std::vector<control::RecordedEvent> journal_;
    std::size_t claims_ = 0;    // that rounds have made
    std::size_t taken_up_ = 0;  // of all
};

void Stream::run() {
    for (const control::Command& command :
         {control::Command{control::Found{.cluster = "00000000000000c1"}},
          control::Command{RandomCommands::chips()}}) {
        for (const control::RecordedEvent& event : execute(command)) {
            control::feed(world_, state_, event);
            EXPECT_EQ(history_.take(event), "");
            journal_.push_back(event);
        }
    }
    for (int i = 0; i < batches && !testing::Test::HasFailure(); ++i) {
        now_ = now_ + (commands_.chance(2) ? seconds(-3600) : seconds(commands_.below(120)));
        batch();
    }
    const control::State replayed = replay(journal_);
    EXPECT_EQ(difference(state_text(state_), state_text(replayed)), "") << "replay is not live";
}

void Stream::batch() {
    const std::string before = state_text(state_);
    std::vector<control::RecordedEvent> recorded;
    const auto keep = [&](std::vector<control::RecordedEvent> made) {
        std::ranges::move(made, std::back_inserter(recorded));
    };
    state_.begin();
    std::vector<control::Command> round;
    if (commands_.chance(50)) {
        round = control::commands_of(sched::decide(world_, policy_, now_), state_, now_);
        keep(commit_round(round));
    }
    keep(execute_some());
    // Once more: those whose job waits again get what they had, the others are stale.
    while (commands_.chance(30)) {
        for (const control::Command& command : round) keep(execute(command));
        keep(execute_some());
    }
    if (commands_.chance(25)) {
        state_.rollback();
        EXPECT_EQ(difference(before, state_text(state_)), "") << "rollback left a trace";
        return;
    }
    state_.commit();
    for (const control::RecordedEvent& event : recorded) {
        const auto* placed = std::get_if<control::JobPlaced>(&event.event);
        taken_up_ += placed != nullptr && world_.claims().contains(placed->attempt.job) ? 1 : 0;
        control::feed(world_, state_, event);
        EXPECT_EQ(history_.take(event), "") << "at entry " << event.meta.seq.value;
        journal_.push_back(event);
    }
    check_all();
}

std::vector<control::RecordedEvent> Stream::execute_some() {
    std::vector<control::RecordedEvent> all;
    for (std::int64_t left = commands_.below(max_batch); left > 0; --left)
        std::ranges::move(execute(commands_.next(state_, now_)), std::back_inserter(all));
    return all;
}

std::vector<control::RecordedEvent> Stream::execute(const control::Command& command) {
    control::Actor actor{.name = "property", .scope = {}};
    if (std::holds_alternative<control::SubmitJob>(command) && commands_.chance(50))
        actor.scope.project = "other";
    auto events = control::handle(state_, command, actor, now_);
    if (!events) return {};
    return control::record(state_, std::move(events).value(), actor, now_);
}

std::vector<control::RecordedEvent> Stream::commit_round(
    const std::vector<control::Command>& round) {
    std::vector<control::RecordedEvent> all;
    for (const control::Command& command : round) {
        auto recorded = execute(command);
        check_done(command, recorded);
        std::ranges::move(recorded, std::back_inserter(all));
    }
    check_capacity(all);
    return all;
}

// What a round has decided holds in the State that it was decided for.
void Stream::check_done(const control::Command& command,
                        const std::vector<control::RecordedEvent>& recorded) {
    if (const auto* commit = std::get_if<control::CommitDecision>(&command)) {
        const auto placed = std::ranges::count_if(recorded, [](const auto& one) {
            // In the place of an attempt that would start without its secret.
            return std::holds_alternative<control::JobPlaced>(one.event) ||
                   std::holds_alternative<control::SecretMissing>(one.event);
        });
        EXPECT_EQ(placed, std::ssize(commit->decision.placements))
            << "a fresh placement was dropped";
    } else if (const auto* claim = std::get_if<control::ClaimCapacity>(&command)) {
        ASSERT_EQ(std::ssize(recorded), 1 + std::ssize(claim->claim.victims))
            << "a fresh claim was dropped, or not all of its victims were asked to stop";
        EXPECT_TRUE(state_.claims.contains(claim->claim.job));
        ++claims_;
    } else {
        EXPECT_EQ(recorded.size(), 1u) << "a claim that has lapsed was kept";
    }
}

void Stream::check_capacity(const std::vector<control::RecordedEvent>& recorded) const {
    const auto used = chips_in_use(state_);
    for (const control::RecordedEvent& event : recorded) {
        const auto* placed = std::get_if<control::JobPlaced>(&event.event);
        if (placed == nullptr) continue;
        const auto& pools = state_.centers.at(placed->center).center.pools;
        const auto pool = std::ranges::find(pools, placed->pool, &Pool::name);
        ASSERT_NE(pool, pools.end()) << "placed in a pool that is not there";
        for (const NodeShare& share : placed->nodes) {
            EXPECT_LT(share.node, pool->nodes);
            const auto in_use = used.at({placed->center, placed->pool, share.node});
            EXPECT_LE(in_use, pool->chips_per_node * 1000) << "a node holds more than it has";
        }
    }
}

// What any agent is told: to start what is live and not to be stopped, each attempt in one way.
void Stream::check_replies() {
    const SyncRequest request = commands_.sync(state_, now_);
    const control::Actor agent{.name = "agent:" + request.agent, .scope = {}};
    if (!control::handle(state_, control::SyncAgent{request}, agent, now_)) return;
    const SyncReply reply = control::sync_reply(state_, request);
    std::set<Token> told;
    const auto tell = [&](const Token& token) {
        EXPECT_TRUE(told.insert(token).second) << token.text << " is told two things";
    };
    for (const StartOrder& order : reply.starts) {
        tell(order.token);
        const control::AttemptRow* row = state_.attempts.find(order.attempt.job);
        ASSERT_NE(row, nullptr) << "a start of what is over";
        EXPECT_EQ(row->number, order.attempt.number);
        EXPECT_FALSE(row->stopping.has_value());
        EXPECT_EQ(state_.centers.at(row->center).installation, request.installation);
    }
    for (const StopOrder& order : reply.stops) tell(order.token);
    for (const Token& token : reply.inquiries) tell(token);
    for (const Token& token : reply.settled) {
        tell(token);
        const auto key = parse_token(state_.header.cluster, token);
        ASSERT_TRUE(key.has_value());
        const control::AttemptRow* row = state_.attempts.find(key->job);
        EXPECT_FALSE(row != nullptr && row->number == key->number) << "a live attempt was settled";
    }
}

void Stream::check_all() {
    EXPECT_TRUE(world_ == control::build_world(state_)) << "the fed World is not the one of State";
    control::State indexed = state_;
    control::rebuild_indexes(indexed);
    EXPECT_EQ(difference(state_text(state_), state_text(indexed)), "") << "an index is wrong";
    check_replies();
}

std::string replay_command;  // of the seed that runs: a failed CHECK ends the program

extern "C" void tell_replay(int signal) {
    std::signal(signal, SIG_DFL);
    const auto told = ::write(STDERR_FILENO, replay_command.data(), replay_command.size());
    (void)told;
}

TEST(Core, HoldsItsInvariantsForEveryStream) {
    const auto [first, count, is_one] = seeds_to_try(default_seeds);
    std::size_t events = 0, claims = 0, taken_up = 0;
    for (const int signal : {SIGABRT, SIGSEGV}) std::signal(signal, tell_replay);
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        replay_command = "again by\n  DAYU_SEED=" + std::to_string(seed) +
                         " build/dev/tests/property_test --gtest_filter='Core.*'\n";
        Stream stream(seed);
        stream.run();
        events += stream.events();
        claims += stream.claims();
        taken_up += stream.taken_up();
        if (HasFailure()) FAIL() << replay_command;
    }
    RecordProperty("events", std::to_string(events));
    std::cout << count << " seeds from " << first << ", " << events << " events, " << claims
              << " claims by rounds, " << taken_up << " taken up\n";
    EXPECT_GT(is_one ? 1 : taken_up, 0u) << "nothing took a place back";
}

}  // namespace
}  // namespace dayu::property
