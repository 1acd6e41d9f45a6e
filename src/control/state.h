// All that the platform knows and will still decide about. Ended jobs are not here: their history is
// in the journal and its projections. State changes by apply() alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "control/event.h"
#include "control/table.h"

namespace dayu::control {

struct CenterRow {
    Center center;
    std::string agent;  // who holds the lease; empty: nobody
    std::string installation;
    bool contact_lost = false;
    Time contact_changed;
    bool drained = false;  // no new attempts
    std::string drain_reason;
    Time outage_since;  // 0: none

    static constexpr auto fields() {
        return field_list(Field{"center", &CenterRow::center}, Field{"agent", &CenterRow::agent},
                          Field{"installation", &CenterRow::installation},
                          Field{"contact_lost", &CenterRow::contact_lost},
                          Field{"contact_changed", &CenterRow::contact_changed},
                          Field{"drained", &CenterRow::drained},
                          Field{"drain_reason", &CenterRow::drain_reason},
                          Field{"outage_since", &CenterRow::outage_since});
    }
};

struct JobRow {
    Scope scope;
    std::string name;
    std::string owner;  // the actor that submitted it
    ShapeId shape;
    BodyRef body;
    Time submitted;
    JobState state = JobState::pending;
    std::int64_t attempts = 0;  // started so far
    std::int64_t retries = 0;   // of them, counted against retry.max
    Time not_before;            // PENDING: no placement earlier
    bool cancel_requested = false;
    std::int64_t checkpoint_attempt = 0;  // the last that ran, whose directory the next continues
    CenterId last_center;                 // where that was
    std::uint32_t requeues = 0;  // of the attempts, those that the user put back, or that made room
    Money spent;                 // over ended attempts
    Time deadline;               // 0: none
    JobId array;                 // that it is a task of; 0: none
    std::int64_t array_index = 0;
    bool awaits_slot = false;  // as many tasks of its array as may run at the same time come first
    Priority priority = Priority::normal;
    Duration handicap;  // it is ranked as if it had come later by so much
    // Bytes a live job are budgeted (DESIGN section 7): think before adding.

    static constexpr auto fields() {
        return field_list(
            Field{"scope", &JobRow::scope}, Field{"name", &JobRow::name},
            Field{"owner", &JobRow::owner}, Field{"shape", &JobRow::shape},
            Field{"body", &JobRow::body}, Field{"submitted", &JobRow::submitted},
            Field{"state", &JobRow::state}, Field{"attempts", &JobRow::attempts},
            Field{"retries", &JobRow::retries}, Field{"not_before", &JobRow::not_before},
            Field{"cancel_requested", &JobRow::cancel_requested},
            Field{"checkpoint_attempt", &JobRow::checkpoint_attempt},
            Field{"last_center", &JobRow::last_center}, Field{"requeues", &JobRow::requeues},
            Field{"spent", &JobRow::spent}, Field{"deadline", &JobRow::deadline},
            Field{"array", &JobRow::array}, Field{"array_index", &JobRow::array_index},
            Field{"awaits_slot", &JobRow::awaits_slot}, Field{"priority", &JobRow::priority},
            Field{"handicap_ms", &JobRow::handicap});
    }
};

// The live attempt of a job, keyed by the job: so there is at most one.
struct AttemptRow {
    std::int64_t number = 0;
    AttemptState state = AttemptState::planned;
    CenterId center;
    std::string pool;
    VariantIndex variant{};
    std::vector<NodeShare> nodes;
    Seq table;
    std::int64_t candidate = 0;
    Money price_at_most;
    std::int64_t energy_mwh_at_most = 0;
    std::int64_t carbon_mg_at_most = 0;
    Time placed;
    Time started;  // 0: not yet
    std::optional<EndCause> stopping;
    Time metered_to;  // the end of the last window on record
    Usage metered;    // over the windows on record

    static constexpr auto fields() {
        return field_list(
            Field{"number", &AttemptRow::number}, Field{"state", &AttemptRow::state},
            Field{"center", &AttemptRow::center}, Field{"pool", &AttemptRow::pool},
            Field{"variant", &AttemptRow::variant}, Field{"nodes", &AttemptRow::nodes},
            Field{"table", &AttemptRow::table}, Field{"candidate", &AttemptRow::candidate},
            Field{"price_at_most", &AttemptRow::price_at_most},
            Field{"energy_mwh_at_most", &AttemptRow::energy_mwh_at_most},
            Field{"carbon_mg_at_most", &AttemptRow::carbon_mg_at_most},
            Field{"placed", &AttemptRow::placed}, Field{"started", &AttemptRow::started},
            Field{"stopping", &AttemptRow::stopping}, Field{"metered_to", &AttemptRow::metered_to},
            Field{"metered", &AttemptRow::metered});
    }
};

// Nodes that are kept for a waiting job (events/queues.h).
struct ClaimRow {
    CenterId center;
    std::string pool;
    VariantIndex variant{};
    std::vector<NodeShare> nodes;
    Time since;
    Time until;

