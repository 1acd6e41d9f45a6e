// Where entries, bodies, projections and snapshots lie. A store knows bytes and rows, no events: it is
// the part that differs between memory, SQLite and PostgreSQL. Everything of one transaction is durable
// when write() returns ok, and nothing of it is there when it does not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/attempt.h"
#include "model/ids.h"
#include "model/job.h"

namespace dayu::journal {

struct EntryRow {
    Seq seq;
    JobId job;             // 0: concerns no single job
    std::string bytes;     // RFC 8785
    CenterId center = {};  // that it concerns, by itself or by its attempt; 0: none
};

struct Body {
    BodyRef ref;
    std::string salt;
    std::string content;
};

// One line of `ps`: what the lists and the history of jobs show.
struct JobSummary {
    JobId job;
    Scope scope;
    std::string name;
    std::string owner;
    JobKind kind = JobKind::batch;
    ShapeId shape;
    BodyRef body;
    JobState state = JobState::pending;
    Time submitted;
    Time started;  // of the first attempt that ran; 0: never
    Time ended;    // 0: not yet
    std::int64_t attempts = 0;
    std::string center;  // of the latest attempt
    std::int64_t code = 0;
    std::int64_t signal = 0;
    std::optional<EndCause> cause;  // of the latest attempt's end
    Money cost;
    JobId array;  // that it is a task of; 0: none
    std::int64_t array_index = 0;
    Time begin;     // not placed earlier; 0: at once
    Time deadline;  // 0: none
    Priority priority = Priority::normal;
    std::string detail;  // for people: why it ended, where no attempt tells

    static constexpr auto fields() {
        return field_list(
            Field{"id", &JobSummary::job}, Field{"tenant_project", &JobSummary::scope},
            Field{"name", &JobSummary::name}, Field{"owner", &JobSummary::owner},
            Field{"kind", &JobSummary::kind}, Field{"shape", &JobSummary::shape},
            Field{"body", &JobSummary::body}, Field{"state", &JobSummary::state},
            Field{"submitted", &JobSummary::submitted}, Field{"started", &JobSummary::started},
            Field{"ended", &JobSummary::ended}, Field{"attempts", &JobSummary::attempts},
            Field{"center", &JobSummary::center}, Field{"code", &JobSummary::code},
            Field{"signal", &JobSummary::signal}, Field{"cause", &JobSummary::cause},
            Field{"cost", &JobSummary::cost}, Field{"array", &JobSummary::array},
            Field{"array_index", &JobSummary::array_index}, Field{"begin", &JobSummary::begin},
            Field{"deadline", &JobSummary::deadline}, Field{"priority", &JobSummary::priority},
            Field{"detail", &JobSummary::detail});
    }
};

struct AttemptSummary {
    AttemptKey attempt;
    CenterId center;
    std::string center_name;
    std::string pool;
    AttemptState state = AttemptState::planned;
    Seq table;
    std::int64_t candidate = 0;
    Time placed;
    Time started;
    Time ended;
    std::optional<EndCause> cause;
    std::int64_t code = 0;
    std::int64_t signal = 0;
    std::string detail;
    Usage usage;
    Money price_at_most;
    Money cost;
    std::int64_t energy_mwh = 0;
    std::int64_t carbon_mg = 0;

    static constexpr auto fields() {
        return field_list(
            Field{"attempt", &AttemptSummary::attempt}, Field{"center_id", &AttemptSummary::center},
            Field{"center", &AttemptSummary::center_name}, Field{"pool", &AttemptSummary::pool},
            Field{"state", &AttemptSummary::state}, Field{"table", &AttemptSummary::table},
            Field{"candidate", &AttemptSummary::candidate},
            Field{"placed", &AttemptSummary::placed}, Field{"started", &AttemptSummary::started},
            Field{"ended", &AttemptSummary::ended}, Field{"cause", &AttemptSummary::cause},
            Field{"code", &AttemptSummary::code}, Field{"signal", &AttemptSummary::signal},
            Field{"detail", &AttemptSummary::detail}, Field{"usage", &AttemptSummary::usage},
            Field{"price_at_most", &AttemptSummary::price_at_most},
            Field{"cost", &AttemptSummary::cost}, Field{"energy_mwh", &AttemptSummary::energy_mwh},
            Field{"carbon_mg", &AttemptSummary::carbon_mg});
    }
};

// The newest entry and the SHA-256 of its bytes, kept apart from the entries: a last entry that was
// edited or taken away has no successor to show it.
struct Head {
    Seq seq;  // 0: the journal is empty
    std::string hash;

