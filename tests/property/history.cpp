#include "tests/property/history.h"

namespace dayu::property {

struct History::Take {
    History& history;

    std::string operator()(const control::CenterDeclared& event) const {
        if (event.id.value > history.centers_.size() &&
            !history.centers_.insert(event.center.name).second) {
            return "two centres are called " + event.center.name;
        }
        return {};
    }

    std::string operator()(const control::JobAccepted& event) const {
        if (event.job.value != history.jobs_.size() + 1) return "job ids have a gap";
        history.jobs_[event.job];
        return {};
    }

    std::string operator()(const control::JobPlaced& event) const {
        JobSoFar* job = find(event.attempt.job);
        if (job == nullptr) return "an unknown or ended job was placed";
        if (job->live) return "a second live attempt";
        job->has_claim = false;
        if (event.attempt.number != ++job->attempts) return "attempt numbers have a gap";
        job->live = true;
        job->stopping.reset();
        return {};
    }

    std::string operator()(const control::CapacityClaimed& event) const {
        JobSoFar* job = find(event.job);
        if (job == nullptr || job->live || job->has_claim) return "a claim by what does not wait";
        job->has_claim = true;
        for (const AttemptKey& victim : event.victims) {
            if (!is_live(victim) || find(victim.job)->stopping)
                return "a victim that is going, or has";
        }
        return {};
    }
    std::string operator()(const control::ClaimDropped& event) const {
        JobSoFar* job = find(event.job);
        if (job == nullptr || !job->has_claim) return "an end of a claim that is not there";
        job->has_claim = false;
        return {};
    }

    std::string operator()(const control::AttemptAdvanced& event) const {
        return is_live(event.attempt) ? "" : "an attempt advanced that is not live";
    }
    std::string operator()(const control::UsageMetered& event) const {
        return is_live(event.attempt) ? "" : "an attempt was metered that is not live";
    }
    std::string operator()(const control::StopRequested& event) const {
        if (!is_live(event.attempt)) return "an attempt was stopped that is not live";
        JobSoFar* job = find(event.attempt.job);
        if (job->stopping == event.cause || job->stopping == EndCause::cancelled)
            return "an attempt was stopped twice";
        job->stopping = event.cause;
        return {};
    }

    std::string operator()(const control::AttemptEnded& event) const {
        if (!is_live(event.attempt)) return "an attempt ended that is not live";
        JobSoFar* job = find(event.attempt.job);
        job->live = false;
        job->cost += event.cost.micro_yuan;
        if (event.cost.micro_yuan < 0) return "a negative bill";
        return {};
    }

    std::string operator()(const control::JobRequeued& event) const {
        const JobSoFar* job = find(event.job);
        if (job == nullptr || job->live || job->attempts == 0) return "a wrong requeue";
        return job->stopping == EndCause::cancelled ? "a cancelled job was requeued" : "";
    }

    std::string operator()(const control::JobEnded& event) const {
        JobSoFar* job = find(event.job);
        if (job == nullptr) return "an end of an unknown or ended job";
        if (job->live) return "a job ended before its attempt";
        if (event.cost.micro_yuan != job->cost) return "the cost is not the sum of the bills";
        job->ended = true;
        return {};
    }

    template <class Other>
    std::string operator()(const Other&) const {
        return {};
    }

    JobSoFar* find(JobId id) const {
        const auto at = history.jobs_.find(id);
        return at == history.jobs_.end() || at->second.ended ? nullptr : &at->second;
    }
    bool is_live(AttemptKey key) const {
        const JobSoFar* job = find(key.job);
        return job != nullptr && job->live && job->attempts == key.number;
    }
};

std::string History::take(const control::RecordedEvent& recorded) {
    const control::EventMeta& meta = recorded.meta;
    if (meta.seq.value != last_seq_.value + 1) return "sequence numbers have a gap";
    if (meta.at < last_at_) return "an entry goes back in time";
    last_seq_ = meta.seq;
    last_at_ = meta.at;
    return std::visit(Take{*this}, recorded.event);
}

}  // namespace dayu::property
