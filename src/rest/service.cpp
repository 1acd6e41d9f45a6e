#include "rest/service.h"

#include <utility>

#include "http/router.h"
#include "rest/answer.h"
#include "rest/context.h"
#include "rest/resources.h"

namespace dayu::rest {
namespace {

using control::Role;
using Direct = void (*)(const ContextPtr&, Call, const http::Responder&);

Error role_forbidden(Role role) {
    return denied("role_forbidden", role == Role::agent
                                        ? "an agent's token opens what lies below /v1/agent/ alone"
                                        : "what lies below /v1/agent/ takes the token of an agent");
}

// The routes behind a token: who calls is found out first.
class Guarded {
   public:
    Guarded(http::Router& router, ContextPtr context)
        : router_(router), context_(std::move(context)) {}

    Guarded& add(Role role, std::string_view method, std::string_view pattern, Direct handler) {
        router_.add(method, pattern,
                    [context = context_, role, handler](http::Request&& request,
                                                        const http::Responder& responder) {
                        call(context, role, handler, std::move(request), responder);
                    });
        return *this;
    }
    Guarded& add(std::string_view method, std::string_view pattern, Reading reading) {
        router_.add(method, pattern,
                    [context = context_, reading](http::Request&& request,
                                                  const http::Responder& responder) {
                        const auto later = [reading](const ContextPtr& its, Call call,
                                                     const http::Responder& to) {
                            read_later(its, reading, std::move(call), to);
                        };
                        call(context, Role::operator_, later, std::move(request), responder);
                    });
        return *this;
    }

   private:
    template <class Handler>
    static void call(const ContextPtr& context, Role role, const Handler& handler,
                     http::Request&& request, const http::Responder& responder) {
        auto caller = identify(*context->registry.known(), request);
        if (!caller) {
            context->refusals.count(request.peer.substr(0, request.peer.rfind(':')),
                                    caller.error());
            return responder.send(unauthorized(caller.error()));
        }
        if (caller->role != role) {
            return refuse_call(*context, *caller, responder, role_forbidden(caller->role));
        }
        handler(context, Call{std::move(request), std::move(*caller)}, responder);
    }

    http::Router& router_;
    ContextPtr context_;
};

void add_guarded(http::Router& router, const ContextPtr& context) {
    const Role user = Role::operator_;
    Guarded(router, context)
        .add(user, "POST", "/v1/jobs", submit_job)
        .add(user, "POST", "/v1/jobs:batch", submit_batch)
        .add("GET", "/v1/jobs", list_jobs)
        .add("GET", "/v1/jobs/{id}", describe_job)
        .add(user, "POST", "/v1/jobs/{id}/cancel", cancel_job)
        .add(user, "POST", "/v1/jobs/{id}/hold", hold_job)
        .add(user, "POST", "/v1/jobs/{id}/release", release_job)
        .add(user, "POST", "/v1/jobs/{id}/requeue", requeue_job)
        .add(user, "POST", "/v1/arrays/{id}/cancel", cancel_array)
        .add(user, "POST", "/v1/arrays/{id}/hold", hold_array)
        .add(user, "POST", "/v1/arrays/{id}/release", release_array)
        .add(user, "POST", "/v1/arrays/{id}/requeue", requeue_array)
        .add("GET", "/v1/jobs/{id}/explain", explain_job)
        .add(user, "GET", "/v1/jobs/{id}/wait", wait_for_job)
        .add(user, "GET", "/v1/jobs/{id}/log", read_job_log)
        .add("GET", "/v1/jobs/{id}/outputs", list_job_outputs)
        .add(user, "POST", "/v1/jobs/{id}/reach", reach_job)
        .add(user, "POST", "/v1/reach/{session}/in", write_reach)
        .add(user, "GET", "/v1/reach/{session}/out", read_reach)
        .add(user, "POST", "/v1/reach/{session}/close", close_reach)
        .add("POST", "/v1/offers", weigh_job)
        .add("GET", "/v1/centers", list_centers)
        .add(user, "POST", "/v1/centers/{name}/fence", fence_center)
        .add(user, "POST", "/v1/centers/{name}/drain", drain_center)
        .add(user, "POST", "/v1/centers/{name}/resume", resume_center)
        .add("GET", "/v1/chips", list_chips)
        .add("GET", "/v1/secrets", list_secrets)
        .add("PUT", "/v1/secrets/{name}", set_secret)
        .add(user, "DELETE", "/v1/secrets/{name}", remove_secret)
        .add(user, "GET", "/v1/events", read_events)
        .add(Role::agent, "GET", "/v1/agent/reach", poll_reach)
        .add(Role::agent, "GET", "/v1/agent/reach/{session}/in", read_reach)
        .add(Role::agent, "POST", "/v1/agent/reach/{session}/out", write_reach)
        .add(Role::agent, "POST", "/v1/agent/sync", sync_agent)
        .add("GET", "/metrics", read_metrics);
}

void add_open(http::Router& router, const ContextPtr& context, const std::string& version) {
    const auto say = [](wire::Json::Object json) {
        return [json](http::Request&&, const http::Responder& responder) {
            responder.send(answer(json));
        };
    };
    router.add("GET", "/healthz", say({{"status", "ok"}}));
    router.add("GET", "/v1/version", say({{"version", version}, {"api", "v1"}}));
    router.add("GET", "/readyz", [context](http::Request&&, const http::Responder& responder) {
        if (context->loop.writable())
            return responder.send(answer(wire::Json::Object{{"status", "ready"}}));
        responder.send(refuse(
            unavailable("not_writable",
                        "the journal cannot be written, so nothing is accepted; is the disk of "
                        "the data folder full? It goes on by itself when there is room")));
    });
}

}  // namespace

Service::Service(std::shared_ptr<Context> context, std::unique_ptr<http::Server> server)
    : context_(std::move(context)), server_(std::move(server)) {}

Service::~Service() {
    server_->stop();
    context_->stop();
}

const std::string& Service::address() const { return server_->address(); }
std::string Service::url() const { return server_->url(); }

Result<std::unique_ptr<Service>> serve(runtime::Loop& loop, const Options& options) {
    const auto context = std::make_shared<Context>(loop, options.version);
    http::Router router;
    add_guarded(router, context);
    add_open(router, context, options.version);
    router.observe(
        [context](const http::Answered& answered) { context->metrics.count_request(answered); });
    auto server = http::Server::start(
        {.address = options.listen, .threads = options.threads, .tls = options.tls},
        std::move(router).into_handler());
    if (!server) {
        context->stop();
        return server.error();
    }
    return std::unique_ptr<Service>(new Service(context, std::move(*server)));
}

}  // namespace dayu::rest
