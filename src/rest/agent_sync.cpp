// POST /v1/agent/sync: one round trip of an agent. Newer agents may say more than we know.
#include <utility>

#include "model/agent_messages.h"
#include "rest/answer.h"
#include "rest/resources.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

Result<SyncRequest> read_request(const http::Request& request) {
    SyncRequest sync;
    TRY(wire::from_json(TRY(wire::parse_json(request.body)), sync, {.ignore_unknown_keys = true}));
    return sync;
}

http::Response sync_response(const SyncReply& reply) {
    std::string json;
    wire::write_json(json, reply);
    return answer_text(std::move(json));
}

}  // namespace

void sync_agent(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto sync = read_request(call.request);
    if (!sync) return refuse_call(*context, call.caller, responder, sync.error());
    // On the control thread: a long reply is rendered by a worker.
    const auto on_reply = [context, caller = call.caller,
                           responder](const Result<SyncReply>& reply) {
        if (!reply) return refuse_call(*context, caller, responder, reply.error());
        const bool posted = context->workers.post(
            [responder, said = *reply] { responder.send(sync_response(said)); });
        if (!posted) responder.send(sync_response(*reply));
    };
    context->loop.sync(std::move(*sync), call.caller.actor, on_reply);
}

}  // namespace dayu::rest