    bool operator==(const Head&) const = default;
};

struct Transaction {
    std::vector<EntryRow> entries;
    Head head;                             // kept as it was when `entries` is empty
    std::vector<Body> bodies;              // one that is there already stays as it is
    std::vector<JobSummary> jobs;          // upserted
    std::vector<AttemptSummary> attempts;  // upserted
};

// An empty list asks for nothing in particular; of several values in one any will do.
struct JobQuery {
    std::optional<Scope> scope = {};
    bool ended_too = false;  // asked for by no state
    std::vector<JobState> states = {};
    std::vector<JobKind> kinds = {};
    std::vector<std::string> centers = {};  // of the latest attempt
    std::vector<std::string> names = {};    // "train-*" is every name that begins so
    std::vector<std::string> owners = {};
    std::vector<std::string> projects = {};
    Time since = {};    // not submitted earlier
    BodyRef body = {};  // empty: any
    JobId array = {};   // 0: whatever they belong to
    JobId before = {};  // 0: from the newest; pages go backwards
    std::size_t limit = 100;
};

struct AttemptQuery {
    JobId job = {};  // 0: of all
    std::vector<AttemptState> states = {};
    std::vector<std::string> centers = {};
    std::optional<AttemptKey> before =
        {};  // from the newest job, and of each from its latest attempt
    std::size_t limit = 100;
};

struct EntryQuery {
    Seq after = {};
    JobId job = {};  // 0: all
    std::size_t limit = 1000;
};

inline constexpr std::size_t kept_snapshots = 2;  // the newest; a store drops the others

struct Snapshot {
    Seq seq;
    std::string bytes;
};

// Entries that go into the archive together, up to the one of this hash.
struct Segment {
    std::vector<EntryRow> entries;
    std::string hash;
};

// A job that has ended, or an array all of whose tasks have: what retention looks at.
struct EndedJob {
    JobId job;
    Time ended;
    BodyRef body;
    JobId array;  // 0: the job alone
};

struct EndedQuery {
    Time before;
    EndedJob after = {};  // the last one of the page before
    std::size_t limit = 500;
};

// What was looked at may be more than what was found: tasks of arrays that go on are passed by.
struct EndedPage {
    std::vector<EndedJob> found;
    EndedJob last;
    bool is_last = false;
};

// Readers may be on other threads than the one writer.
class Store {
   public:
    virtual ~Store() = default;

    virtual Result<void> write(const Transaction& transaction) = 0;
    virtual Result<Head> head() const = 0;
    virtual Result<std::vector<EntryRow>> entries(const EntryQuery& query) const = 0;
    virtual Result<std::optional<std::string>> body(const BodyRef& ref) const = 0;
    virtual Result<void> erase_body(const BodyRef& ref) = 0;
    virtual Result<std::vector<JobSummary>> jobs(const JobQuery& query) const = 0;
    virtual Result<std::optional<JobSummary>> job(JobId job) const = 0;
    virtual Result<std::vector<AttemptSummary>> attempts(JobId job) const = 0;
    virtual Result<std::vector<AttemptSummary>> list_attempts(const AttemptQuery& query) const = 0;

    virtual Result<void> write_snapshot(const Snapshot& snapshot) = 0;
    virtual Result<std::optional<Snapshot>> newest_snapshot() const = 0;
    virtual Result<void> drop_snapshot(Seq seq) = 0;  // it turned out to be unreadable

    // The archive holds entries 1 to archived().seq, compressed and apart. entries() finds them there: to readers
    // nothing changes. A store without an archive keeps all where it is.
    virtual Result<Head> archived() const { return Head{}; }
    virtual Result<void> archive(const Segment&) { return no_archive(); }
    virtual Result<void> give_back_space() { return {}; }

    // By the time of their end.
    virtual Result<EndedPage> ended_jobs(const EndedQuery&) const {
        return EndedPage{.is_last = true};
    }
    // All of it in one transaction. Rows of jobs go with those of their attempts and, of an array, of its tasks.
    virtual Result<void> erase_bodies(const std::vector<BodyRef>&) { return no_archive(); }
    virtual Result<void> drop_jobs(const std::vector<EndedJob>&) { return no_archive(); }

   private:
    static Error no_archive() {
        return internal("archive_unsupported", "this store keeps everything where it is");
    }
};

}  // namespace dayu::journal
