// What several resources read of a job.
#pragma once

#include <optional>

#include "http/message.h"
#include "model/offer.h"
#include "rest/context.h"
#include "wire/json.h"

namespace dayu::rest {

// From the projections, or `job_unknown`.
Result<journal::JobSummary> find_job(Context& context, JobId job);

// The candidate table that a placement points at, as the journal has it.
Result<CandidateTable> read_table(Context& context, Seq seq);

// What the job took along, or null; null too once its body was erased.
Result<wire::Json> read_workdir(Context& context, const BodyRef& body);

// The job as lists show it.
Result<http::Response> show_job(Context& context, JobId job);

}  // namespace dayu::rest
