// POST /v1/centers/{name}/fence, drain, resume, exclude and include: what an operator decides about a centre
// or one of its nodes.
#include <string>
#include <utility>

#include "rest/answer.h"
#include "rest/entity_tag.h"
#include "rest/resources.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

constexpr std::size_t max_reason_bytes = 1000;

struct ReasonBody {
    std::string reason;
    static constexpr auto fields() { return field_list(Field{"reason", &ReasonBody::reason}); }
};

struct NodeBody {
    std::string node;
    std::string reason;
    static constexpr auto fields() {
        return field_list(Field{"node", &NodeBody::node}, Field{"reason", &NodeBody::reason});
    }
};

enum class Need : std::uint8_t { reason, no_reason };

template <class Body>
Result<Body> read_body(const http::Request& request, Need need) {
    Body body;
    TRY(wire::from_json(TRY(wire::parse_json(request.body)), body));
    const bool is_missing = need == Need::reason && body.reason.empty();
    if (!is_missing && body.reason.size() <= max_reason_bytes) return body;
    return invalid("reason_missing", "reason: says in 1 to " + std::to_string(max_reason_bytes) +
                                         " bytes why; it is kept in the journal");
}

Result<NodeBody> read_node(const http::Request& request, Need need) {
    NodeBody body = TRY(read_body<NodeBody>(request, need));
    if (!body.node.empty()) return body;
    return invalid("node_missing",
                   "node: names one of the centre's, as \"POOL/NUMBER\"; numbers begin at 0");
}

// If-Match speaks of the centre as GET /v1/centers/{name} showed it.
void change_center(const ContextPtr& context, const Call& call, const http::Responder& responder,
                   control::Command command) {
    auto only_if = precondition(call.request,
                                [name = call.request.param("name")](const control::State& state) {
                                    return version_of_center(state, name);
                                });
    if (!only_if) return refuse_call(*context, call.caller, responder, only_if.error());
    commit(context, call.caller, std::move(command), responder, std::move(*only_if));
}

}  // namespace

void fence_center(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto body = read_body<ReasonBody>(call.request, Need::reason);
    if (!body) return refuse_call(*context, call.caller, responder, body.error());
    change_center(
        context, call, responder,
        control::FenceCenter{.center = call.request.param("name"), .reason = body->reason});
}

void drain_center(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto body = read_body<ReasonBody>(call.request, Need::reason);
    if (!body) return refuse_call(*context, call.caller, responder, body.error());
    change_center(
        context, call, responder,
        control::DrainCenter{.center = call.request.param("name"), .reason = body->reason});
}

void resume_center(const ContextPtr& context, Call call, const http::Responder& responder) {
    change_center(context, call, responder,
                  control::ResumeCenter{.center = call.request.param("name")});
}

void exclude_node(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto body = read_node(call.request, Need::reason);
    if (!body) return refuse_call(*context, call.caller, responder, body.error());
    change_center(
        context, call, responder,
        control::ExcludeNode{
            .center = call.request.param("name"), .node = body->node, .reason = body->reason});
}

void include_node(const ContextPtr& context, Call call, const http::Responder& responder) {
    auto body = read_node(call.request, Need::no_reason);
    if (!body) return refuse_call(*context, call.caller, responder, body.error());
    change_center(
        context, call, responder,
        control::IncludeNode{
            .center = call.request.param("name"), .node = body->node, .reason = body->reason});
}

}  // namespace dayu::rest
