// One thing that happened, as hooks are told of it. It is made of an entry of the journal and of what the
// lists know of its job, and is the same whenever it is made.
#pragma once

#include <optional>
#include <string>

#include "control/state.h"
#include "journal/store.h"
#include "model/hook.h"

namespace dayu::notices {

struct Notice {
    std::string id;  // "msg_...", from the entry's bytes: the same for every hook and every try
    Seq seq;
    Time at;
    NoticeTopic topic = NoticeTopic::job_ended;
    Scope scope;
    bool trial = false;  // of `dayu hook test`: nothing has happened

    // job_ended, job_held: the job as it was then.
    journal::JobSummary job = {};
    // center_lost, center_back
    std::string center = {};
    std::string center_title = {};
    Time since = {};  // when contact was lost
};

constexpr bool is_of_job(NoticeTopic topic) {
    return topic == NoticeTopic::job_ended || topic == NoticeTopic::job_held;
}

// The topic of an entry of that type, or nothing: no hook is ever told of it.
std::optional<NoticeTopic> topic_of(std::string_view entry_type);

// Whether the hook of that project wants to hear of it.
bool concerns(const Notice& notice, const Hook& hook, const Scope& scope);

// What `dayu hook test` sends.
Notice trial_notice(const Scope& scope, NoticeTopic topic, std::string id, Time now);

}  // namespace dayu::notices
