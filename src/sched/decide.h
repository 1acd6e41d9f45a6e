// The scheduler's seam: (World, policy, now) in, decisions with their reasons out. Nothing is changed
// here: a decision becomes true when the core has recorded it, and the World hears of it then.
// docs/adr/0019 tells by what rules, and in which order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/attempt.h"
#include "model/center.h"
#include "model/chip.h"
#include "model/job.h"
#include "model/offer.h"

namespace dayu::sched {

struct Advice;
class OfferBook;
class Policy;
class World;

struct Placement {
    JobId job;
    std::size_t candidate = 0;  // index in the table
    std::vector<NodeShare> nodes;
    Money price_at_most;
};

// One class of equal jobs: the table that was weighed once for all of them, and who got a place.
struct ClassDecision {
    CandidateTable table;
    std::vector<Placement> placements;
};

// Nodes that a waiting job gets by stopping others, in one centre. The World keeps them for it until it is
// placed there, or until the claim is dropped.
struct Claim {
    JobId job;
    CenterId center;
    std::string pool;
    VariantIndex variant{};
    std::vector<NodeShare> nodes;
    std::vector<JobId> victims;  // preemptible, and live; each goes back to its queue
    Time until;                  // the claim lapses
};

struct Decisions {
    std::vector<ClassDecision> classes;  // only those with placements
    std::vector<Claim> claims{};
    std::vector<JobId> lapsed{};  // claims whose time is over, or whose centre is closed
    bool unfinished = false;      // the work ran out: call again
    // Of the starts that were advised: so many are among the placements, so many do not hold any more.
    std::int64_t advised = 0;
    std::int64_t stale = 0;
    std::optional<Time> wake_at;  // nothing changes by itself before then (jobs held back by time)
};

// How much one round may do, so that a submit never waits behind it.
struct Work {
    std::size_t classes = 1024;
    std::size_t placements = 4096;
};

// Lets jobs in whose time has come, tries things out in the World, and leaves it as it was. The book makes it fast,
// and no different. Advice is for jobs that the round cannot plan; what of it was followed, or is stale, is taken
// out of it.
Decisions decide(World& world, const Policy& policy, OfferBook& book, Advice& advice, Time now,
                 Work work = {});
Decisions decide(World& world, const Policy& policy, OfferBook& book, Time now, Work work = {});
Decisions decide(World& world, const Policy& policy, Time now, Work work = {});

// The candidate table of a spec as it stands now: what `offers` shows. All rows of it; a decision goes with
// the best. `spent` by the job before counts against its max_price.
CandidateTable weigh(const World& world, const Policy& policy, const JobSpec& spec, Time now,
                     Money spent = {});

// Jobs of one queue that come first.
struct QueueAhead {
    std::string queue;  // path
    std::int64_t jobs = 0;
};

// Why a queued job is where it is.
struct Explanation {
    Reason reason = Reason::pending_evaluation;
    bool can_ever_run = true;
    std::string text;                        // one sentence for people
    std::int64_t ahead = 0;                  // jobs that come first for the same place, and
    std::vector<QueueAhead> queues_ahead{};  // where they wait; the most first
    std::optional<Time> start;               // estimated, and
    std::string basis{};                     // by what
    std::vector<std::string> hints;  // what would start it sooner, where that is cheap to know
    CandidateTable table;
};
// Advice is that of the rounds to come: it may keep the job from what is free.
Explanation explain(const World& world, const Policy& policy, const Advice& advice, JobId job,
                    Time now);
Explanation explain(const World& world, const Policy& policy, JobId job, Time now);

// Why this pool could never take the spec, whatever runs there; nothing when it could. `chip` is the
// registry's row of the chip that the spec asks for: nullptr when it asks for none, or for an unknown one.
std::optional<Refusal> never_fits(const Center& center, const Pool& pool, const Chip* chip,
                                  const JobSpec& spec);

}  // namespace dayu::sched
