// /v1/hooks: whom to tell what happens in the caller's project, or in the one that the query names. Addresses and secrets only come in; one that the server made goes
// out once, in the answer that sets it.
#include <future>
#include <utility>

#include "notices/desk.h"
#include "rest/answer.h"
#include "rest/job_json.h"
#include "rest/resources.h"
#include "wire/json_fields.h"

namespace dayu::rest {
namespace {

using wire::Json;

struct HookRequest {
    HookKind kind = HookKind::webhook;
    std::string url;
    std::string secret;
    std::vector<NoticeTopic> events{NoticeTopic::job_ended, NoticeTopic::job_held,
                                    NoticeTopic::center_lost, NoticeTopic::center_back};
    NoticeLanguage language = NoticeLanguage::zh;
    HookFilter filter;
    static constexpr auto fields() {
        return field_list(
            Field{"kind", &HookRequest::kind}, Field{"url", &HookRequest::url},
            Field{"secret", &HookRequest::secret}, Field{"events", &HookRequest::events},
            Field{"language", &HookRequest::language}, Field{"filter", &HookRequest::filter});
    }
};

Result<notices::Desk*> desk_of(const Context& context) {
    if (context.notices != nullptr) return context.notices;
    return unavailable("hooks_not_served", "this server tells no hooks: it has no folder");
}

control::ScopedName named(const Call& call) {
    return {.scope = call.caller.actor.scope, .name = call.request.param("name")};
}

Json delivery_json(const std::optional<notices::Delivery>& delivery) {
    if (!delivery) return {};
    const std::string& error = delivery->last_error;
    return Json::Object{{"waiting", delivery->waiting},
                        {"delivered", delivery->delivered},
                        {"given_up", delivery->given_up},
                        {"failures", delivery->failures},
                        {"failing_since", time_json(delivery->failing_since)},
                        {"last_delivered", time_json(delivery->last_delivered)},
                        {"next_try", time_json(delivery->next_try)},
                        {"last_error", error.empty() ? Json() : Json(error)}};
}

Json hook_json(const control::HookRow& row, const std::optional<notices::Delivery>& delivery) {
    const HookFilter& filter = row.hook.filter;
    return Json::Object{{"name", row.hook.name},
                        {"kind", to_string(row.hook.kind)},
                        {"host", row.hook.host},
                        {"events", list_json(row.hook.events)},
                        {"language", to_string(row.hook.language)},
                        {"filter", Json::Object{{"owner", filter.owner},
                                                {"name", filter.name},
                                                {"failures_only", filter.failures_only}}},
                        {"set", time_json(row.set)},
                        {"by", row.by},
                        {"suspended", row.suspended ? Json(to_string(*row.suspended)) : Json()},
                        {"changed", time_json(row.changed)},
                        {"delivery", delivery_json(delivery)}};
}

Result<runtime::Answer> commit_and_wait(Context& context, const Call& call,
                                        control::Command command) {
    std::promise<Result<runtime::Answer>> promise;
    context.loop.submit({.command = std::move(command), .actor = call.caller.actor, .bodies = {}},
                        [&](Result<runtime::Answer> done) { promise.set_value(std::move(done)); });
    return promise.get_future().get();
}

}  // namespace

Result<http::Response> list_hooks(Context& context, const Call& asked) {
    const Call call = TRY(in_project_asked(asked));
    std::vector<std::pair<control::ScopedName, control::HookRow>> rows;
    const Scope& scope = call.caller.actor.scope;
    context.loop.read_and_wait([&](const runtime::Core& core) {
        const auto& hooks = core.state().hooks.rows();
        for (auto at = hooks.lower_bound({.scope = scope, .name = {}});
             at != hooks.end() && at->first.scope == scope; ++at) {
            rows.emplace_back(*at);
        }
    });
    Json::Array hooks;
    for (const auto& [name, row] : rows) {
        const bool told = context.notices != nullptr && !row.suspended;
        hooks.push_back(hook_json(row, told ? context.notices->delivery(name) : std::nullopt));
    }
    return answer(Json::Object{{"hooks", std::move(hooks)}});
}

Result<http::Response> set_hook(Context& context, const Call& asked) {
    const Call call = TRY(in_project_asked(asked));
    notices::Desk* desk = TRY(desk_of(context));
    HookRequest body;
    TRY(wire::from_json(TRY(wire::parse_json(call.request.body)), body));
    Hook hook{.name = call.request.param("name"),
              .kind = body.kind,
              .host = "unresolved",
              .events = std::move(body.events),
              .language = body.language,
              .filter = std::move(body.filter)};
    TRY(validate(hook));  // before anything is sealed
    const bool has_secret = !body.secret.empty();
    notices::Desk::Sealed sealed = TRY(desk->seal(
        named(call), hook.kind, {.url = std::move(body.url), .secret = std::move(body.secret)}));
    hook.host = std::move(sealed.host);
    const runtime::Answer done = TRY(commit_and_wait(
        context, call,
        control::SetHook{.hook = std::move(hook), .sealed = std::move(sealed.name)}));
    const bool made = !has_secret && !sealed.secret.empty();
    return answer(Json::Object{{"seq", done.seq.value},
                               {"secret", made ? Json(std::move(sealed.secret)) : Json()}});
}

void remove_hook(const ContextPtr& context, Call asked, const http::Responder& responder) {
    const auto call = in_project_asked(asked);
    if (!call) return refuse_call(*context, asked.caller, responder, call.error());
    commit(context, call->caller, control::RemoveHook{.name = call->request.param("name")},
           responder);
}

void resume_hook(const ContextPtr& context, Call asked, const http::Responder& responder) {
    const auto call = in_project_asked(asked);
    if (!call) return refuse_call(*context, asked.caller, responder, call.error());
    commit(context, call->caller, control::ResumeHook{.name = call->request.param("name")},
           responder);
}

Result<http::Response> test_hook(Context& context, const Call& asked) {
    const Call call = TRY(in_project_asked(asked));
    notices::Desk* desk = TRY(desk_of(context));
    const notices::Trial trial = TRY(desk->try_out(named(call)));
    const notices::Sent& sent = trial.sent;
    const bool delivered = sent.judgement.verdict == notices::Verdict::delivered;
    return answer(Json::Object{{"delivered", delivered},
                               {"status", sent.status == 0 ? Json() : Json(sent.status)},
                               {"error", delivered ? Json() : Json(sent.judgement.why)},
                               {"took_ms", trial.took_ms}});
}

}  // namespace dayu::rest
