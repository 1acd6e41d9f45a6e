// Dayu's own journal as a trace: the jobs that have ended, with what they asked for and how long they really ran.
//
// A job arrives when it could first have been placed: at its submit, or later by its begin, a release, the turn of its
// array's task or the end that it waited for. Its duration is the time in which it ran by its own doing; where it keeps
// checkpoints, runs that were stopped for others count as well. Runs that were lost do not, nor do jobs that never ran.
#include "journal/journal.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "journal/entry.h"
#include "sched/foresight.h"
#include "sim/traces/csv.h"
#include "sim/traces/readers.h"

namespace dayu::sim {
namespace {

using control::RecordedEvent;

constexpr Time never{};

std::int64_t whole_seconds(Duration duration) { return (duration.ms + 999) / 1000; }

// What has run so is done, and would be done under another policy too.
bool is_done_with(EndCause cause) {
    return is_own_doing(cause) || cause == EndCause::cancelled || cause == EndCause::deadline;
}
bool is_stopped_for_others(EndCause cause) {
    return cause == EndCause::preempted || cause == EndCause::requeued || cause == EndCause::moved;
}

class JournalReader {
   public:
    void take(const RecordedEvent& recorded) {
        std::visit([&](const auto& event) { on(event, recorded.meta); },
                   static_cast<const control::AnyEvent&>(recorded.event));
    }

    // Or why it is none.
    Result<Trace> trace(const std::string& path) && {
        if (orphan_) {
            return invalid(
                "trace_invalid",
                fmt::format("{} begins in the middle: it does not tell what job {} asked "
                            "for; give the journal from its first entry on",
                            path, orphan_->value));
        }
        if (trace_.jobs.empty())
            return invalid("trace_invalid", path + ": no job in it has run and ended");
        return std::move(trace_);
    }

   private:
    struct Waiting {
        Time arrival;
        Time deadline;
        Duration ran;
        ShapeId shape;
        std::uint32_t user = 0;
        std::uint32_t project = 0;
        std::uint32_t name = 0;
        Priority priority = Priority::normal;
    };

    template <class Event>
    void on(const Event&, const control::EventMeta&) {}

    void on(const control::ShapeDeclared& event, const control::EventMeta&) {
        trace_.specs.push_back(event.spec);
        specs_[event.shape] = static_cast<std::uint32_t>(trace_.specs.size());
    }
    void on(const control::DatasetSet& event, const control::EventMeta&) {
        std::erase_if(trace_.datasets,
                      [&](const Dataset& one) { return one.name == event.dataset.name; });
        trace_.datasets.push_back(event.dataset);
    }
    void on(const control::JobAccepted& event, const control::EventMeta& meta) {
        if (!specs_.contains(event.shape)) {
            if (!orphan_) orphan_ = event.job;
            return;
        }
        jobs_[event.job] = {.arrival = meta.at,
                            .shape = event.shape,
                            .user = sched::number_of(meta.actor),
                            .project = project_of(meta.scope),
                            .name = sched::number_of(event.name),
                            .priority = event.priority};
    }
    void on(const control::ConditionsSet& event, const control::EventMeta&) {
        delay(event.job, event.not_before);
        if (Waiting* job = find(event.job)) job->deadline = event.deadline;
    }
    void on(const control::JobReleased& event, const control::EventMeta& meta) {
        delay(event.job, meta.at);
    }
    void on(const control::SlotGiven& event, const control::EventMeta& meta) {
        delay(event.job, meta.at);
    }
    void on(const control::DependencyMet& event, const control::EventMeta& meta) {
        delay(event.job, meta.at);
    }
    void on(const control::AttemptEnded& event, const control::EventMeta&) {
        Waiting* const job = find(event.attempt.job);
        const Ending& ending = event.ending;
        if (job == nullptr || ending.started == never) return;
        const bool keeps = !spec_of(*job).checkpoint.path.empty();
        if (is_done_with(ending.cause) || (keeps && is_stopped_for_others(ending.cause)))
            job->ran = job->ran + std::max(ending.ended - ending.started, Duration{});
    }
    void on(const control::JobEnded& event, const control::EventMeta&) {
        const Waiting* const job = find(event.job);
        if (job == nullptr) return;
        if (job->ran.ms > 0) add(*job);
        jobs_.erase(event.job);
    }

