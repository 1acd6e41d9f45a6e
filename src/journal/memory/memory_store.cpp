// The store of tests: it keeps the promises of the face and forgets everything with the process.
#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include <fmt/core.h>

#include "journal/journal.h"

namespace dayu::journal {
namespace {

template <class Value>
bool is_asked_for(const std::vector<Value>& wanted, const Value& value) {
    return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

bool is_name_asked_for(const std::vector<std::string>& wanted, std::string_view name) {
    const auto fits = [&](std::string_view pattern) {
        if (!pattern.ends_with('*')) return name == pattern;
        return name.starts_with(pattern.substr(0, pattern.size() - 1));
    };
    return wanted.empty() || std::ranges::any_of(wanted, fits);
}

bool is_wanted(const JobSummary& job, const JobQuery& query) {
    const bool in_state = query.states.empty() ? query.ended_too || !is_terminal(job.state)
                                               : is_asked_for(query.states, job.state);
    return in_state && is_asked_for(query.kinds, job.kind) &&
           is_asked_for(query.centers, job.center) && is_name_asked_for(query.names, job.name) &&
           is_asked_for(query.owners, job.owner) &&
           is_asked_for(query.projects, job.scope.project) && job.submitted >= query.since &&
           (query.body.empty() || job.body == query.body) &&
           (!query.array || job.array == query.array) &&
           (!query.scope || job.scope == *query.scope);
}

class MemoryStore final : public Store {
   public:
    Result<void> write(const Transaction& transaction) override {
        const std::lock_guard lock(mutex_);
        for (const EntryRow& entry : transaction.entries) {
            if (entries_.contains(entry.seq)) {
                return conflict("seq_taken",
                                fmt::format("entry {} is there already", entry.seq.value));
            }
        }
        for (const EntryRow& entry : transaction.entries) {
            entries_.emplace(entry.seq, entry);
            if (entry.job) entries_of_job_[entry.job].insert(entry.seq);
        }
        for (const Body& body : transaction.bodies) bodies_.emplace(body.ref, body);
        for (const JobSummary& job : transaction.jobs) jobs_.insert_or_assign(job.job, job);
        for (const AttemptSummary& row : transaction.attempts) {
            attempts_.insert_or_assign(row.attempt, row);
        }
        if (!transaction.entries.empty()) head_ = transaction.head;
        return {};
    }

    Result<Head> head() const override {
        const std::lock_guard lock(mutex_);
        return head_;
    }

    Result<std::vector<EntryRow>> entries(const EntryQuery& query) const override {
        const std::lock_guard lock(mutex_);
        std::vector<EntryRow> found;
        if (!query.job) {
            for (auto at = entries_.upper_bound(query.after);
                 at != entries_.end() && found.size() < query.limit; ++at) {
                found.push_back(at->second);
            }
        } else if (const auto of_job = entries_of_job_.find(query.job);
                   of_job != entries_of_job_.end()) {
            for (auto at = of_job->second.upper_bound(query.after);
                 at != of_job->second.end() && found.size() < query.limit; ++at) {
                found.push_back(entries_.at(*at));
            }
        }
        return found;
    }

    Result<std::optional<std::string>> body(const BodyRef& ref) const override {
        const std::lock_guard lock(mutex_);
        const auto at = bodies_.find(ref);
        return at == bodies_.end() ? std::nullopt : std::optional(at->second.content);
    }

    Result<void> erase_body(const BodyRef& ref) override {
        const std::lock_guard lock(mutex_);
        bodies_.erase(ref);
        return {};
    }

    Result<std::vector<JobSummary>> jobs(const JobQuery& query) const override {
        const std::lock_guard lock(mutex_);
        std::vector<JobSummary> found;
        const auto end = query.before ? jobs_.lower_bound(query.before) : jobs_.end();
        for (auto at = std::make_reverse_iterator(end);
             at != jobs_.rend() && found.size() < query.limit; ++at) {
            const JobSummary& job = at->second;
            if (is_wanted(job, query)) found.push_back(job);
        }
        return found;
    }

    Result<std::optional<JobSummary>> job(JobId job) const override {
        const std::lock_guard lock(mutex_);
        const auto at = jobs_.find(job);
        return at == jobs_.end() ? std::nullopt : std::optional(at->second);
    }

    Result<std::vector<AttemptSummary>> attempts(JobId job) const override {
        const std::lock_guard lock(mutex_);
        std::vector<AttemptSummary> found;
        for (auto at = attempts_.lower_bound({.job = job});
             at != attempts_.end() && at->first.job == job; ++at) {
            found.push_back(at->second);
        }
        return found;
    }

    Result<std::vector<AttemptSummary>> list_attempts(const AttemptQuery& query) const override {
        const std::lock_guard lock(mutex_);
        std::vector<AttemptSummary> found;
        const auto end = query.before ? attempts_.lower_bound(*query.before) : attempts_.end();
        for (auto at = std::make_reverse_iterator(end);
             at != attempts_.rend() && found.size() < query.limit; ++at) {
            const AttemptSummary& row = at->second;
            if ((!query.job || row.attempt.job == query.job) &&
                is_asked_for(query.states, row.state) &&
                is_asked_for(query.centers, row.center_name)) {
                found.push_back(row);
            }
        }
        return found;
    }

    Result<void> write_snapshot(const Snapshot& snapshot) override {
        const std::lock_guard lock(mutex_);
        snapshots_.insert_or_assign(snapshot.seq, snapshot);
        while (snapshots_.size() > kept_snapshots) snapshots_.erase(snapshots_.begin());
        return {};
    }

    Result<std::optional<Snapshot>> newest_snapshot() const override {
        const std::lock_guard lock(mutex_);
        return snapshots_.empty() ? std::nullopt : std::optional(snapshots_.rbegin()->second);
    }

    Result<void> drop_snapshot(Seq seq) override {
        const std::lock_guard lock(mutex_);
        snapshots_.erase(seq);
        return {};
    }

   private:
    mutable std::mutex mutex_;
    Head head_;
    std::map<Seq, EntryRow> entries_;
    std::map<JobId, std::set<Seq>> entries_of_job_;
    std::map<BodyRef, Body> bodies_;
    std::map<JobId, JobSummary> jobs_;
    std::map<AttemptKey, AttemptSummary> attempts_;
    std::map<Seq, Snapshot> snapshots_;
};

}  // namespace

std::unique_ptr<Store> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace dayu::journal
