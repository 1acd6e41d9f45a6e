#include "journal/projection.h"

#include <algorithm>

#include <fmt/core.h>

namespace dayu::journal {
namespace {

Error row_missing(std::string_view what) {
    return internal(
        "projection_row_missing",
        fmt::format("{} is not in the lists, but an event concerns it: the lists and the "
                    "entries are not of one journal. Restore the data directory from a backup",
                    what));
}

}  // namespace

// One overload for each event that changes a row.
struct Projection::Fold {
    Projection& rows;
    const control::EventMeta& meta;

    Result<void> operator()(const control::JobAccepted& event) const {
        JobSummary job;
        job.job = event.job;
        job.scope = meta.scope;
        job.name = event.name;
        job.owner = meta.actor;
        if (const JobSpec* spec = rows.after_.shapes.find(event.shape)) job.kind = spec->kind;
        job.shape = event.shape;
        job.body = event.body;
        job.submitted = meta.at;
        job.priority = event.priority;
        rows.add(std::move(job));
        return {};
    }

    Result<void> operator()(const control::ConditionsSet& event) const {
        JobSummary& job = *TRY(rows.job(event.job));
        if (event.held) job.state = JobState::held;
        job.array = event.array;
        job.array_index = event.array_index;
        job.begin = event.not_before;
        job.deadline = event.deadline;
        return {};
    }

    Result<void> operator()(const control::JobHeld& event) const {
        TRY(rows.job(event.job))->state = JobState::held;
        return {};
    }

    Result<void> operator()(const control::JobReleased& event) const {
        TRY(rows.job(event.job))->state = JobState::pending;
        return {};
    }

    Result<void> operator()(const control::DependencyFailed& event) const {
        TRY(rows.job(event.job))->detail = fmt::format(
            "what it waited for, {} of {} {}, can never come about", to_string(event.awaited.on),
            event.awaited.whole_array ? "array" : "job", event.awaited.job.value);
        return {};
    }

    Result<void> operator()(const control::SecretMissing& event) const {
        TRY(rows.job(event.job))->detail = fmt::format(
            "secret \"{}\" was removed after the job was submitted; set it and submit again",
            event.name);
        return {};
    }

    Result<void> operator()(const control::JobPlaced& event) const {
        const control::CenterRow* center = rows.after_.centers.find(event.center);
        AttemptSummary attempt;
        attempt.attempt = event.attempt;
        attempt.center = event.center;
        if (center != nullptr) attempt.center_name = center->center.name;
        attempt.pool = event.pool;
        attempt.table = event.table;
        attempt.candidate = event.candidate;
        attempt.placed = meta.at;
        attempt.price_at_most = event.price_at_most;

        JobSummary& job = *TRY(rows.job(event.attempt.job));
        job.state = JobState::active;
        job.attempts = event.attempt.number;
        job.center = attempt.center_name;
        job.cause.reset();
        rows.add(std::move(attempt));
        return {};
    }

    Result<void> operator()(const control::AttemptAdvanced& event) const {
        AttemptSummary& attempt = *TRY(rows.attempt(event.attempt));
        attempt.state = event.state;
        if (event.state != AttemptState::running || attempt.started.ms != 0) return {};
        attempt.started = event.observed;
        JobSummary& job = *TRY(rows.job(event.attempt.job));
        if (job.started.ms == 0) job.started = event.observed;
        return {};
    }

    Result<void> operator()(const control::UsageMetered& event) const {
        AttemptSummary& attempt = *TRY(rows.attempt(event.attempt));
        attempt.usage.cpu_ms += event.window.usage.cpu_ms;
        attempt.usage.peak_memory_mib =
            std::max(attempt.usage.peak_memory_mib, event.window.usage.peak_memory_mib);
        return {};
    }

    Result<void> operator()(const control::AttemptEnded& event) const {
        AttemptSummary& attempt = *TRY(rows.attempt(event.attempt));
        attempt.state = AttemptState::ended;
        attempt.started = event.ending.started;
        attempt.ended = event.ending.ended;
        attempt.cause = event.ending.cause;
        attempt.code = event.ending.code;
        attempt.signal = event.ending.signal;
        attempt.detail = event.ending.detail;
        attempt.usage = event.ending.total;
        attempt.cost = event.cost;
        attempt.energy_mwh = event.energy_mwh;
        attempt.carbon_mg = event.carbon_mg;

        JobSummary& job = *TRY(rows.job(event.attempt.job));
        job.cause = event.ending.cause;
        job.cost = TRY(dayu::add(job.cost, event.cost));
        if (job.started.ms == 0) job.started = event.ending.started;
        return {};
    }

    Result<void> operator()(const control::JobRequeued& event) const {
        TRY(rows.job(event.job))->state = JobState::pending;
        return {};
    }

    Result<void> operator()(const control::JobEnded& event) const {
        JobSummary& job = *TRY(rows.job(event.job));
        job.state = event.state;
        job.code = event.code;
        job.signal = event.signal;
        job.cost = event.cost;
        job.ended = meta.at;
        return {};
    }

    template <class Other>
    Result<void> operator()(const Other&) const {
        return {};
    }
};

Result<void> Projection::fold(const control::RecordedEvent& recorded) {
    return std::visit(Fold{*this, recorded.meta}, recorded.event);
}

Result<CenterId> Projection::center_of(const control::Event& event) {
    return std::visit(
        [this](const auto& it) -> Result<CenterId> {
            if constexpr (std::is_same_v<std::decay_t<decltype(it)>, control::CenterDeclared>) {
                return it.id;
            } else if constexpr (requires { CenterId{it.center}; }) {
                return it.center;
            } else if constexpr (requires { AttemptKey{it.attempt}; }) {
                return TRY(attempt(it.attempt))->center;
            } else {
                return CenterId{};
            }
        },
        event);
}

Result<JobSummary*> Projection::job(JobId id) {
    if (const auto at = job_at_.find(id); at != job_at_.end()) return &jobs_[at->second];
    std::optional<JobSummary> row = TRY(before_.job(id));
    if (!row) return row_missing(fmt::format("job {}", id.value));
    return add(std::move(*row));
}

Result<AttemptSummary*> Projection::attempt(AttemptKey key) {
    if (const auto at = attempt_at_.find(key); at != attempt_at_.end())
        return &attempts_[at->second];
    for (AttemptSummary& row : TRY(before_.attempts(key.job))) {
        if (row.attempt == key) return add(std::move(row));
    }
    return row_missing(fmt::format("attempt {} of job {}", key.number, key.job.value));
}

JobSummary* Projection::add(JobSummary row) {
    job_at_.emplace(row.job, jobs_.size());
    return &jobs_.emplace_back(std::move(row));
}

AttemptSummary* Projection::add(AttemptSummary row) {
    attempt_at_.emplace(row.attempt, attempts_.size());
    return &attempts_.emplace_back(std::move(row));
}

}  // namespace dayu::journal
