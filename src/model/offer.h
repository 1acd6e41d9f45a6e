// Offers, and the table of candidates that a round weighed for a class of equal jobs. Decisions are
// data: a placement points at its table, and `offers` and `explain` print that, not a guess.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/money.h"
#include "base/time.h"
#include "model/ids.h"

namespace dayu {

// The primary reason why a job is where it is, by tier.
enum class Reason : std::uint8_t {
    none,
    held,
    misconfigured,
    never_fits,
    policy_forbidden,
    not_approved,
    budget_exhausted,
    quota_exceeded,
    dependency,
    begin_time,
    waiting_for_data,
    waiting_for_capacity,
    waiting_for_preemption,
    pending_evaluation,
    array_task_limit,
};
constexpr auto enum_names(Type<Reason>) {
    return std::array<std::string_view, 15>{"None",
                                            "Held",
                                            "Misconfigured",
                                            "NeverFits",
                                            "PolicyForbidden",
                                            "NotApproved",
                                            "BudgetExhausted",
                                            "QuotaExceeded",
                                            "Dependency",
                                            "BeginTime",
                                            "WaitingForData",
                                            "WaitingForCapacity",
                                            "WaitingForPreemption",
                                            "PendingEvaluation",
                                            "ArrayTaskLimit"};
}

// Why one pool was refused. `tier` says which primary reason it counts for.
struct Refusal {
    std::string
        code;  // "ChipNotHere", "ChipMemoryTooSmall", "RegionNotAllowed", "TooFewNodes", ...
    Reason tier = Reason::never_fits;
    std::string detail;  // "needs 8 chips a node, has 4"

    bool operator==(const Refusal&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"code", &Refusal::code}, Field{"tier", &Refusal::tier},
                          Field{"detail", &Refusal::detail});
    }
};

// What an offer is expected to come to when the work is finished.
struct Finished {
    Duration run;
    Money price;
    std::int64_t energy_mwh = 0;
    std::int64_t carbon_mg = 0;

    bool operator==(const Finished&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"run_ms", &Finished::run}, Field{"price", &Finished::price},
                          Field{"energy_mwh", &Finished::energy_mwh},
                          Field{"carbon_mg", &Finished::carbon_mg});
    }
};

// One (center, pool) for a job: what it would cost and when it would run there. Price, energy and
// carbon are for the whole time limit: the most that it can come to.
struct Candidate {
    CenterId center;
    std::string center_name;
    std::string pool;
    std::string engine;
    std::string chip;
    std::int64_t chips_milli = 0;           // over all nodes
    std::optional<std::int64_t> variant{};  // of the job's, which this row is about
    Time start;                             // earliest, given what runs now
    Time end;                               // at the latest
    Money price;
    std::int64_t energy_mwh = 0;  // milliwatt-hours
    std::int64_t carbon_mg = 0;   // CO2e
    std::int64_t bytes_moved = 0;
    std::optional<Finished> finished{};  // where the run time is known (JobSpec::runtime)
    Money objective;  // price + waiting + carbon + data, in this job's weights; the smallest wins
    std::optional<Refusal> refusal;

    bool operator==(const Candidate&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"center", &Candidate::center}, Field{"center_name", &Candidate::center_name},
            Field{"pool", &Candidate::pool}, Field{"engine", &Candidate::engine},
            Field{"chip", &Candidate::chip}, Field{"chips_milli", &Candidate::chips_milli},
            Field{"variant", &Candidate::variant}, Field{"start", &Candidate::start},
            Field{"end", &Candidate::end}, Field{"price", &Candidate::price},
            Field{"energy_mwh", &Candidate::energy_mwh}, Field{"carbon_mg", &Candidate::carbon_mg},
            Field{"bytes_moved", &Candidate::bytes_moved}, Field{"finished", &Candidate::finished},
            Field{"objective", &Candidate::objective}, Field{"refusal", &Candidate::refusal});
    }
};

// How many pools were refused by one code, and in how many centres they stand.
struct RefusalCount {
    std::string code;
    Reason tier = Reason::never_fits;
    std::int64_t centers = 0;
    std::int64_t pools = 0;

    bool operator==(const RefusalCount&) const = default;
    static constexpr auto fields() {
        return field_list(Field{"code", &RefusalCount::code}, Field{"tier", &RefusalCount::tier},
                          Field{"centers", &RefusalCount::centers},
                          Field{"pools", &RefusalCount::pools});
    }
};

// The candidates of a class, offers first by objective (ties by center and pool), then the refused. A
// table that goes on record holds the best of them, and says how many it leaves out.
struct CandidateTable {
    ShapeId shape;
    std::string policy;
    Time at;
    std::vector<Candidate> candidates;
    std::vector<RefusalCount> refusals{};  // over all pools, by code
    std::int64_t centers = 0;              // that were looked at
    std::int64_t omitted = 0;              // candidates that are not here

    bool operator==(const CandidateTable&) const = default;
    static constexpr auto fields() {
        return field_list(
            Field{"shape", &CandidateTable::shape}, Field{"policy", &CandidateTable::policy},
            Field{"at", &CandidateTable::at}, Field{"candidates", &CandidateTable::candidates},
            Field{"refusals", &CandidateTable::refusals},
            Field{"centers", &CandidateTable::centers}, Field{"omitted", &CandidateTable::omitted});
    }
};

}  // namespace dayu
