// The agent in the real world: gives step() the machine's clock, answers of the server and observations of
// the engines, and does what it says, in its order. It decides nothing.
//
// One thread owns the state and calls the engines; a second one has the sync request that is under way, so
// that observing goes on meanwhile. Engines are asked only while they hold something: often after a
// change, seldom when nothing moves.
#pragma once

#include <atomic>
#include <deque>
#include <string>
#include <vector>

#include "agent/sites.h"
#include "agent/stager.h"
#include "agent/step.h"
#include "agent/sync_thread.h"
#include "base/time.h"
#include "engine/engine.h"
#include "http/client.h"

namespace dayu::agent {

class Driver {
   public:
    // The stager must outlive it; without one no job with a workdir starts.
    Driver(Identity identity, std::vector<Site> sites, const http::ClientOptions& server,
           Clock& clock, Stager* stager = nullptr, Probe probe = {});
    ~Driver();

    // Until stop(). Attempts live on after it.
    void run();
    // From any thread, but not from a signal handler.
    void stop();

   private:
    void take(const Input& input);
    bool observes() const;
    void observe_soon();
    void observe();
    Instant wake_at() const;

    void perform(const SendSync& output);
    void perform(const AbandonSync& output);
    void perform(const StartAttempt& output);
    void perform(const StopAttempt& output);
    void perform(const FindOrClaim& output);
    void perform(const SettleAttempt& output);
    void perform(const StageAttempt& output);
    void perform(const AbandonStaging& output);
    template <class Output>
    void perform(const Output& output) {
        if (auto input = sites_.perform(output)) next_.push_back(*std::move(input));
    }
    template <class Output>
    void perform_and_look(const Output& output) {
        observe_soon();
        if (auto input = sites_.perform(output)) next_.push_back(*std::move(input));
    }

    Clock& clock_;
    Stager* const stager_;
    State state_;
    Sites sites_;
    std::deque<Input> next_;    // what outputs gave rise to
    bool must_observe_ = true;  // whatever is held
    Instant observe_at_;
    Duration observe_every_;
    std::atomic<bool> stopping_ = false;
    SyncThread sync_;  // last: it ends before the rest
};

}  // namespace dayu::agent
