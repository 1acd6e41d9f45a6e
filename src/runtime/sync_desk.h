// Where the long polls of agents wait for something to do. One waits for each installation: a newer
// request takes the place of an older one, which is answered with nothing.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "runtime/core.h"
#include "runtime/log_relay.h"
#include "runtime/secret_vault.h"

namespace dayu::runtime {

class SyncDesk {
   public:
    using OnSync = std::function<void(Result<SyncReply>)>;

    SyncDesk(Core& core, LogRelay& logs, const SecretVault* secrets)
        : core_(core), logs_(logs), secrets_(secrets) {}

    // After the request's commit: answers now if there is something to say, else by the deadline.
    void park(SyncRequest request, Instant deadline, OnSync answer);
    // Answers the parked requests that a commit or a reader of logs has given something to say.
    void serve(const std::set<CenterId>& touched, Instant now);
    void close();

   private:
    struct Parked {
        SyncRequest request;
        Instant deadline;
        OnSync answer;
    };
    bool answer_if_due(const std::string& installation, Parked& parked, Instant now);
    void fill_bodies(SyncReply& reply);
    Result<JobBody> body(const BodyRef& ref);
    void fill_secrets(StartOrder& order) const;

    Core& core_;
    LogRelay& logs_;
    const SecretVault* secrets_;
    std::map<std::string, Parked> parked_;  // by installation
    std::map<BodyRef, JobBody> bodies_;     // the latest that were read
    std::size_t cached_bytes_ = 0;          // of their texts
};

}  // namespace dayu::runtime
