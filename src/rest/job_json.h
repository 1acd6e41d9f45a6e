// Jobs, specs, attempts and candidate tables as the API shows them (api/openapi.yaml).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "control/state.h"
#include "model/offer.h"
#include "runtime/core.h"
#include "wire/json.h"
#include "wire/unmapped.h"

namespace dayu::rest {

// Capacity that is kept for a waiting job.
struct Claimed {
    control::ClaimRow row;
    std::string center;
};

// What the store does not know of a job: its class, and how its live attempt is.
struct LiveJob {
    JobSpec spec;
    std::optional<JobSpec> taken{};  // of the variant that has a live attempt, or had the last one
    std::optional<AttemptState> phase;
    bool contact_lost = false;
    bool cancel_requested = false;
    std::optional<Claimed> claim{};
};
LiveJob live_job(const control::State& state, JobId job, ShapeId shape);

wire::Json job_json(const journal::JobSummary& job, const LiveJob& live);
wire::Json spec_json(const JobSpec& spec);
wire::Json claim_json(const std::optional<Claimed>& claim);  // null: none
wire::Json attempt_json(const journal::AttemptSummary& attempt);
wire::Json attempts_json(const std::vector<journal::AttemptSummary>& attempts);
wire::Json candidates_json(const CandidateTable& table);

// The index of the best offer, or null when every pool has refused.
wire::Json best_offer_json(const CandidateTable& table);

// How each variant of a planned job came about; empty for all others.
wire::Json plans_json(const std::vector<WorkPlan>& plans);

// What a job file of another system said in vain; empty for Dayu's own.
wire::Json unmapped_json(const std::vector<wire::Unmapped>& unmapped);

// The small words of all resources.
wire::Json time_json(Time time);                  // null for "never"
wire::Json kwh_json(std::int64_t energy_mwh);     // "1.250000"
wire::Json milli_json(std::int64_t thousandths);  // "310.500": grams of milligrams, seconds of ms
std::int64_t whole_seconds(Duration duration);    // rounded up

template <class T>
wire::Json list_json(const std::vector<T>& values) {
    wire::Json::Array array;
    for (const T& value : values) {
        if constexpr (std::is_enum_v<T>) {
            array.emplace_back(to_string(value));
        } else {
            array.emplace_back(value);
        }
    }
    return array;
}

}  // namespace dayu::rest