    static constexpr auto fields() {
        return field_list(Field{"center", &ClaimRow::center}, Field{"pool", &ClaimRow::pool},
                          Field{"variant", &ClaimRow::variant}, Field{"nodes", &ClaimRow::nodes},
                          Field{"since", &ClaimRow::since}, Field{"until", &ClaimRow::until});
    }
};

// What the jobs of one queue have used, at the prices of the pools' own lists and whoever pays in the end. It
// halves every usage_half_life (model/queue.h): `used` is what it had come to at `at`.
struct UsageRow {
    Money used;
    Time at;

    static constexpr auto fields() {
        return field_list(Field{"used", &UsageRow::used}, Field{"at", &UsageRow::at});
    }
};

// An array, as long as a task of it lives.
struct ArrayRow {
    std::int64_t tasks = 0;
    std::int64_t at_most = 0;      // 0: no limit
    std::int64_t live = 0;         // tasks that have not ended
    std::int64_t not_waiting = 0;  // live tasks that neither await a slot nor are held
    bool all_completed = true;     // of those that have ended

    static constexpr auto fields() {
        return field_list(Field{"tasks", &ArrayRow::tasks}, Field{"at_most", &ArrayRow::at_most},
                          Field{"live", &ArrayRow::live},
                          Field{"not_waiting", &ArrayRow::not_waiting},
                          Field{"all_completed", &ArrayRow::all_completed});
    }
};

// What a job still waits for; a job that waits for nothing has no row.
struct AwaitsRow {
    std::vector<Awaited> unmet;
    static constexpr auto fields() { return field_list(Field{"unmet", &AwaitsRow::unmet}); }
};

// The workdir that a job takes along: its contents lie beside the journal, and stay while it is here.
struct WorkdirRow {
    std::string manifest;
    static constexpr auto fields() { return field_list(Field{"manifest", &WorkdirRow::manifest}); }
};

struct TokenRow {
    std::string name;
    Role role = Role::operator_;
    Time created;
    std::string by;  // the actor
    std::optional<Time> expires;
    std::vector<std::string> centers;  // that an agent may speak for; empty: all

    bool is_over(Time now) const { return expires && *expires <= now; }
    static constexpr auto fields() {
        return field_list(Field{"name", &TokenRow::name}, Field{"role", &TokenRow::role},
                          Field{"created", &TokenRow::created}, Field{"by", &TokenRow::by},
                          Field{"expires", &TokenRow::expires},
                          Field{"centers", &TokenRow::centers});
    }
};

// The first 128 bits of a SHA-256: enough to tell two requests apart, at a quarter of its hex form.
struct Digest {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    explicit operator bool() const { return high != 0 || low != 0; }
    auto operator<=>(const Digest&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"high", &Digest::high}, Field{"low", &Digest::low});
    }
};
struct DigestHash {
    std::size_t operator()(Digest digest) const noexcept { return digest.low; }
};

// A stored answer: the same key with the same request returns the same job for a day.
struct AnswerRow {
    JobId job;
    Digest request;
    Time at;
    static constexpr auto fields() {
        return field_list(Field{"job", &AnswerRow::job}, Field{"request", &AnswerRow::request},
                          Field{"at", &AnswerRow::at});
    }
};

// Numbers that may have been given after the backup that this journal was restored from.
struct LostNumbers {
    JobId after;  // jobs up to this one were in the backup
    JobId through;
    std::int64_t attempts = 0;  // that jobs up to `through` skip, by this restore and those before

    static constexpr auto fields() {
        return field_list(Field{"after", &LostNumbers::after},
                          Field{"through", &LostNumbers::through},
                          Field{"attempts", &LostNumbers::attempts});
    }
};

// Counters and the founding, in one row so that they are undone like all else.
struct Header {
    std::string cluster;
    Seq last_seq;
    Time last_at;  // entries never go back in time, whatever the clock does
    JobId last_job;
    CenterId last_center;
    ShapeId last_shape;
    std::uint64_t first_answer = 1;  // answers are numbered in order of acceptance...
    std::uint64_t last_answer = 0;   // ...and expire in that order
    std::uint64_t roles_issued = 0;  // a bit for each Role of which there ever was a token
    std::vector<LostNumbers> lost;   // one a restore, in their order

