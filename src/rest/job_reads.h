// What several resources read of a job.
#pragma once

#include <map>
#include <optional>

#include "http/message.h"
#include "model/offer.h"
#include "rest/context.h"
#include "rest/job_json.h"
#include "wire/json.h"

namespace dayu::rest {

// From the projections, or `job_unknown`.
Result<journal::JobSummary> find_job(Context& context, JobId job);

// The candidate table that a placement points at, as the journal has it.
Result<CandidateTable> read_table(Context& context, Seq seq);

// Of jobs that have ended and had a choice: State no longer knows which of their variants ran, but the tables do that their
// placements point at. Jobs of a round share a table, which is read once.
class TakenVariants {
   public:
    explicit TakenVariants(Context& context) : context_(context) {}

    // Any other job is left as it is, and so is one whose table cannot be read: describing the job says why.
    void find(const journal::JobSummary& job, LiveJob& live);

   private:
    Result<VariantIndex> of_latest_attempt(JobId job);

    Context& context_;
    std::map<Seq, CandidateTable> tables_;
};

// What the job took along, or null; null too once its body was erased.
Result<wire::Json> read_workdir(Context& context, const BodyRef& body);

// The job as lists show it.
Result<http::Response> show_job(Context& context, JobId job);

}  // namespace dayu::rest
