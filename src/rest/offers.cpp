// POST /v1/offers, and the dry run of a submit: what the job would get, and why not elsewhere.
#include <utility>

#include "rest/answer.h"
#include "rest/job_json.h"
#include "rest/resources.h"
#include "rest/submit.h"
#include "wire/any_job_file.h"

namespace dayu::rest {

Result<http::Response> weigh_job(Context& context, const Call& call) {
    if (const auto media = check_media_type(call.request); !media) {
        return refuse(415, media.error());
    }
    const auto known = context.registry.known();
    auto job = TRY(wire::read_any_job_file(call.request.body, known->chip_names));
    JobFile& file = job.file;
    const std::vector<WorkPlan> plans = TRY(plan_work(context, file));
    CandidateTable table;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        table = sched::weigh(core.world(), core.policy(), file.spec, system_clock().now());
    });
    return answer(wire::Json::Object{{"name", file.name},
                                     {"spec", spec_json(file.spec)},
                                     {"policy", table.policy},
                                     {"at", time_json(table.at)},
                                     {"candidates", candidates_json(table)},
                                     {"chosen", best_offer_json(table)},
                                     {"plans", plans_json(plans)},
                                     {"unmapped", unmapped_json(job.unmapped)}});
}

}  // namespace dayu::rest
