// POST /v1/agent/sync: one round trip of an agent. Newer agents may say more than we know.
#include <algorithm>
#include <utility>

#include "model/agent_messages.h"
#include "model/check_fields.h"
#include "rest/answer.h"
#include "rest/resources.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

constexpr std::size_t max_agent_bytes = 256;  // of its name, and of its installation

// An installation without a name would be the one that no lease names.
Result<SyncRequest> read_request(const http::Request& request) {
    SyncRequest sync;
    TRY(wire::from_json(TRY(wire::parse_json(request.body)), sync, {.ignore_unknown_keys = true}));
    TRY(check_label("agent", sync.agent, max_agent_bytes));
    TRY(check_label("installation", sync.installation, max_agent_bytes));
    if (sync.incarnation == 0 || sync.number == 0)
        return invalid("value_missing", "incarnation, number: both count from 1");
    return sync;
}

// The agent compares its clock with these two times, however long the answer was held back.
http::Response sync_response(SyncReply reply, Time received) {
    reply.received = received;
    reply.sent = system_clock().now();
    std::string json;
    wire::write_json(json, reply);
    return answer_text(std::move(json));
}

// A token that is bound to centres speaks for those alone.
Result<void> check_centers(const Caller& caller, const SyncRequest& request) {
    if (caller.centers.empty()) return {};
    for (const Center& center : request.centers) {
        if (std::ranges::find(caller.centers, center.name) != caller.centers.end()) continue;
        return denied("center_of_another_token", "the token of " + caller.actor.name +
                                                     " does not speak for centre \"" + center.name +
                                                     "\"; an operator can create one that does");
    }
    return {};
}

}  // namespace

void sync_agent(const ContextPtr& context, Call call, const http::Responder& responder) {
    const Time received = system_clock().now();
    auto sync = read_request(call.request);
    if (!sync) return refuse_call(*context, call.caller, responder, sync.error());
    const auto spoken = check_centers(call.caller, *sync);
    if (!spoken) return refuse_call(*context, call.caller, responder, spoken.error());
    // On the control thread: a long reply is rendered by a worker.
    const auto on_reply = [context, caller = call.caller, responder,
                           received](const Result<SyncReply>& reply) {
        if (!reply) return refuse_call(*context, caller, responder, reply.error());
        const bool posted = context->workers.post([responder, said = *reply, received] {
            responder.send(sync_response(said, received));
        });
        if (!posted) responder.send(sync_response(*reply, received));
    };
    context->loop.sync(std::move(*sync), call.caller.actor, on_reply);
}

}  // namespace dayu::rest