    static constexpr auto fields() {
        return field_list(
            Field{"cluster", &Header::cluster}, Field{"last_seq", &Header::last_seq},
            Field{"last_at", &Header::last_at}, Field{"last_job", &Header::last_job},
            Field{"last_center", &Header::last_center}, Field{"last_shape", &Header::last_shape},
            Field{"first_answer", &Header::first_answer},
            Field{"last_answer", &Header::last_answer},
            Field{"roles_issued", &Header::roles_issued}, Field{"lost", &Header::lost});
    }
};
constexpr std::uint64_t bit_of(Role role) {
    return std::uint64_t{1} << static_cast<unsigned>(role);
}

// A node by its place in its pool.
struct NodeKey {
    CenterId center;
    std::string pool;
    std::int64_t node = 0;

    auto operator<=>(const NodeKey&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"center", &NodeKey::center}, Field{"pool", &NodeKey::pool},
                          Field{"node", &NodeKey::node});
    }
};

// An attempt that ended on a node for no doing of its own (control/nodes.h).
struct NodeFailure {
    AttemptKey attempt;
    JobId array;  // that its job is a task of; 0: none
    EndCause cause = EndCause::start_failed;
    Time at;

    static constexpr auto fields() {
        return field_list(Field{"attempt", &NodeFailure::attempt},
                          Field{"array", &NodeFailure::array}, Field{"cause", &NodeFailure::cause},
                          Field{"at", &NodeFailure::at});
    }
};

// What there is to say of a node; of most there is nothing, and no row.
struct NodeRow {
    std::vector<NodeFailure> failures;  // since the last that went well: the newest of them
    std::int64_t failed = 0;            // how many there were
    bool excluded = false;
    Time since;  // it is excluded
    std::string reason;

    static constexpr auto fields() {
        return field_list(Field{"failures", &NodeRow::failures}, Field{"failed", &NodeRow::failed},
                          Field{"excluded", &NodeRow::excluded}, Field{"since", &NodeRow::since},
                          Field{"reason", &NodeRow::reason});
    }
};

struct AttemptPlace {
    CenterId center;
    JobId job;
    auto operator<=>(const AttemptPlace&) const = default;
};
// `job` waits for something of `awaited`, which is a job or an array.
struct Dependent {
    JobId awaited;
    JobId job;
    auto operator<=>(const Dependent&) const = default;
};
struct TaskOfArray {
    JobId array;
    JobId job;
    auto operator<=>(const TaskOfArray&) const = default;
};
struct JobDeadline {
    Time at;
    JobId job;
    auto operator<=>(const JobDeadline&) const = default;
};
struct Nothing {};

// What something of a project is called.
struct ScopedName {
    Scope scope;
    std::string name;
    auto operator<=>(const ScopedName&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"scope", &ScopedName::scope}, Field{"name", &ScopedName::name});
    }
};

// The value is no part of State: it lies sealed beside the journal under this name.
struct SecretRow {
    std::string sealed;
    Time set;
    std::string by;  // the actor
    static constexpr auto fields() {
        return field_list(Field{"sealed", &SecretRow::sealed}, Field{"set", &SecretRow::set},
                          Field{"by", &SecretRow::by});
    }
};

struct HookRow {
    Hook hook;
    std::string sealed;
    Time set;
    std::string by;  // the actor
    Seq since;       // told of what comes after this entry
    std::optional<HookTrouble> suspended;
    Time changed;  // when it was set, suspended or resumed
    static constexpr auto fields() {
        return field_list(Field{"hook", &HookRow::hook}, Field{"sealed", &HookRow::sealed},
                          Field{"set", &HookRow::set}, Field{"by", &HookRow::by},
                          Field{"since", &HookRow::since}, Field{"suspended", &HookRow::suspended},
                          Field{"changed", &HookRow::changed});
    }
};

// One class of work on one kind of chip with one framework (model/work.h).
struct StepRatiosKey {
    std::string work;
    std::string chip;
    std::string framework;
    auto operator<=>(const StepRatiosKey&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"work", &StepRatiosKey::work}, Field{"chip", &StepRatiosKey::chip},
                          Field{"framework", &StepRatiosKey::framework});
    }
};

