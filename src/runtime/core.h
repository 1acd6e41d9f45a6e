// The heart of a server without its threads: State, World and journal, moved on by one call at a time.
// The loop (loop.h) drives it with a real clock and a real queue; the virtual world drives it with
// pretended ones. What it promises: nothing is answered before it is durable, and a batch whose append
// fails leaves no trace.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "control/command.h"
#include "control/handle.h"
#include "control/state.h"
#include "journal/journal.h"
#include "runtime/figures.h"
#include "runtime/health.h"
#include "runtime/live_foresight.h"
#include "sched/advice.h"
#include "sched/offer_book.h"
#include "sched/policy.h"
#include "sched/world.h"

namespace dayu::runtime {

// What must be true of the state in the moment of a change, besides what its handler asks; `precondition_failed`.
using Precondition = std::function<Result<void>(const control::State&)>;

struct Request {
    control::Command command;
    control::Actor actor;
    std::vector<journal::Body> bodies;  // kept only when the command brings events about
    Precondition only_if = {};          // asked after the handler: its refusals come first
};

struct Answer {
    Seq seq;                 // of the newest entry when this was answered
    JobId job;               // of a submit
    std::int64_t tasks = 0;  // of an array; 0: the job is none
    bool repeated = false;   // the idempotency key was known: this is the stored answer
};

struct CoreOptions {
    Duration lease = seconds(30);           // an agent's right to start, from one sync to the next
    Duration silence_margin = seconds(15);  // past the lease, before contact counts as lost
    Duration move_margin = seconds(15);     // past move_after and the job's grace
    control::NodeRule node_rule;
};

class Core {
   public:
    using Publish = std::function<void(std::span<const journal::RenderedEntry>)>;

    static Result<std::unique_ptr<Core>> open(journal::Journal& journal,
                                              const sched::Policy& policy,
                                              const CoreOptions& options, Clock& clock);

    // One group commit. The answers stand in the order of the requests.
    std::vector<Result<Answer>> commit(std::span<Request> batch);
    Result<Answer> commit_one(Request request);

    // Checks that the request is newer than what was seen of its installation, and counts it as contact.
    // Then commit() a SyncAgent, and take the reply from reply_to().
    Result<void> admit_sync(const SyncRequest& request);
    SyncReply reply_to(const SyncRequest& request);

    // Deadlines, silent centres, outages, moves, and a round of the scheduler when something has changed. Returns when to
    // call again at the latest.
    Result<Instant> tick();

    // The optimum's, for the rounds that follow.
    void advise(sched::Advice advice);
    const sched::Advice& advice() const { return advice_; }  // what is left of it

    // False while the last append failed.
    bool writable() const { return writable_; }
    // Centres with new orders for their agents since the last call.
    std::set<CenterId> take_touched() { return std::exchange(touched_, {}); }

    // The snapshot that this was recovered from; 0: none.
    Seq recovered_from() const { return recovered_from_; }
    const control::State& state() const { return state_; }
    const sched::World& world() const { return world_; }
    const sched::Policy& policy() const { return policy_; }
    const CoreOptions& options() const { return options_; }
    const Figures& figures() const { return figures_; }
    // When each centre's agent was last in contact; of its first moment here where it never was.
    const std::map<CenterId, Instant>& heard() const { return heard_; }
    const Health& health() const { return health_; }
    const journal::Store& store() const { return journal_.store(); }
    Clock& clock() const { return clock_; }
    void on_publish(Publish publish) { publish_ = std::move(publish); }

   private:
    Core(journal::Journal& journal, const sched::Policy& policy, const CoreOptions& options,
         Clock& clock);
    void rank(Request& request, Time now) const;
    void note_touched(const control::Event& event);
    void note_failed_start(const control::Event& event);
    Result<void> expire_deadlines();
    void count(const control::Event& event);
    Result<void> report_silence();
    Result<void> judge_outages();
    Result<void> move_silent_attempts(CenterId center, Duration silent);
    Result<void> run_round();

    journal::Journal& journal_;
    const sched::Policy& policy_;
    CoreOptions options_;
    Clock& clock_;
    Publish publish_;

    Seq recovered_from_;
    control::State state_;
    sched::World world_;
    sched::OfferBook book_;
    bool writable_ = true;
    std::set<CenterId> touched_;
    sched::Advice advice_;
    bool changed_ = true;          // since the last round
    std::optional<Time> wake_at_;  // when the world changes by itself
    Instant rests_until_;          // no round before
    std::map<CenterId, Instant> heard_;
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>
        newest_;  // installation -> (incarnation, number)
    Figures figures_;
    Health health_;
    std::optional<LiveForesight> foresight_;  // where the policy ranks by it
};

}  // namespace dayu::runtime
