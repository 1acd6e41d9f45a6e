// GET /v1/jobs/{id}/wait: answered when the job has ended or the time is over.
#include <utility>

#include "rest/answer.h"
#include "rest/job_reads.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

constexpr std::int64_t max_wait_s = 50;  // below the idle time-outs of most proxies
constexpr std::int64_t default_wait_s = 30;

void show_later(const ContextPtr& context, JobId job, const http::Responder& responder) {
    const bool posted = context->workers.post([context, job, responder] {
        auto response = show_job(*context, job);
        responder.send(response ? std::move(*response) : refuse(response.error()));
    });
    if (!posted) responder.send(refuse(unavailable("server_busy", "too much is waiting")));
}

}  // namespace

// The waiter stands in line before the job is looked at, so that an end between the two is not missed.
void wait_for_job(const ContextPtr& context, Call call, const http::Responder& responder) {
    const auto job = job_in_path(call.request);
    if (!job) return refuse_call(*context, call.caller, responder, job.error());
    const auto wait_s =
        query_number(call.request, "timeout_s", {.most = max_wait_s, .otherwise = default_wait_s});
    if (!wait_s) return refuse_call(*context, call.caller, responder, wait_s.error());

    const Instant deadline = system_clock().instant() + seconds(*wait_s);
    const auto wake = [context, id = *job, responder] { show_later(context, id, responder); };
    if (!context->job_waits.add(*job, deadline, wake)) {
        return responder.send(
            refuse(exhausted("too_many_waits", std::to_string(max_job_waits) +
                                                   " requests wait for jobs already; try again")));
    }
    context->workers.post([context, id = *job, responder] {
        const auto summary = find_job(*context, id);
        if (!summary) return responder.send(refuse(summary.error()));
        if (is_terminal(summary->state)) show_later(context, id, responder);
    });
}

}  // namespace dayu::rest