struct StepRatiosRow {
    std::int64_t attempts = 0;
    std::int64_t sum_ppm = 0;
    std::int64_t squares_ppm = 0;
    Seq version;  // the entry of the latest attempt
    static constexpr auto fields() {
        return field_list(Field{"attempts", &StepRatiosRow::attempts},
                          Field{"sum_ppm", &StepRatiosRow::sum_ppm},
                          Field{"squares_ppm", &StepRatiosRow::squares_ppm},
                          Field{"version", &StepRatiosRow::version});
    }
};

struct State {
    Header header;
    OrderedTable<std::string, TokenRow>
        tokens;                             // by sha256 hex; how many is in handlers/tokens.cpp
    OrderedTable<std::string, Chip> chips;  // by canonical name
    OrderedTable<CenterId, CenterRow> centers;
    OrderedTable<ShapeId, JobSpec> shapes;
    Table<JobId, JobRow> jobs;             // live ones only
    Table<JobId, AttemptRow> attempts;     // live ones only
    OrderedTable<JobId, ArrayRow> arrays;  // live ones only
    Table<JobId, AwaitsRow> awaits;
    OrderedTable<JobId, WorkdirRow> workdirs;  // of live jobs that have one
    Table<Digest, AnswerRow, std::unordered_map<Digest, AnswerRow, DigestHash>> answers;  // by key
    Table<std::uint64_t, Digest> answer_order;    // number -> key
    OrderedTable<ScopedName, SecretRow> secrets;  // a limit a project is in handlers/secrets.cpp
    OrderedTable<ScopedName, HookRow> hooks;      // the limit is in handlers/hooks.cpp
    OrderedTable<NodeKey, NodeRow> nodes;         // that failed, or are excluded
    OrderedTable<std::string, Queue> queues;      // that were described, by path
    OrderedTable<std::string, UsageRow> usage;    // of the queues in which jobs ran, by path
    OrderedTable<std::string, Dataset> datasets;  // by name
    OrderedTable<JobId, ClaimRow> claims;         // of waiting jobs
    OrderedTable<Seq, PriceIndex> prices;         // the last that was published, by its entry
    OrderedTable<StepRatiosKey, StepRatiosRow> step_ratios;  // what planned attempts taught

    // Derived, so it is in no snapshot: rebuild_indexes() makes it anew.
    Table<std::string, ShapeId> shape_index;          // by spec_key(spec)
    OrderedTable<AttemptPlace, Nothing> attempts_at;  // live attempts, centre by centre
    OrderedTable<Dependent, Nothing> dependents;
    OrderedTable<TaskOfArray, Nothing> slot_queue;  // pending tasks that await a slot
    OrderedTable<JobDeadline, Nothing> deadlines;   // of jobs that nothing ends already

    // Between begin() and commit() every change can be taken back by rollback(): group commit.
    void begin();
    void commit();
    void rollback();

   private:
    Header header_before_;
};

// Walks every table as visit(name, table): snapshots and comparisons need no list of their own.
template <class S, class Visit>
void for_each_table(S& state, Visit&& visit) {
    visit("tokens", state.tokens);
    visit("chips", state.chips);
    visit("centers", state.centers);
    visit("shapes", state.shapes);
    visit("jobs", state.jobs);
    visit("attempts", state.attempts);
    visit("arrays", state.arrays);
    visit("awaits", state.awaits);
    visit("workdirs", state.workdirs);
    visit("answers", state.answers);
    visit("answer_order", state.answer_order);
    visit("secrets", state.secrets);
    visit("hooks", state.hooks);
    visit("nodes", state.nodes);
    visit("queues", state.queues);
    visit("usage", state.usage);
    visit("datasets", state.datasets);
    visit("claims", state.claims);
    visit("prices", state.prices);
    visit("step_ratios", state.step_ratios);
}

void rebuild_indexes(State& state);         // after a snapshot was loaded
std::string spec_key(const JobSpec& spec);  // equal for equal specs and only for them

// May be placed, from its `not_before` on.
bool is_queued(const State& state, JobId id, const JobRow& job);
// Whether it stands in State::deadlines.
bool has_open_deadline(const State& state, JobId id, const JobRow& job);

// Whether a job of this number was ever accepted, as far as this journal knows.
bool was_accepted(const State& state, JobId id);
// How many numbers of attempts are behind the job: the next one is one more.
std::int64_t last_attempt(const State& state, JobId id, const JobRow& job);

std::optional<CenterId> find_center(const State& state, std::string_view name);
// The canonical name behind an alias of any kind (case does not matter), or nothing.
const Chip* find_chip(const State& state, std::string_view name_or_alias);
// A spec's shape, or nothing when it was never met.
std::optional<ShapeId> find_shape(const State& state, const JobSpec& spec);

}  // namespace dayu::control
