#include "notices/notice.h"

#include <algorithm>

namespace dayu::notices {
namespace {

bool is_failure(JobState state) {
    return state != JobState::completed && state != JobState::cancelled;
}

bool passes(const Notice& notice, const HookFilter& filter) {
    if (!filter.owner.empty() && filter.owner != notice.job.owner) return false;
    if (!filter.name.empty() && !matches_pattern(filter.name, notice.job.name)) return false;
    const bool is_end = notice.topic == NoticeTopic::job_ended;
    return !filter.failures_only || !is_end || is_failure(notice.job.state);
}

}  // namespace

std::optional<NoticeTopic> topic_of(std::string_view entry_type) {
    if (entry_type == control::JobEnded::type) return NoticeTopic::job_ended;
    if (entry_type == control::JobHeld::type) return NoticeTopic::job_held;
    if (entry_type == control::OutageBegan::type) return NoticeTopic::center_lost;
    if (entry_type == control::OutageEnded::type) return NoticeTopic::center_back;
    return std::nullopt;
}

bool concerns(const Notice& notice, const Hook& hook, const Scope& scope) {
    if (std::ranges::find(hook.events, notice.topic) == hook.events.end()) return false;
    return !is_of_job(notice.topic) || (notice.scope == scope && passes(notice, hook.filter));
}

Notice trial_notice(const Scope& scope, NoticeTopic topic, std::string id, Time now) {
    Notice notice{.id = std::move(id), .at = now, .topic = topic, .scope = scope, .trial = true};
    if (is_of_job(topic)) {
        notice.job.name = "test";
        notice.job.scope = scope;
        notice.job.state = topic == NoticeTopic::job_held ? JobState::held : JobState::completed;
        notice.job.submitted = now;
    } else {
        notice.center = "test";
        notice.center_title = "test";
        notice.since = now;
    }
    return notice;
}

}  // namespace dayu::notices