    void add(const Waiting& job) {
        const Duration left = job.deadline - job.arrival;
        trace_.jobs.push_back({.arrival_s = job.arrival.ms / 1000,
                               .duration_s = whole_seconds(job.ran),
                               .user = job.user,
                               .project = job.project,
                               .name = job.name,
                               .spec = specs_.at(job.shape),
                               .priority = job.priority,
                               .deadline_s = job.deadline == never ? 0 : whole_seconds(left)});
    }

    void delay(JobId id, Time until) {
        if (Waiting* job = find(id)) job->arrival = std::max(job->arrival, until);
    }
    // Nothing for one that ended before.
    Waiting* find(JobId id) {
        const auto at = jobs_.find(id);
        return at == jobs_.end() ? nullptr : &at->second;
    }
    const JobSpec& spec_of(const Waiting& job) const {
        return trace_.specs[specs_.at(job.shape) - 1];
    }
    std::uint32_t project_of(const Scope& scope) {
        const std::string name =
            scope.tenant == Scope{}.tenant ? scope.project : scope.tenant + "/" + scope.project;
        const auto [at, is_new] =
            projects_.try_emplace(name, static_cast<std::uint32_t>(projects_.size()));
        if (is_new) trace_.projects.push_back(name);
        return at->second;
    }

    Trace trace_;
    std::unordered_map<ShapeId, std::uint32_t> specs_;  // their numbers, from 1
    std::unordered_map<std::string, std::uint32_t> projects_;
    std::unordered_map<JobId, Waiting> jobs_;  // that have not ended
    std::optional<JobId> orphan_;              // of a shape that was not declared
};

Error at_place(const std::string& place, Error error) {
    return invalid("trace_invalid", place + ": " + error.message);
}

Result<void> read_lines(const std::string& path, JournalReader& reader) {
    const std::string text = TRY(read_trace_text(path));
    std::string_view rest = text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (line.empty()) continue;
        const Result<journal::ParsedEntry> entry = journal::parse_entry(line);
        if (!entry.ok())
            return at_place(fmt::format("{}: line {} is no entry of a journal", path, number),
                            entry.error());
        reader.take(entry->recorded);
    }
    return {};
}

Result<void> read_store(const std::string& folder, JournalReader& reader) {
    const auto store = TRY(journal::open_sqlite_store({.directory = folder, .read_only = true}));
    journal::EntryQuery query;
    while (true) {
        const std::vector<journal::EntryRow> rows = TRY(store->entries(query));
        if (rows.empty()) return {};
        for (const journal::EntryRow& row : rows) {
            const Result<journal::ParsedEntry> entry = journal::parse_entry(row.bytes);
            if (!entry.ok())
                return at_place(fmt::format("{}: entry {}", folder, row.seq.value), entry.error());
            reader.take(entry->recorded);
        }
        query.after = rows.back().seq;
    }
}

}  // namespace

Result<Trace> read_journal_trace(const std::string& path, const TraceReading&) {
    JournalReader reader;
    std::error_code ignored;
    if (!std::filesystem::is_directory(path, ignored)) {
        TRY(read_lines(path, reader));
    } else if (std::filesystem::exists(path + "/journal.db", ignored)) {
        TRY(read_store(path, reader));
    } else {
        return not_found("trace_unreadable",
                         path +
                             " has no journal.db; name a server's data folder, or a file with "
                             "an entry a line");
    }
    return std::move(reader).trace(path);
}

}  // namespace dayu::sim
