#include "rest/context.h"

#include <utility>

#include "model/check_fields.h"
#include "rest/answer.h"

namespace dayu::rest {

Context::Context(runtime::Loop& its_loop, std::string its_version,
                 std::shared_ptr<http::CertificateFiles> its_certificate,
                 notices::Desk* its_notices, runtime::ContentStore* its_contents,
                 const runtime::Optimiser* its_optimiser, Planner its_planner)
    : loop(its_loop),
      version(std::move(its_version)),
      certificate(std::move(its_certificate)),
      notices(its_notices),
      contents(its_contents),
      optimiser(its_optimiser),
      planner(std::move(its_planner)),
      head(loop.watch().newest()),
      registry(loop),
      refusals(metrics),
      event_streams(loop, registry, head),
      pump(loop, head, {&registry, &refusals, &timers, &job_waits, &event_streams, &reach}) {}

void Context::stop() {
    pump.stop();
    workers.stop();
    timers.clear();  // what waits there holds this context
    job_waits.clear();
    reach.close_all();
}

void read_later(const ContextPtr& context, Reading reading, Call call,
                const http::Responder& responder) {
    auto task = [context, reading, call = std::move(call), responder] {
        auto response = reading(*context, call);
        if (!response) context->metrics.count_refusal(response.error().code);
        responder.send(response ? std::move(*response) : refuse(response.error()));
    };
    if (context->workers.post(std::move(task))) return;
    responder.send(refuse(unavailable("server_busy", "too many reads are waiting; try again")));
}

Result<Call> in_project_asked(Call call) {
    const std::string project(call.request.query_param("project").value_or(""));
    if (project.empty()) return call;
    if (!check_name("project", project)) {
        return invalid("parameter_invalid",
                       "project: \"" + project.substr(0, 80) + "\" is no name of a project");
    }
    call.caller.actor.scope.project = project;
    return call;
}

void refuse_call(Context& context, const Caller& caller, const http::Responder& responder,
                 const Error& error) {
    context.refusals.count(caller.actor.name, error);
    responder.send(refuse(error));
}

void commit(const ContextPtr& context, const Caller& caller, control::Command command,
            const http::Responder& responder, runtime::Precondition only_if) {
    runtime::Request request{.command = std::move(command),
                             .actor = caller.actor,
                             .bodies = {},
                             .only_if = std::move(only_if)};
    context->loop.submit(std::move(request),
                         [context, caller, responder](const Result<runtime::Answer>& done) {
                             if (!done)
                                 return refuse_call(*context, caller, responder, done.error());
                             wire::Json json;
                             json["seq"] = done->seq.value;
                             responder.send(answer(json));
                         });
}

}  // namespace dayu::rest
