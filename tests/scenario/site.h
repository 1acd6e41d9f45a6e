// A pretended agent with a pretended engine at one centre: it obeys what it is told as a real one would,
// unless the scenario says otherwise. Time passes in it only when the scenario reports something.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/agent_messages.h"

namespace dayu::scenario {

struct Held {
    Observation latest;
    Time started;
};

struct Site {
    Center center;
    bool in_contact = true;

    // How its engine misbehaves.
    bool holds_orders = false;  // replies are under way, not yet here
    bool fails_starts = false;
    bool queues_starts = false;  // what is started is QUEUED_REMOTE until it is reported otherwise
    bool ignores_stops = false;

    std::map<Token, Held> held;
    std::set<Token> stopping;
    std::set<Token> claimed;  // for ever: what was claimed once is never started again
    std::vector<SyncReply> under_way;
    std::optional<SyncRequest> last_news;  // the last request that had something to tell

    SyncRequest request() const;
    // Returns what it did, in words that name attempts by token.
    std::vector<std::string> obey(const SyncReply& reply, Time now);
    void acknowledge(const SyncRequest& told);
    void end(const Token& token, Ending ending, Time now);
};

}  // namespace dayu::scenario
